import ArgumentParser
import Detectors
import Foundation
import ImageFormats

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train what ships with Assay, from the data to the weights.",
    subcommands: [
      TrainDetectorCommand.self, TrainGANCommand.self, TrainStyleCommand.self, TrainTranslationCommand.self,
    ])
}

struct TrainDetectorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detector", abstract: "Train the detector's network and calibrate it.",
    discussion: """
      Start weights are EfficientNet-Lite0's, as Tests/Peers/convert_efficientnet.py writes them. An \
      interrupted run goes on from its checkpoint when the same command is given again.

      EXAMPLE
        assay train detector --data ../shared/data --start efficientnet-lite0.safetensors
      """)

  @Option(help: "Folder with index.csv and the crops.")
  var data = "../shared/data"

  @Option(help: "Weights to start from (safetensors).")
  var start: String

  @Option(help: "Where the weights go.")
  var output = "Sources/Detectors/Resources/detector.safetensors"

  @Option(help: "Where the run is kept while it lasts.")
  var checkpoint = ".build/detector-checkpoint.safetensors"

  @Option(help: "Optimiser steps of 32 crops.")
  var steps = 2000

  @Option(help: "Seed of sampling and augmentation.")
  var seed: UInt64 = 1

  @Flag(help: "Replace the weights that are there.")
  var force = false

  func validate() throws {
    guard (0...1_000_000).contains(steps) else { throw ValidationError("--steps must be 0...1000000") }
  }

  func run() async throws {
    var settings = DetectorTrainer.Settings()
    settings.steps = steps
    settings.seed = seed
    let index = try CropIndex(folder: URL(filePath: data))
    print("seed \(seed)")
    var trainer = try DetectorTrainer(index: index, start: URL(filePath: start), settings: settings) {
      FileHandle.standardError.write(Data("\($0)\n".utf8))
    }
    let bytes = try trainer.run(checkpoint: steps > 0 ? URL(filePath: checkpoint) : nil)
    try writeAtomically(bytes, to: output, overwrite: force)
    print("\(output): \(bytes.count) bytes")
  }
}
