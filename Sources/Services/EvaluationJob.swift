import Archives
public import Detectors
import Diagnostics
public import Evaluation
public import ForeignDetectors
import Foundation
import ImageFormats
public import Reports

/// A measurement of the detector on pictures whose origin is known.
public struct EvaluationJob: Sendable {
  private let pictures: EvaluationSet
  private let name: String
  private let detector: Detector
  private let foreign: [ForeignDetector]
  private let launderings: [Laundering]

  /// How many pictures there are to judge.
  public var count: Int { pictures.pictures.count }

  /// Pictures that the detector did not learn from: the validation sources of an `index.csv`, or a folder or archive
  /// with the folders `ai` and `real`.
  ///
  /// - Parameters:
  ///   - foreign: networks of others that are measured beside it.
  ///   - launderings: what is done to every picture before it is judged; empty: those that are usual.
  /// - Throws: `DetectorError` where the pictures are not there.
  public init(
    _ path: String, detector: Detector, foreign: [ForeignDetector] = [], launderings: [Laundering] = []
  ) throws {
    if path.hasSuffix(".csv") {
      pictures = EvaluationSet(try PictureIndex([path]))
      guard !pictures.pictures.isEmpty else {
        throw DetectorError(
          code: "evaluation.index", location: .init(file: path), message: "it lists no validation picture",
          remedy: "give pictures the split val, or name a folder with ai and real")
      }
      name = "the validation pictures of \(URL(filePath: path).lastPathComponent)"
    } else if ArchiveReader.kind(of: FilePath(path)) != nil {
      pictures = try EvaluationSet(archive: FilePath(path))
      name = "the pictures of \(URL(filePath: path).lastPathComponent)"
    } else {
      pictures = try EvaluationSet(folder: URL(filePath: path))
      name = "the pictures of \(URL(filePath: path).lastPathComponent)"
    }
    self.detector = detector
    self.foreign = foreign
    self.launderings = launderings.isEmpty ? Laundering.usual : launderings
  }

  /// The detector of a weight file, or the shipped one.
  ///
  /// - Throws: `DetectorError` `detector.missing` where none is named and none was installed.
  public static func detector(weights: String?) throws -> Detector {
    if let weights {
      var limits = ReadLimits.standard
      limits.maxFileBytes = 64 << 20
      let bytes = try readFile(FilePath(weights), limits: limits)
      do {
        return try Detector(weights: bytes)
      } catch {
        var named = error
        if named.location.file == nil { named.location.file = weights }
        throw named
      }
    }
    return try Detector.installed.get()
  }

  /// - Parameter progress: gets the number of pictures judged, from any thread.
  public func run(progress: @escaping @Sendable (Int) -> Void = { _ in }) throws -> DetectorEvaluation {
    try DetectorEvaluation(
      pictures, name: name, detector: detector, launderings: launderings, progress: progress)
  }

  /// What the networks of others do on the same pictures.
  public func runForeign() throws -> [ForeignEvaluation] {
    try foreign.map {
      try ForeignEvaluation(pictures, name: name, detector: $0, launderings: launderings)
    }
  }

  /// Writes `PREFIX-NAME.json` and `PREFIX-NAME.calibration.json` of each network of others, or none.
  public static func write(_ evaluations: [ForeignEvaluation], prefix: String, overwrite: Bool) throws {
    var files: [(path: String, content: String)] = []
    for evaluation in evaluations {
      let stem = "\(prefix)-\(evaluation.model.slug)"
      files.append((stem + ".json", try IndentedJSON.of(evaluation)))
      if let calibration = evaluation.calibration {
        files.append((stem + ".calibration.json", try IndentedJSON.of(calibration)))
      }
    }
    for file in files { try refuseExisting(FilePath(file.path), overwrite: overwrite) }
    for file in files {
      try writeAtomically(Array(file.content.utf8), to: file.path, overwrite: overwrite)
    }
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
}
