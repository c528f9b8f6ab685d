import ImageFormats
public import Scanning

/// Reads what the program that made the picture wrote down about the visible label it drew.
///
/// A label in pictures of others cannot be read: where nothing is written down, nothing is known.
public struct LabelExaminer: Examiner {
  public let kind = ExaminerKind.provenance
  package static let method = "label.recorded"

  public init() {}

  public func examine(_ examination: Examination) throws -> Findings {
    Findings(evidence: [Self.evidence(LabelRecord.Statement(try examination.metadata()))])
  }

  private static func evidence(_ statement: LabelRecord.Statement?) -> Evidence {
    switch statement {
    case nil:
      Evidence(
        method: method, class: .context, result: .notEvaluated, summary: "no record of a visible label",
        reason: "labels in pictures of other programs cannot be read")
    case .notDrawn:
      Evidence(
        method: method, class: .context, result: .absent,
        summary: "the program that made the picture drew no visible label")
    case .drawn(let record):
      Evidence(
        method: method, class: .context, result: .found, strength: .weak,
        summary:
          "the program that made the picture drew the visible label “\(MarksExaminer.plain(record.text))”",
        detail: .label(
          .init(
            text: MarksExaminer.plain(record.text), heightShare: record.heightShare,
            contrast: record.contrast, isAtEdge: record.isAtEdge)),
        location: EvidenceLocation(region: record.region),
        reason: "who crops the picture and keeps its metadata cuts the label and not the record")
    }
  }
}
