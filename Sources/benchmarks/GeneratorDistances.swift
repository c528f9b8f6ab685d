import ArgumentParser
import Foundation
import Generators
import NeuralNetworks
import Tensors

/// Fréchet and kernel distances of generators, on EfficientNet-Lite0's features.
struct GeneratorDistances: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generator-distances",
    abstract: "How generators' pictures compare with those they learned from.",
    discussion: """
      Other programs' generators are measured by a folder of their pictures, as many as --samples.

      EXAMPLE
        benchmarks generator-distances landscapes .venv-peers/dcgan/samples \
        --training ../shared/ganset/landscapes --features .venv-peers/efficientnet-lite0.safetensors
      """)

  @Argument(help: "Shipped models, .safetensors files, or folders of generated pictures.")
  var generators: [String]

  @Option(help: "Folder of the pictures they learned from.")
  var training: String

  @Option(help: "EfficientNet-Lite0's weights (safetensors).")
  var features: String

  @Option(help: "Generated pictures of each.")
  var samples = 5000

  @Option(help: "Side that pictures are scaled to where they have another.")
  var side = 128

  @Option(help: "Seed of the pictures and of the halves.")
  var seed: UInt64 = 1

  @Option(help: "Write NAME.json and NAME.md.")
  var output: String?

  func validate() throws {
    guard samples >= 2, side >= 32 else {
      throw ValidationError("--samples is at least 2, --side at least 32")
    }
  }

  func run() async throws {
    let features = try PictureFeatures(weights: Safetensors(path: features))
    let real = features(try PictureSet(folders: [training], side: side, least: 4))
    var rows: [Row] = []
    for generator in generators {
      let made = try self.features(of: generator, by: features)
      rows.append(Row(generator: generator, distances: SetDistances(made, training: real, seed: seed)))
    }
    try MeasurementFiles.write(rows, markdown: markdown(rows), to: output)
  }

  private struct Row: Codable {
    var generator: String
    var distances: SetDistances
  }

  private func features(of generator: String, by features: PictureFeatures) throws -> Tensor {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: generator, isDirectory: &isFolder), isFolder.boolValue else {
      return features(try PictureModel(generator), samples: samples, seed: seed)
    }
    let pictures = features(try PictureSet(folders: [generator], side: side, least: samples))
    return pictures.rows(0..<samples)
  }

  private func markdown(_ rows: [Row]) -> String {
    func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
    var text = "# Generators against what they learned from\n\n"
    text += MeasurementFiles.row([
      "pictures", "count", "Fréchet", "kernel", "Fréchet at the count of a half", "against real",
    ])
    text += "|---|---|---|---|---|---|\n"
    for row in rows {
      let found = row.distances
      text += MeasurementFiles.row([
        row.generator, "\(found.samples)", number(found.frechet, 1), number(found.kernel, 4),
        number(found.halfFrechet, 1), number(found.halfFrechet / found.realFrechet, 2),
      ])
    }
    if let found = rows.first?.distances {
      text += MeasurementFiles.row([
        "half of the real against the other", "\(found.training / 2)", "", number(found.realKernel, 4),
        number(found.realFrechet, 1), "1.00",
      ])
    }
    text += "\nOn EfficientNet-Lite0's features, \(training); `\(MeasurementFiles.command)`.\n"
    return text
  }
}
