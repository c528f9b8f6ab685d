import ArgumentParser
import Foundation
import Generators
import Images
import NeuralNetworks
import Tensors

/// `benchmarks generator-coverage`: how much of what it learned from a generator makes.
struct GeneratorCoverage: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generator-coverage",
    abstract:
      "Precision, recall and coverage of a generator's pictures, on the features of a network.",
    discussion: """
      The shipped encoder was part of no generator's training, and sets generated pictures far apart from real ones; \
      EfficientNet-Lite0 is what the discriminators of the shipped ones look through, which flatters them.

      EXAMPLE
        benchmarks generator-coverage flowers --training ../shared/ganset/flowers \
        --features .venv-peers/efficientnet-lite0.safetensors
      """)

  @Argument(help: "A shipped model or a .safetensors file.")
  var generator: String

  @Option(help: "Folder of the pictures it learned from.")
  var training: String

  @Option(
    help: "EfficientNet-Lite0's weights (safetensors); the class tokens of the shipped encoder without.")
  var features: String?

  @Option(help: "Generated pictures.")
  var samples = 5000

  @Option(help: "Seed of the pictures.")
  var seed: UInt64 = 1

  @Option(help: "Write NAME.json and NAME.md.")
  var output: String?

  func validate() throws {
    guard samples > SetCoverage.coverageNeighbours else {
      throw ValidationError("--samples is more than \(SetCoverage.coverageNeighbours)")
    }
  }

  func run() async throws {
    let model = try PictureModel(generator)
    let set = try PictureSet(folders: [training], side: model.side, least: 10)
    let real: Tensor
    let made: Tensor
    if let features {
      let network = try PictureFeatures(weights: Safetensors(path: features))
      real = network(set)
      made = network(model, samples: samples, seed: seed)
    } else {
      let encoder = try VisionTransformer(
        paths: EncoderBenchmark.files.map { "\(EncoderBenchmark.folder)/\($0)" })
      func token(_ image: Image) -> Tensor {
        let tokens = encoder.classTokens(of: image)
        return tokens.rows(tokens.shape[0] - 1..<tokens.shape[0])
      }
      real = Tensor.stacked((0..<set.count).map { token(set.image($0)) })
      made = Tensor.stacked((0..<samples).map { token(model.measured(.init(seed: seed, index: $0))) })
    }
    // What two halves of the real pictures say of each other: no generator can be expected to do better.
    let halves = [0, 1].map { part in
      Tensor.stacked(stride(from: part, to: real.shape[0], by: 2).map { real.rows($0..<$0 + 1) })
    }
    let rows = [
      Row(set: generator, count: samples, against: real.shape[0], found: SetCoverage(made, real: real)),
      Row(
        set: "\(generator), as many as a half", count: halves[0].shape[0], against: halves[1].shape[0],
        found: SetCoverage(made.rows(0..<min(samples, halves[0].shape[0])), real: halves[1])),
      Row(
        set: "half of the real", count: halves[0].shape[0], against: halves[1].shape[0],
        found: SetCoverage(halves[0], real: halves[1])),
    ]
    try MeasurementFiles.write(rows, markdown: markdown(rows), to: output)
  }

  private struct Row: Codable {
    var set: String
    var count: Int
    var against: Int
    var found: SetCoverage
  }

  private func markdown(_ rows: [Row]) -> String {
    func number(_ value: Double) -> String { String(format: "%.3f", value) }
    var text = "# How much of what it learned from \(generator) makes\n\n"
    text += MeasurementFiles.row(["pictures", "count", "real pictures", "precision", "recall", "coverage"])
    text += "|---|---|---|---|---|---|\n"
    for row in rows {
      text += MeasurementFiles.row([
        row.set, "\(row.count)", "\(row.against)", number(row.found.precision), number(row.found.recall),
        number(row.found.coverage),
      ])
    }
    return text + """

      Precision and recall with k = \(SetCoverage.neighbours), coverage with k = \(SetCoverage.coverageNeighbours), on \
      \(features == nil ? "the class tokens of CLIP ViT-B/16, which no generator was trained with" : "EfficientNet-Lite0's features"). `\(MeasurementFiles.command)`

      """
  }
}
