import ArgumentParser
import Foundation
import Generators
import Images
import NeuralNetworks
import Tensors

/// How near enlargements of reduced pictures come to the pictures, beside interpolation.
struct UpsamplerQuality: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "upsampler-quality",
    abstract: "Compares enlargements of reduced pictures with the pictures, beside interpolation.",
    discussion: """
      Pictures are reduced by bicubic interpolation. Of the folders, in the order in which the model was trained on \
      them, those are taken that training kept apart; --all takes all of folders that it never saw.

      EXAMPLE
        benchmarks upsampler-quality ../shared/ganset/flowers ../shared/ganset/landscapes ../shared/ganset/paintings \
        --features .venv-peers/efficientnet-lite0.safetensors
      """)

  @Argument(help: "Folders of pictures.")
  var folders: [String]

  @Option(help: "A shipped model or a .safetensors file.")
  var model = "upsampler"

  @Option(help: "EfficientNet-Lite0's weights (safetensors).")
  var features: String

  @Option(help: "Side that pictures are scaled to where they have another; a multiple of 4 from 128.")
  var side = 128

  @Flag(help: "Take all pictures.")
  var all = false

  @Option(help: "Write NAME.json and NAME.md.")
  var output: String?

  func validate() throws {
    guard side >= 128, side <= 2048, side % 4 == 0 else {
      throw ValidationError("--side is a multiple of 4 in 128...2048")
    }
  }

  func run() async throws {
    let model = try UpsamplerModel(model)
    let features = try PictureFeatures(weights: Safetensors(path: features))
    let set = try PictureSet(folders: folders, side: side, least: 20)
    let pictures = all ? set : set.split().held
    let originals = (0..<pictures.count).map { pictures.image($0) }
    let seen = Self.features(of: originals, by: features)
    var rows: [Row] = []
    for scale in UpsamplerModel.Scale.allCases {
      let small = side / scale.rawValue
      let reduced = originals.map { $0.resized(width: small, height: small, filter: .bicubic) }
      let methods: [(String, (Image) throws -> Image)] = [
        ("bicubic", { $0.resized(width: side, height: side, filter: .bicubic) }),
        ("Lanczos", { $0.resized(width: side, height: side, filter: .lanczos3) }),
        (
          "\(model.identity.name) \(model.identity.version)",
          { try model.enlarged($0, by: scale, tile: UpsamplerModel.tileSide) }
        ),
      ]
      for (method, enlarge) in methods {
        let enlarged = try reduced.map(enlarge)
        rows.append(
          Row(
            scale: scale.rawValue, method: method, originals: originals, enlarged: enlarged, seen: seen,
            found: Self.features(of: enlarged, by: features)))
      }
    }
    try MeasurementFiles.write(rows, markdown: markdown(rows, count: originals.count), to: output)
  }

  private static func features(of images: [Image], by features: PictureFeatures) -> Tensor {
    Tensor.stacked(images.map { features(Tensor([$0]).map { $0 / 127.5 - 1 }) })
  }

  private struct Row: Codable {
    var scale: Int
    var method: String
    /// dB, mean over pictures.
    var psnr: Double
    var ssim: Double
    /// Means of all pictures' red, green and blue, less the originals', of 255.
    var colourShift: [Double]
    /// The distance of a picture's features to its original's against those's length, mean over pictures.
    var featureDistance: Double
    /// Between all enlarged pictures' features and all originals'.
    var frechet: Double

    init(
      scale: Int, method: String, originals: [Image], enlarged: [Image], seen: Tensor, found: Tensor
    ) {
      let pairs = Array(zip(originals, enlarged))
      let count = Double(pairs.count)
      self.scale = scale
      self.method = method
      psnr = pairs.reduce(0) { $0 + Similarity.psnr($1.0, $1.1) } / count
      ssim = pairs.reduce(0) { $0 + (Similarity.ssim($1.0, $1.1) ?? 0) } / count
      func mean(_ image: Image, _ channel: Int) -> Double {
        let values = image.plane(channel: channel).values
        return values.reduce(0) { $0 + Double($1) } / Double(values.count)
      }
      colourShift = (0..<3).map { channel in
        pairs.reduce(0) { $0 + mean($1.1, channel) - mean($1.0, channel) } / count
      }
      featureDistance =
        (0..<pairs.count).reduce(0) { sum, row in
          let (a, b) = (seen.rows(row..<row + 1), found.rows(row..<row + 1))
          return sum + Double((a - b).norm / max(a.norm, 1e-6))
        } / count
      frechet = FeatureStatistics(found).frechetDistance(to: FeatureStatistics(seen))
    }
  }

  private func markdown(_ rows: [Row], count: Int) -> String {
    func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
    var text = "# Enlargements against originals\n\n"
    text += MeasurementFiles.row([
      "times", "by", "PSNR, dB", "SSIM", "feature distance", "Fréchet distance", "shift of red, green, blue",
    ])
    text += "|---|---|---|---|---|---|---|\n"
    for row in rows {
      text += MeasurementFiles.row([
        "\(row.scale)", row.method, number(row.psnr, 2), number(row.ssim, 3), number(row.featureDistance, 3),
        number(row.frechet, 1), row.colourShift.map { number($0, 2) }.joined(separator: ", "),
      ])
    }
    return text + """

      \(count) pictures of \(side)×\(side)\(all ? "" : " that training kept apart"), reduced by bicubic interpolation. \
      Features are EfficientNet-Lite0's, on whose first blocks the model was trained: they flatter it. Lower distances \
      and higher PSNR and SSIM are nearer to the originals; interpolation is made for PSNR, invented detail lowers it.
      `\(MeasurementFiles.command)`

      """
  }
}
