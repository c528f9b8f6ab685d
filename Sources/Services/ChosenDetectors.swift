public import Detectors
import Diagnostics
public import Examiners
public import ForeignDetectors
public import Scanning

/// Whoever judges pixels: the shipped detector, or one with weights of the user's, and networks of others beside it.
public struct ChosenDetectors: Sendable {
  /// Weights of the user's own; nil for the shipped ones.
  public let own: Detector?
  public let foreign: [ForeignDetector]

  /// - Parameter paths: weights, at most one file, and models in ONNX.
  /// - Throws: `DetectorError` or `ForeignDetectorError` for what cannot be used.
  public init(_ paths: [String]) throws {
    let models = paths.filter { $0.lowercased().hasSuffix(".onnx") }
    let weights = paths.filter { !models.contains($0) }
    guard weights.count <= 1 else {
      throw DetectorError(
        code: "detector.several", location: .init(file: weights[1]),
        message: "one detector of this kind judges at a time",
        remedy: "name one weight file, and models in ONNX beside it")
    }
    own = try weights.first.map { try EvaluationJob.detector(weights: $0) }
    let opened = try models.map { try ForeignDetector(path: $0) }
    let twice = opened.first { model in
      opened.count { $0.description.slug == model.description.slug } > 1
    }
    if let twice {
      throw DetectorError(
        code: "detector.name", location: .init(file: twice.path),
        message: "two models have the name \(twice.description.slug)",
        remedy: "change one of the names in the descriptions")
    }
    foreign = opened
  }

  /// Whoever judges, as examiners: the shipped weights are read with the first picture that needs them.
  public func examiners(namesSimilar: Bool = false) -> (own: DetectorExaminer, foreign: [any Examiner]) {
    let first: DetectorExaminer
    if let own {
      first = DetectorExaminer(detector: .success(own), namesSimilar: namesSimilar)
    } else {
      first = DetectorExaminer(namesSimilar: namesSimilar)
    }
    return (first, foreign.map(ForeignDetectorExaminer.init))
  }
}
