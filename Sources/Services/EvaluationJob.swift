public import Detectors
import Diagnostics
public import Evaluation
import Foundation
import ImageFormats
public import Reports

/// A measurement of the detector on pictures whose origin is known.
public struct EvaluationJob: Sendable {
  private let pictures: EvaluationSet
  private let name: String
  private let detector: Detector
  private let folds: [Int: Detector]
  private let launderings: [Laundering]

  /// How many pictures there are to judge.
  public var count: Int { pictures.pictures.count }

  /// Pictures that the detector did not learn from: the validation sources of an `index.csv`, or a folder with the
  /// folders `ai` and `real`.
  ///
  /// - Parameter launderings: what is done to every picture before it is judged; empty: each of them in turn.
  /// - Throws: `DetectorError` where the pictures are not there.
  public init(_ path: String, detector: Detector, launderings: [Laundering] = []) throws {
    if path.hasSuffix(".csv") {
      pictures = EvaluationSet(try Self.index(path), folds: nil)
      name = "the crops of validation sources"
    } else {
      pictures = try EvaluationSet(folder: URL(filePath: path))
      name = "the pictures of \(URL(filePath: path).lastPathComponent)"
    }
    self.detector = detector
    self.launderings = launderings.isEmpty ? Laundering.allCases : launderings
    folds = [:]
  }

  /// The training sources of an `index.csv`, each judged by the detector of a training run that never saw its fifth.
  ///
  /// - Parameter run: the folder of the run that made `detector`.
  /// - Throws: `DetectorError` `evaluation.fold` where the run left no detector of a fifth.
  public init(
    crossValidating path: String, detector: Detector, run: String, launderings: [Laundering] = []
  ) throws {
    folds = try Dictionary(
      uniqueKeysWithValues: detector.card.heldOut.map { fold in
        let file = CropIndex.foldFile(fold, in: URL(filePath: run))
        guard let data = try? Data(contentsOf: file) else {
          throw DetectorError(
            code: "evaluation.fold", location: .init(file: file.path),
            message: "the detector of fifth \(fold) of the sources can't be read",
            remedy: "name the folder of the training run that made the detector")
        }
        return (fold, try Detector(weights: [UInt8](data)))
      })
    pictures = EvaluationSet(try Self.index(path), folds: detector.card.heldOut)
    name = "the crops of training sources, each judged by a detector that never saw its fifth of the sources"
    self.detector = detector
    self.launderings = launderings.isEmpty ? Laundering.allCases : launderings
  }

  /// The detector of a weight file, or the shipped one.
  ///
  /// - Throws: `DetectorError` `detector.missing` where none is named and none was installed.
  public static func detector(weights: String?) throws -> Detector {
    if let weights { return try Detector(weights: [UInt8](Data(contentsOf: URL(filePath: weights)))) }
    guard let shipped = Detector.shipped else {
      throw DetectorError(
        code: "detector.missing", message: "the program was installed without the detector's weights",
        remedy: "name a weight file")
    }
    return shipped
  }

  /// - Parameter progress: gets the number of pictures judged, from any thread.
  public func run(progress: @escaping @Sendable (Int) -> Void = { _ in }) throws -> DetectorEvaluation {
    try DetectorEvaluation(
      pictures, name: name, detector: detector, folds: folds, launderings: launderings, progress: progress)
  }

  /// Writes `PREFIX.json`, `PREFIX.md` and `PREFIX.html`, or none where one exists and may not be replaced.
  public static func write(
    _ evaluation: DetectorEvaluation, prefix: String, text: ReportText, overwrite: Bool
  ) throws {
    let files = [
      (".json", try IndentedJSON.of(evaluation)), (".md", evaluation.markdown),
      (".html", try evaluation.html(text)),
    ]
    for (ending, _) in files { try refuseExisting(FilePath(prefix + ending), overwrite: overwrite) }
    for (ending, content) in files {
      try writeAtomically(Array(content.utf8), to: prefix + ending, overwrite: overwrite)
    }
  }

  private static func index(_ path: String) throws -> CropIndex {
    try CropIndex(folder: URL(filePath: path).deletingLastPathComponent())
  }
}
