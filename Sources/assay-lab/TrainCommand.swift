import ArgumentParser
import Console
import Evaluation
import Foundation
import ImageFormats
import Training

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train what ships with Assay, from the data to the weights.",
    subcommands: [
      TrainDetectorCommand.self, TrainGANCommand.self, TrainStyleCommand.self, TrainTranslationCommand.self,
      TrainUpsamplerCommand.self,
    ])
}

struct TrainDetectorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detector", abstract: "Train the detector's network and calibrate it.",
    discussion: """
      Start weights are EfficientNet-Lite0's, as Tests/Peers/convert_efficientnet.py writes them. Several \
      networks are trained, each without a fifth of the sources, which it then judges to calibrate the detector; \
      their mean ships. An interrupted run goes on from its checkpoint when the same command is given again.

      EXAMPLE
        assay-lab train detector --data crops --start efficientnet-lite0.safetensors -o detector.safetensors
      """)

  @Option(help: "Folder of training pictures: index.csv and the crops.")
  var data: String

  @Option(help: "Weights to start from (safetensors).")
  var start: String

  @Option(name: .shortAndLong, help: "Where to write the weights.")
  var output: String

  @Option(
    name: .customLong("training-run"),
    help: ArgumentHelp("Folder of the training run: checkpoints, logs and detectors.", valueName: "folder"))
  var folder = "detector-run"

  @Option(help: "Optimiser steps of 32 crops.")
  var steps = 1000

  @Option(help: "Seed of sampling and augmentation.")
  var seed: UInt64 = 1

  @Option(
    help: """
      Fifths of the sources, 0 to 4, separated by commas, each kept from one of the networks. (default: all five)
      """)
  var heldOut: NumberList = .init()

  @Option(
    help: """
      The share of pairs, 0 to 1, that are a real crop and its reconstruction by one of eight autoencoders, which \
      are trained first.
      """)
  var aligned: Float = 0

  @Flag(help: "Overwrite what exists.")
  var force = false

  @Flag(help: "Print one JSON object: file and bytes.")
  var json = false

  func validate() throws {
    guard (0...1_000_000).contains(steps) else { throw ValidationError("--steps must be 0...1000000") }
    guard (0...1).contains(aligned) else { throw ValidationError("--aligned must be 0...1") }
    let heldOut = heldOut.numbers
    guard heldOut.allSatisfy((0...4).contains), Set(heldOut).count == heldOut.count else {
      throw ValidationError("--held-out must be 0...4, each once")
    }
  }

  func run() async throws {
    var settings = DetectorTrainer.Settings()
    settings.steps = steps
    settings.trainedBy = "assay-lab train detector"
    settings.seed = seed
    settings.alignedShare = aligned
    if !heldOut.numbers.isEmpty { settings.folds = heldOut.numbers }
    let trainer = try DetectorTrainer(
      index: CropIndex(folder: URL(filePath: data)), start: URL(filePath: start),
      folder: URL(filePath: folder), settings: settings
    ) { Terminal.error($0 + "\n") }
    Terminal.error("the runs are logged in \(folder)/fold-*/log.jsonl\n")
    let bytes = try trainer.run()
    try writeAtomically(bytes, to: output, overwrite: force)
    try reportWeights(output, bytes: bytes.count, json: json)
  }
}
