public import Scanning

/// Notes each picture's perceptual hash, so that an audit can find near-duplicates without decoding again.
public struct PerceptualHashExaminer: Examiner {
  public let kind = ExaminerKind.spectra
  private static let method = "pixels.perceptualHash"

  public init() {}

  public func examine(_ examination: Examination) throws -> Findings {
    let hash = PerceptualHash(try examination.luminance())
    return Findings(evidence: [
      Evidence(
        method: Self.method, class: .context, result: .found, strength: .weak,
        summary: "Perceptual hash \(hash.hex)", detail: .perceptualHash(.init(hash: hash.hex)))
    ])
  }

  /// The hash among a scan's evidence, if the picture was decoded.
  public static func hash(in evidence: [Evidence]) -> PerceptualHash? {
    evidence.lazy.compactMap(\.perceptualHash).first.flatMap(PerceptualHash.init(hex:))
  }
}
