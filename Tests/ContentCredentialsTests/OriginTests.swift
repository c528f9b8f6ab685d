import ContentCredentials
import Testing

/// What digital source types say of a whole picture, over its history.
///
/// Source: IPTC NewsCodes, digitalsourcetype: trainedAlgorithmicMedia is "created using generative AI" as a whole;
/// compositeWithTrainedAlgorithmicMedia is "edited using generative AI", a mix with an element that is not. C2PA's
/// conformance programme (asset rubrics, 6 August 2026) takes the inception from the type of created or opened at
/// the history's root, and counts a type on a later action as a transformation of it.
struct OriginTests {
  private static let vocabulary = "http://cv.iptc.org/newscodes/digitalsourcetype/"

  private static func manifest(_ depth: Int, _ actions: (name: String, type: String?)...) -> ManifestReport {
    var report = ManifestReport(label: "urn:c2pa:\(depth)", depth: depth)
    report.actions = actions.map { action in
      ActionReport(action: "c2pa.\(action.name)", digitalSourceType: action.type.map { vocabulary + $0 })
    }
    return report
  }

  private static let edit = manifest(
    0, ("opened", nil), ("edited", "compositeWithTrainedAlgorithmicMedia"))

  @Test func `an AI edit is an edit, of a photograph and of a parent that says nothing`() {
    let camera = Self.manifest(1, ("created", "digitalCapture"))
    #expect(OriginSummary([(Self.edit, true), (camera, true)]).kind == .editedWithAI)
    #expect(OriginSummary([(Self.edit, true)]).kind == .editedWithAI)
    #expect(
      OriginSummary([(Self.edit, true), (Self.manifest(1, ("created", nil)), true)]).kind == .editedWithAI)
    let created = Self.manifest(0, ("created", "compositeWithTrainedAlgorithmicMedia"))
    #expect(OriginSummary([(created, true)]).kind == .editedWithAI)
  }

  /// As in Gemini's files, where the root two manifests down says that the whole was generated.
  @Test func `an AI edit of a generated picture leaves it generated, and the root is what decides`() {
    let summary = OriginSummary([
      (Self.edit, true), (Self.manifest(1, ("opened", nil)), true),
      (Self.manifest(2, ("created", "trainedAlgorithmicMedia")), true),
    ])
    #expect(summary.kind == .generated && summary.depth == 2)
    #expect(summary.digitalSourceType == Self.vocabulary + "trainedAlgorithmicMedia")
  }

  @Test func `a generated part or step does not make the whole generated`() {
    let camera = Self.manifest(0, ("created", "digitalCapture"), ("placed", nil))
    let part = Self.manifest(1, ("created", "trainedAlgorithmicMedia"))
    #expect(OriginSummary([(camera, true), (part, false)]).kind == .editedWithAI)
    let filled = Self.manifest(0, ("opened", nil), ("edited", "trainedAlgorithmicMedia"))
    #expect(OriginSummary([(filled, true)]).kind == .editedWithAI)
  }

  @Test func `a captured part does not make the whole captured`() {
    let collage = Self.manifest(0, ("created", "digitalCreation"), ("placed", nil))
    let part = Self.manifest(1, ("created", "digitalCapture"))
    #expect(OriginSummary([(collage, true), (part, false)]).kind == .unknown)
  }
}
