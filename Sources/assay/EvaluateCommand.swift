import ArgumentParser
import Console
import Detectors
import Evaluation
import Foundation
import ImageFormats
import Reports

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure the detector on pictures whose origin is known.",
    discussion: """
      PATH is an index.csv as the training data have it, or a folder with the folders 'ai' and 'real'. Every \
      picture is judged as found and after compression and resizing, both classes alike.

      EXAMPLES
        assay evaluate ../shared/data/index.csv --split val -o reports/evaluation/detector-val
        assay evaluate ../shared/data/index.csv --split cross-validation --run .build/detector-run
        assay evaluate my-pictures
      """)

  enum Split: String, ExpressibleByArgument, CaseIterable {
    case val
    case crossValidation = "cross-validation"
  }

  @Argument(help: "An index.csv, or a folder with 'ai' and 'real'.")
  var path: String

  @Option(
    help:
      """
      Which sources of an index: 'val', or 'cross-validation' for those of training, each judged by a network that \
      never saw it.
      """
  )
  var split = Split.val

  @Option(
    name: .customLong("run"), help: "Folder of the training run whose detectors of fifths cross-validate.")
  var runFolder = ".build/detector-run"

  @Option(help: "Weights to measure instead of the shipped ones.")
  var weights: String?

  @Option(name: .customLong("launder"), help: "Only this laundering; may be repeated.")
  var launderings: [Laundering] = []

  @Option(name: .shortAndLong, help: "Write PREFIX.json, PREFIX.md and PREFIX.html, replacing what is there.")
  var output: String?

  @OptionGroup var wording: WordingOptions

  func run() async throws {
    let text = try wording.text()
    guard
      let detector = try weights.map({ try Detector(weights: [UInt8](Data(contentsOf: URL(filePath: $0)))) })
        ?? .shipped
    else {
      throw DetectorError(
        code: "detector.missing", message: "the program was installed without the detector's weights",
        remedy: "name a weight file with --weights")
    }
    var folds: [Int: Detector] = [:]
    let set: EvaluationSet
    let name: String
    if path.hasSuffix(".csv") {
      let index = try CropIndex(folder: URL(filePath: path).deletingLastPathComponent())
      if split == .crossValidation { folds = try foldDetectors(detector.card.heldOut) }
      set = EvaluationSet(index, folds: split == .val ? nil : detector.card.heldOut)
      name =
        split == .val
        ? "the crops of validation sources"
        : "the crops of training sources, each judged by a detector that never saw its fifth of the sources"
    } else {
      set = try EvaluationSet(folder: URL(filePath: path))
      name = "the pictures of \(URL(filePath: path).lastPathComponent)"
    }
    let total = set.pictures.count
    let evaluation = try DetectorEvaluation(
      set, name: name, detector: detector, folds: folds,
      launderings: launderings.isEmpty ? Laundering.allCases : launderings
    ) { done in
      if done % 250 == 0 { Terminal.error("\(done) of \(total)\n") }
    }
    if let output {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      try writeAtomically(
        [UInt8](try encoder.encode(evaluation)) + [10], to: output + ".json", overwrite: true)
      try writeAtomically([UInt8](evaluation.markdown.utf8), to: output + ".md", overwrite: true)
      try writeAtomically([UInt8](try evaluation.html(text).utf8), to: output + ".html", overwrite: true)
    }
    print(evaluation.markdown, terminator: "")
  }
}

extension EvaluateCommand {
  /// The detectors of fifths of the sources that a training run left.
  private func foldDetectors(_ folds: [Int]) throws -> [Int: Detector] {
    try Dictionary(
      uniqueKeysWithValues: folds.map { fold in
        let file = CropIndex.foldFile(fold, in: URL(filePath: runFolder))
        guard let data = try? Data(contentsOf: file) else {
          throw DetectorError(
            code: "evaluation.fold", location: .init(file: file.path),
            message: "the detector of fifth \(fold) of the sources can't be read",
            remedy: "train with 'assay train detector' and name its folder with --run")
        }
        return (fold, try Detector(weights: [UInt8](data)))
      })
  }
}

extension Laundering: ExpressibleByArgument {}
