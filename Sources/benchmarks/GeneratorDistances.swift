import ArgumentParser
import Foundation
import Generators
import NeuralNetworks

/// Fréchet and kernel distances of a generator, on EfficientNet-Lite0's features.
struct GeneratorDistances: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generator-distances",
    abstract: "How a generator's pictures compare with those it learned from.",
    discussion: """
      EXAMPLE
        benchmarks generator-distances landscapes --training ../shared/ganset/landscapes \
        --features .venv-peers/efficientnet-lite0.safetensors
      """)

  @Argument(help: "A shipped model, or a .safetensors file.")
  var model: String

  @Option(help: "Folder of the pictures it learned from.")
  var training: String

  @Option(help: "EfficientNet-Lite0's weights (safetensors).")
  var features: String

  @Option(help: "Generated pictures.")
  var samples = 5000

  @Option(help: "Seed of the pictures and of the halves.")
  var seed: UInt64 = 1

  func run() async throws {
    let model = try PictureModel(model)
    let distances = SetDistances(
      of: model, training: try PictureSet(folders: [training], side: model.side, least: 4),
      features: try PictureFeatures(weights: Safetensors(path: features)), samples: samples, seed: seed)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    print(String(decoding: try encoder.encode(distances), as: UTF8.self))
  }
}
