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
      "Precision, recall and coverage of a generator's pictures, on the features of the shipped encoder.",
    discussion: """
      EXAMPLE
        benchmarks generator-coverage flowers --training ../shared/ganset/flowers
      """)

  @Argument(help: "A shipped model or a .safetensors file.")
  var generator: String

  @Option(help: "Folder of the pictures it learned from.")
  var training: String

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
    let encoder = try VisionTransformer(
      paths: EncoderBenchmark.files.map { "\(EncoderBenchmark.folder)/\($0)" })
    func features(_ image: Image) -> Tensor {
      let tokens = encoder.classTokens(of: image)
      return tokens.rows(tokens.shape[0] - 1..<tokens.shape[0])
    }
    let model = try PictureModel(generator)
    let set = try PictureSet(folders: [training], side: model.side, least: 10)
    let real = Tensor.stacked((0..<set.count).map { features(set.image($0)) })
    let made = Tensor.stacked(
      (0..<samples).map { features(model.measured(.init(seed: seed, index: $0))) })
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

      Precision and recall with k = \(SetCoverage.neighbours), coverage with k = \(SetCoverage.coverageNeighbours), on the class \
      tokens of CLIP ViT-B/16, which no generator was trained with. `\(MeasurementFiles.command)`

      """
  }
}
