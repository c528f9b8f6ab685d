import ArgumentParser
import Detectors
import Evaluation
import Foundation
import ImageFormats
import Images
import Scanning

/// How often a region stands out in real pictures, and how often the one that stands out is a generated inset.
struct DetectorRegions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detector-regions",
    abstract: "Looks for the region that stands out, in real pictures and in ones with a generated inset.",
    discussion: """
      Real pictures are reduced to 1024 pixels a side at most. An inset is a square of 0.3 to 0.6 of the shorter \
      side, cut from a generated picture at its own resolution. Both go through JPEG 90.

      EXAMPLE
        benchmarks detector-regions --real /usr/share/backgrounds --generated ../shared/interop/metadata-wild
      """)

  @Option(help: "Folder of real pictures; copies in other sizes count each.")
  var real: [String]

  @Option(help: "Folder of generated pictures.")
  var generated: String

  @Option(help: "Insets tried on each real picture.")
  var insets = 2

  @Option(help: "Seed of places and sizes.")
  var seed: UInt64 = 1

  @Option(help: "Weights (safetensors); the shipped ones where none are named.")
  var weights: String?

  @Option(help: "Write NAME.json and NAME.md.")
  var output: String?

  /// What was found in one picture.
  struct Trial: Codable {
    var picture: String
    /// 0 where no region could be looked for.
    var contrast: Double
    var isOutstanding: Bool
    /// The share of the union of found and true region that is in both; nil without an inset.
    var overlap: Double?
    /// The area under the receiver's curve of the map over the picture's places, those of the inset against the rest; nil
    /// without an inset.
    var area: Double?
  }

  func run() throws {
    let detector = try weights.map { try Detector(weights: Array(Data(contentsOf: URL(filePath: $0)))) }
    guard let detector = detector ?? Detector.shipped else { throw ValidationError("no weights") }
    let sources = try PictureFiles.all(in: generated).compactMap { path -> Image? in
      guard let image = try? ImageFile(path: path).decode().image, min(image.width, image.height) >= 384
      else { return nil }
      return image.withoutAlpha().inColor()
    }
    guard !sources.isEmpty else {
      throw ValidationError("\(generated) holds no picture of 384 pixels a side")
    }
    let hosts = try PictureFiles.all(in: real).compactMap { path in
      try? Self.host(path).map { (path: path, image: $0) }
    }
    var plain: [Trial] = []
    var edited: [Trial] = []
    var random = SplitMix(state: seed)
    for (path, host) in hosts {
      plain.append(try Self.trial(path, host, inset: nil, detector))
      for _ in 0..<insets {
        let source = sources[Int.random(in: 0..<sources.count, using: &random)]
        let shorter = Double(min(host.width, host.height))
        let side = min(Int(shorter * (0.3 + 0.3 * random.unit())), source.width, source.height)
        func place(_ room: Int) -> Int { Int.random(in: 0...room, using: &random) }
        let cut = source.cropped(
          x: place(source.width - side), y: place(source.height - side), width: side, height: side)
        let region = PixelRegion(
          x: place(host.width - side), y: place(host.height - side), width: side, height: side)
        edited.append(try Self.trial(path, Self.placed(cut, on: host, at: region), inset: region, detector))
      }
    }
    let figures = Figures(plain: plain, edited: edited)
    try MeasurementFiles.write(figures, markdown: figures.markdown, to: output)
  }

  /// A picture in colour, 1024 pixels a side at most; nil where it is too small.
  private static func host(_ path: String) throws -> Image? {
    let image = try ImageFile(path: path).decode().image.withoutAlpha().inColor()
    let scale = min(1, 1024 / Double(max(image.width, image.height)))
    guard Double(min(image.width, image.height)) * scale >= 384 else { return nil }
    return image.reduced(toLongestSide: 1024, filter: .bicubic, rounding: .down)
  }

  static func placed(_ inset: Image, on host: Image, at region: PixelRegion) -> Image {
    var pixels = host.pixels8
    let source = inset.pixels8
    for row in 0..<region.height {
      let start = ((region.y + row) * host.width + region.x) * 3
      pixels.replaceSubrange(
        start..<start + region.width * 3,
        with: source[row * inset.width * 3..<(row * inset.width + region.width) * 3])
    }
    return Image(width: host.width, height: host.height, colorModel: .rgb, pixels: pixels)
  }

  private static func trial(_ path: String, _ image: Image, inset: PixelRegion?, _ detector: Detector) throws
    -> Trial
  {
    let file = try ImageFile(bytes: ImageEncoder.jpeg(image, quality: 90)).decode()
    let map = detector.heatMap(
      of: file.image, luminance: file.image.luminance(), quality: file.jpeg?.estimatedQuality)
    let found = map.flatMap { StandoutRegion(in: $0) }
    return Trial(
      picture: URL(filePath: path).lastPathComponent, contrast: found?.contrast ?? 0,
      isOutstanding: found?.isOutstanding ?? false,
      overlap: inset.map { inset in found.map { Self.overlap($0.region, inset) } ?? 0 },
      area: inset.flatMap { inset in map.flatMap { Self.area($0, inset) } })
  }

  /// Places are the points of an even grid; each has the mean logit of the windows that hold it.
  private static func area(_ map: HeatMap, _ inset: PixelRegion) -> Double? {
    let count = 48
    func holds(_ region: PixelRegion, _ x: Int, _ y: Int) -> Bool {
      (region.x..<region.x + region.width).contains(x) && (region.y..<region.y + region.height).contains(y)
    }
    let judged = map.cells.compactMap { cell in
      cell.probability.map { (region: cell.region, logit: LogOdds.logit($0)) }
    }
    let scores = (0..<count * count).compactMap { place -> (value: Double, isGenerated: Bool)? in
      let x = (2 * (place % count) + 1) * map.width / (2 * count)
      let y = (2 * (place / count) + 1) * map.height / (2 * count)
      let here = judged.filter { holds($0.region, x, y) }.map(\.logit)
      return here.isEmpty ? nil : (here.reduce(0, +) / Double(here.count), holds(inset, x, y))
    }
    return DetectionMetrics.auc(scores)
  }

  static func overlap(_ left: PixelRegion, _ right: PixelRegion) -> Double {
    let width = min(left.x + left.width, right.x + right.width) - max(left.x, right.x)
    let height = min(left.y + left.height, right.y + right.height) - max(left.y, right.y)
    let both = Double(max(width, 0) * max(height, 0))
    return both / (Double(left.width * left.height + right.width * right.height) - both)
  }

  struct Figures: Codable {
    var plain: [Trial]
    var edited: [Trial]

    var markdown: String {
      func share(_ count: Int, _ trials: Int) -> String {
        let interval = ProportionInterval.wilson(count, of: trials)
        return "\(count) of \(trials) (\(percent(interval.low))…\(percent(interval.high)))"
      }
      func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
      let found = edited.filter(\.isOutstanding)
      let overlaps = found.compactMap(\.overlap)
      let hits = overlaps.count { $0 >= 0.25 }
      let areas = edited.compactMap(\.area)
      return """
        # Regions that stand out

        \(plain.count) real pictures, 1024 pixels a side at most, through JPEG 90; \(edited.count) copies with a square of \
        a generated picture pasted in, 0.3 to 0.6 of the shorter side. Intervals: Wilson, 95 %.

        | | |
        |---|---|
        | real pictures with a region | \(share(plain.count(where: \.isOutstanding), plain.count)) |
        | edited pictures with a region | \(share(found.count, edited.count)) |
        | of these, regions that hold the edit (a quarter of the union or more) | \(share(hits, overlaps.count)) |

        Area under the curve of the contrast between region and rest, edited pictures against real ones: \
        \(String(format: "%.3f", area)). Of the map over the places of an edited picture, the edit against the rest, in the mean \
        of \(areas.count) pictures: \(String(format: "%.3f", areas.reduce(0, +) / Double(max(areas.count, 1)))).

        `\(MeasurementFiles.command)`

        """
    }

    /// Of the contrast, edited against real.
    private var area: Double {
      let pairs = edited.flatMap { edit in
        plain.map { edit.contrast > $0.contrast ? 1 : edit.contrast == $0.contrast ? 0.5 : 0 }
      }
      return pairs.reduce(0, +) / Double(max(pairs.count, 1))
    }
  }
}
