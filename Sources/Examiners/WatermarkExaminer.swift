import Images
public import Scanning
public import Watermarks

/// Reads the open watermarks: `dwtDct` and `dwtDctSvd` blindly, and Assay's own.
///
/// A published payload of a generator says that the generator's code marked the picture; anybody can write
/// it, so it is of medium strength. Any other payload identifies the picture and says nothing of AI.
///
/// Assay's own mark is looked for on the picture's own grid, in eight orientations: the search over scales and
/// angles costs four times as much and is left to `assay watermark read`.
public struct WatermarkExaminer: Examiner {
  private let reader: OpenMarkReader

  /// - Parameters:
  ///   - key: the key of Assay's own mark.
  ///   - effort: how far that mark is searched for; a scan of many files has no time for every scale and rotation.
  public init(key: MarkKey = .open, effort: AssayMark.Effort = .ownGrid) {
    reader = OpenMarkReader(key: key, effort: effort)
  }

  public var kind: ExaminerKind { .watermark }

  public func examine(_ examination: Examination) throws -> Findings {
    let image = try examination.fineImage()
    let (own, foreign) = reader.read(image)
    let found = (foreign.marks + own.marks).map(Self.evidence)
    guard found.isEmpty else { return Findings(evidence: found) }
    if let reason = foreign.notEvaluable, let ownReason = own.notEvaluable {
      return Findings(evidence: [
        Evidence(
          method: "watermark.open", class: .watermark, result: .notEvaluated,
          summary: "no open watermark could show in this picture",
          reason: reason == ownReason ? reason : "\(reason); \(ownReason)")
      ])
    }
    return Findings(evidence: [
      Evidence(
        method: "watermark.open", class: .watermark, result: .absent,
        summary:
          "no open watermark (dwtDct, dwtDctSvd, Assay's); not searched: Assay's in resized or turned copies, and closed ones, which cannot be read offline",
        reason: foreign.notEvaluable ?? own.notEvaluable)
    ])
  }

  private static func evidence(_ mark: Mark) -> Evidence {
    let agreement = Int((mark.bitAgreement * 100).rounded())
    var detail = Evidence.Detail.Watermark()
    detail.payloadHex = mark.payload.hex
    detail.bits = mark.payload.count
    detail.pValue = mark.pValue
    detail.bitAgreement = mark.bitAgreement
    var geometry = Evidence.Detail.Watermark.Geometry()
    geometry.scale = mark.geometry.scale
    geometry.rotation = mark.geometry.rotation
    geometry.offsetX = mark.geometry.offset.x
    geometry.offsetY = mark.geometry.offset.y
    geometry.isMirrored = mark.geometry.mirrored
    detail.geometry = geometry
    detail.runnerUp = mark.runnerUp.map {
      .init(payloadHex: $0.payload.hex, pValue: $0.pValue, bitAgreement: $0.bitAgreement)
    }
    let payload = mark.payloadName.map { "the payload of \($0)" } ?? "\(mark.payload.count) bits of its own"
    return Evidence(
      method: "watermark.\(mark.scheme)", class: .watermark, result: .found,
      strength: mark.payloadName == nil ? .weak : .medium,
      summary:
        "\(mark.scheme == "assay" ? "an" : "a") \(mark.scheme) watermark carries \(payload); \(agreement) % of its bits agree",
      origin: mark.payloadName == nil ? nil : .generated, generator: mark.payloadName,
      detail: .watermark(detail),
      reason: mark.payloadName == nil
        ? "the payload identifies the picture and says nothing of AI"
        : "the payload is public, so anybody can write it")
  }
}
