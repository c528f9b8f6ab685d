/// Turns evidence into an outcome, by rank of evidence rather than by adding it up.
///
/// The first row that applies decides. "AI" is an origin of generated or edited; only evidence that was
/// found counts; all but verified evidence must be at least of medium strength.
///
/// | what was found                                                          | outcome               |
/// |-------------------------------------------------------------------------|-----------------------|
/// | verified capture, and AI by any class other than verified editing        | `conflicting`         |
/// | verified AI generation, and a strong declaration of capture              | `conflicting`         |
/// | verified AI generation                                                   | `aiGeneratedVerified` |
/// | verified AI editing                                                      | `aiEditedVerified`    |
/// | something signed, and not any more as it was signed                      | `altered`             |
/// | strong declarations of capture and of AI generation                      | `conflicting`         |
/// | declared AI                                                              | `aiDeclared`          |
/// | a decoded AI watermark, and a strong declaration of capture              | `conflicting`         |
/// | a decoded AI watermark                                                   | `aiWatermarked`       |
/// | statistical AI, and a strong declaration of capture                      | `conflicting`         |
/// | statistical AI                                                           | `aiIndicated`         |
/// | verified capture                                                         | `captureVerified`     |
/// | nothing, and an examiner abstained                                       | `inconclusive`        |
/// | nothing                                                                  | `noIndication`        |
///
/// What is altered may declare AI as well: ``outcomeBesides(_:)`` says what the other signs come to, headlines name
/// both, and so do gates.
///
/// A camera's EXIF is at most of medium strength, so it contradicts nobody; only an explicit statement
/// such as IPTC `digitalCapture` is a strong declaration of capture. Verified editing of a capture is no
/// contradiction: that is what such a photo's history says.
public enum Verdict {
  /// What the signs of an altered file come to apart from the alteration; `noIndication` where they say nothing.
  public static func outcomeBesides(_ evidence: [Evidence]) -> Outcome {
    outcome(
      of: evidence.map { item in
        var item = item
        item.alteration = nil
        return item
      })
  }

  /// - Parameters:
  ///   - evidence: everything the examiners returned, in any order.
  ///   - abstained: whether an examiner that could have decided said that it cannot.
  public static func outcome(of evidence: [Evidence], abstained: Bool = false) -> Outcome {
    func found(_ kind: Evidence.Class, _ origins: Set<Evidence.Origin>, atLeast floor: Evidence.Strength)
      -> Bool
    {
      evidence.contains { item in
        guard item.class == kind, item.result == .found, let origin = item.origin else { return false }
        return origins.contains(origin) && (item.strength ?? .weak) >= floor
      }
    }
    let ai: Set<Evidence.Origin> = [.generated, .edited]
    let verifiedGeneration = found(.verified, [.generated], atLeast: .weak)
    let verifiedEditing = found(.verified, [.edited], atLeast: .weak)
    let verifiedCapture = found(.verified, [.captured], atLeast: .weak)
    let declaredCapture = found(.declared, [.captured], atLeast: .strong)
    let declared = found(.declared, ai, atLeast: .medium)
    let watermarked = found(.watermark, ai, atLeast: .medium)
    let indicated = found(.statistical, ai, atLeast: .medium)

    if verifiedCapture && (verifiedGeneration || (!verifiedEditing && (declared || watermarked || indicated)))
    {
      return .conflicting
    }
    if verifiedGeneration { return declaredCapture ? .conflicting : .aiGeneratedVerified }
    if verifiedEditing { return .aiEditedVerified }
    if evidence.contains(where: { $0.result == .found && $0.alteration != nil }) { return .altered }
    if declaredCapture && found(.declared, [.generated], atLeast: .strong) { return .conflicting }
    if declared { return .aiDeclared }
    if watermarked { return declaredCapture ? .conflicting : .aiWatermarked }
    if indicated { return declaredCapture ? .conflicting : .aiIndicated }
    if verifiedCapture { return .captureVerified }
    return abstained ? .inconclusive : .noIndication
  }
}
