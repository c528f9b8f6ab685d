import ArgumentParser
import Console
import Diagnostics
import Evaluation
import Foundation
import ImageFormats
import Reports
import Services
import Training

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train what ships with Assay, from the data to the weights.",
    subcommands: [
      TrainFeaturesCommand.self, TrainDetectorCommand.self, TrainEncoderCommand.self, TrainGANCommand.self,
      TrainTranslationCommand.self, TrainUpsamplerCommand.self, TrainFingerprintCommand.self,
      TrainRegionsCommand.self, TrainTilesCommand.self,
    ])
}

struct TrainDetectorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detector", abstract: "Train the detector's heads on features, and calibrate it.",
    discussion: """
      `assay-lab train features` computes the features first; pictures without any are left out. Heads are trained \
      without each fifth of the owners in turn, which they then judge: that calibrates the detector and is its \
      cross-validation. An interrupted run goes on from its checkpoints when the same command is given again.

      EXAMPLE
        assay-lab train detector pictures/index.csv --cache features -o detector.safetensors
      """)

  @Argument(
    help: "Lists of pictures in CSV: path, label, generator, source, repo, format, width, height, split.")
  var lists: [String]

  @Option(help: "Folder of the features.")
  var cache: String

  @Option(name: .shortAndLong, help: "Where to write the weights.")
  var output: String

  @Option(
    name: .customLong("training-run"),
    help: ArgumentHelp("Folder of the training run: checkpoints, logs and curves.", valueName: "folder"))
  var folder = "detector-run"

  @Option(
    help: ArgumentHelp(
      "Write PREFIX-cross-validation and, of validation pictures, PREFIX-val: .json, .md and .html.",
      valueName: "prefix"))
  var report: String?

  @Option(help: "Optimiser steps of a head.")
  var steps = DetectorTrainer.Settings().steps

  @Option(help: "Seed of sampling and of the first weights.")
  var seed: UInt64 = 1

  @Flag(help: "Overwrite what exists.")
  var force = false

  @Flag(help: "Print one JSON object: file and bytes.")
  var json = false

  func validate() throws {
    guard (1...1_000_000).contains(steps) else { throw ValidationError("--steps must be 1...1000000") }
  }

  func run() async throws {
    var settings = DetectorTrainer.Settings()
    settings.steps = steps
    settings.trainedBy = "assay-lab train detector"
    settings.seed = seed
    let trainer = DetectorTrainer(
      index: try PictureIndex(lists), cache: try FeatureCache(folder: URL(filePath: cache)),
      folder: URL(filePath: folder), settings: settings
    ) { Terminal.error($0 + "\n") }
    let outcome = try trainer.run()
    try writeAtomically(outcome.weights, to: output, overwrite: force)
    if let report {
      try EvaluationJob.write(
        outcome.crossValidation, prefix: report + "-cross-validation", text: .english, overwrite: force)
      if let validation = outcome.validation {
        try EvaluationJob.write(validation, prefix: report + "-val", text: .english, overwrite: force)
      }
    }
    try reportWeights(output, bytes: outcome.weights.count, json: json)
  }
}

struct TrainFeaturesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Compute the features of whole pictures from which the detector is trained.",
    discussion: """
      What is computed already stays: an interrupted run goes on when the same command is given again.

      EXAMPLE
        assay-lab train features pictures/index.csv -o features
      """)

  @Argument(
    help: "Lists of pictures in CSV: path, label, generator, source, repo, format, width, height, split.")
  var lists: [String]

  @Option(name: .shortAndLong, help: "Write the features into this folder.")
  var output: String

  @Option(help: ArgumentHelp("Files examined at once; all cores by default.", valueName: "n"))
  var workers: Int?

  @Flag(help: "Overwrite what exists.")
  var force = false

  @Flag(help: "Print one JSON object: folder, pictures, and those that can't be decoded.")
  var json = false

  private struct Filled: Encodable {
    var folder: String
    var pictures: Int
    var undecoded: [String]
  }

  func validate() throws {
    guard workers ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1") }
  }

  func run() async throws {
    let index = try PictureIndex(lists)
    let faults = try FeatureCache(folder: URL(filePath: output)).fill(
      index, workers: workers ?? ProcessInfo.processInfo.activeProcessorCount, again: force
    ) { Terminal.error("\($0) pictures\n") }
    for fault in faults { Terminal.error("\(fault.path): \(fault.reason)\n") }
    if json {
      Terminal.out(
        try IndentedJSON.of(
          Filled(folder: output, pictures: index.items.count, undecoded: faults.map(\.path))))
    }
  }
}
