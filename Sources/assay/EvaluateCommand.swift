import ArgumentParser
import Detectors
import Foundation
import ImageFormats

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure the detector on pictures whose origin is known.",
    discussion: """
      PATH is an index.csv as the training data have it, or a folder with the folders 'ai' and 'real'. Every \
      picture is judged as found and after compression and resizing, both classes alike.

      EXAMPLES
        assay evaluate ../shared/data/index.csv --split val -o reports/evaluation/detector-val
        assay evaluate my-pictures
      """)

  enum Split: String, ExpressibleByArgument, CaseIterable {
    case val
    case heldOut = "held-out"
  }

  @Argument(help: "An index.csv, or a folder with 'ai' and 'real'.")
  var path: String

  @Option(
    help:
      "Which sources of an index: 'val', or the fifth of 'held-out' ones that the weights were calibrated on."
  )
  var split = Split.val

  @Option(help: "Weights to measure instead of the shipped ones.")
  var weights: String?

  @Option(name: .customLong("launder"), help: "Only this laundering; may be repeated.")
  var launderings: [Laundering] = []

  @Option(name: .shortAndLong, help: "Write PREFIX.json and PREFIX.md, replacing what is there.")
  var output: String?

  func run() async throws {
    guard
      let detector = try weights.map({ try Detector(weights: [UInt8](Data(contentsOf: URL(filePath: $0)))) })
        ?? .shipped
    else {
      throw DetectorError(
        code: "detector.missing", message: "the program was installed without the detector's weights",
        remedy: "name a weight file with --weights")
    }
    let set: EvaluationSet
    let name: String
    if path.hasSuffix(".csv") {
      let index = try CropIndex(folder: URL(filePath: path).deletingLastPathComponent())
      set = EvaluationSet(index, validation: split == .val, heldOut: detector.card.heldOut)
      name = split == .val ? "the crops of validation sources" : "the crops of held-out training sources"
    } else {
      set = try EvaluationSet(folder: URL(filePath: path))
      name = "the pictures of \(URL(filePath: path).lastPathComponent)"
    }
    let total = set.pictures.count
    let evaluation = try DetectorEvaluation(
      set, name: name, detector: detector,
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
    }
    print(evaluation.markdown, terminator: "")
  }
}

extension Laundering: ExpressibleByArgument {}
