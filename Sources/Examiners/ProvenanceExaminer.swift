import ImageFormats
import Provenance
public import Scanning

/// What the file says of itself.
public struct ProvenanceExaminer: Examiner {
  public init() {}

  public var kind: ExaminerKind { .provenance }

  public func examine(_ examination: Examination) throws -> Findings {
    let metadata = try examination.metadata()
    let container = try examination.container()
    let signs = ProvenanceReader.signs(
      in: examination.file, container: container, metadata: metadata,
      image: {
        // What is signed or hidden in pixels is not in their means.
        let decoded = try examination.decoded()
        guard let reduction = decoded.reduction else { return decoded.image }
        throw ImageFormatError(
          code: "limit.held", location: .init(file: examination.file.path?.display),
          message: "\(reduction.width)×\(reduction.height) pixels are too many to be held",
          remedy: "reduce the picture first")
      })
    var evidence = signs.map(\.evidence)
    if !evidence.contains(where: { $0.origin == .generated || $0.origin == .edited }) {
      evidence.append(
        container.mayLackMetadata
          ? Evidence(
            method: "provenance", class: .declared, result: .notEvaluated,
            summary: "whether the file's metadata declare AI origin is not known",
            reason: "the file ends early, and what is missing may have held some")
          : Evidence(
            method: "provenance", class: .declared, result: .absent,
            summary: "no metadata declares AI origin; most software strips it"))
    }
    // Faults of the container are the file's; the scanner reports them.
    let faults = metadata.warnings.filter { !container.warnings.contains($0) }
    return Findings(
      evidence: evidence,
      warnings: faults.map { fault in fault.message + (fault.location.place.map { " (\($0))" } ?? "") })
  }
}
