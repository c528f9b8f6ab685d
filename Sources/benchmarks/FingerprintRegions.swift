import ArgumentParser
import Evaluation
import Fingerprints
import Foundation
import ImageFormats
import Images
import Scanning

/// How well the part of a picture that carries a fingerprint is outlined, and how often one is outlined where there is none.
struct FingerprintRegions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fingerprint-regions",
    abstract:
      "Looks for the part that carries a fingerprint, in composites, in photographs and in whole generated pictures.",
    discussion: """
      Generated pictures are those of the generators named in which the fingerprint is found, by templates that were \
      estimated without the owner. A photograph is brought to the size of the generated picture, which keeps its own \
      resolution. A part has 0.3 to 0.6 of each side. Everything goes through JPEG 90.

      EXAMPLE
        benchmarks fingerprint-regions pictures/index.csv --run fingerprint-run \
        --output reports/evaluation/fingerprint-regions
      """)

  @Argument(help: "An index.csv with path, label, generator, source, repo, split, width and height.")
  var index: String

  @Option(name: .customLong("run"), help: "Folder of the training run of the fingerprints.")
  var folder: String

  @Option(help: "Beginnings of the generators' labels, with commas; composites are made for each.")
  var generators = "gpt-image,stylegan2"

  @Option(help: "Generated pictures of each of them, and as many composites of each kind.")
  var count = 30

  @Option(help: "Photographs that are looked at as they are.")
  var real = 100

  @Option(help: "Seed of pictures, places and sizes.")
  var seed: UInt64 = 1

  @Option(help: "Write NAME.json and NAME.md.")
  var output: String?

  enum Kind: String, Codable, CaseIterable {
    case photograph, generated, inset, hole, moved

    var title: String {
      switch self {
      case .photograph: "photographs"
      case .generated: "whole generated pictures"
      case .inset: "part of a generated picture, in its place in a photograph"
      case .hole: "part of a photograph in a generated picture"
      case .moved: "part of a generated picture, in another place of a photograph"
      }
    }
  }

  struct Trial: Codable {
    var kind: Kind
    var generator: String
    var picture: String
    /// Whether the reader finds a fingerprint in the whole.
    var isWholeFound: Bool
    /// Whether a region is named.
    var isFound = false
    /// Whether the right part is said to carry the pattern.
    var isRightWay: Bool?
    /// Share of the union of the named and the true region that is in both; nil where either is missing.
    var overlap: Double?
    var fingerprint: String?
    // The strongest hypothesis of all fingerprints, whether it is enough or not.
    var statistic = 0.0
    var remainder = 0.0
    var contrast = 0.0
    var ratio = 0.0
    var log10PValue = 0.0
  }

  struct Figures: Codable {
    var command: String
    var machine: Machine
    var trials: [Trial]
  }

  func run() throws {
    let prints = try Fingerprint.shipped()
    let pictures = try LabelledPictures(path: index)
    func order(_ item: LabelledPictures.Item) -> UInt64 { FingerprintNull.rank("\(seed) \(item.path)") }
    var hosts = pictures.items.filter { $0.label == "real" && min($0.width, $0.height) >= 384 }
      .sorted { order($0) < order($1) }[...]
    func decoded(_ item: LabelledPictures.Item) -> Image? {
      guard let image = try? ImageFile(path: pictures.file(of: item)).decode().image else { return nil }
      return image.withoutAlpha().inColor()
    }
    var trials: [Trial] = []
    let whole = FingerprintReader(fingerprints: prints, effort: .whole)
    while trials.count < real, let item = hosts.popFirst() {
      guard let image = decoded(item) else { continue }
      trials.append(
        try Self.trial(.photograph, item, Self.reduced(image), region: nil, whole))
    }
    var readers: [String: FingerprintReader] = [:]
    for name in generators.split(separator: ",").map(String.init) {
      var done = 0
      var random = SplitMix(state: seed)
      let items = pictures.items.filter { $0.label == "ai" && $0.generator.hasPrefix(name) }
        .sorted { order($0) < order($1) }
      for item in items where done < count {
        let reader =
          try readers[item.owner]
          ?? FingerprintReader(
            fingerprints: FingerprintRates.templates(prints, without: item.owner, run: folder), effort: .whole
          )
        readers[item.owner] = reader
        guard min(item.width, item.height) >= 384, let image = decoded(item).map(Self.reduced),
          reader.read(image).found
        else { continue }
        var photograph: Image?
        while photograph == nil, let host = hosts.popFirst() {
          photograph = decoded(host).map { Self.filling($0, width: image.width, height: image.height) }
        }
        guard let photograph else { throw ValidationError("too few photographs of 384 pixels a side") }
        done += 1
        trials.append(try Self.trial(.generated, item, image, region: nil, reader))
        func side(_ length: Int) -> Int { Int(Double(length) * (0.3 + 0.3 * random.unit())) }
        let (width, height) = (side(image.width), side(image.height))
        func place() -> PixelRegion {
          PixelRegion(
            x: Int.random(in: 0...image.width - width, using: &random),
            y: Int.random(in: 0...image.height - height, using: &random), width: width, height: height)
        }
        let (from, to) = (place(), place())
        func cut(_ source: Image) -> Image {
          source.cropped(x: from.x, y: from.y, width: width, height: height)
        }
        for (kind, composite, region) in [
          (Kind.inset, DetectorRegions.placed(cut(image), on: photograph, at: from), from),
          (.hole, DetectorRegions.placed(cut(photograph), on: image, at: from), from),
          (.moved, DetectorRegions.placed(cut(image), on: photograph, at: to), to),
        ] {
          trials.append(try Self.trial(kind, item, composite, region: region, reader))
        }
      }
    }
    let figures = Figures(command: MeasurementFiles.command, machine: .current, trials: trials)
    try MeasurementFiles.write(figures, markdown: markdown(figures), to: output)
  }

  /// To 2048 pixels a side at most.
  private static func reduced(_ image: Image) -> Image {
    image.reduced(toLongestSide: 2048, filter: .bicubic, rounding: .down)
  }

  /// Resized to cover these sides, and cut to them in the middle.
  private static func filling(_ image: Image, width: Int, height: Int) -> Image {
    let scale = max(Double(width) / Double(image.width), Double(height) / Double(image.height))
    let large = image.resized(
      width: max(width, Int((Double(image.width) * scale).rounded())),
      height: max(height, Int((Double(image.height) * scale).rounded())), filter: .bicubic)
    return large.cropped(
      x: (large.width - width) / 2, y: (large.height - height) / 2, width: width, height: height)
  }

  private static func trial(
    _ kind: Kind, _ item: LabelledPictures.Item, _ image: Image, region: PixelRegion?,
    _ reader: FingerprintReader
  ) throws -> Trial {
    let plane = try ImageFile(bytes: ImageEncoder.jpeg(image, quality: 90)).decode().image.luminance()
    var trial = Trial(
      kind: kind, generator: item.generator, picture: item.path, isWholeFound: reader.read(plane).found)
    let places = reader.whereabouts(in: plane)
    let found = places.strongestPart
    if let part = found?.part ?? places.compactMap(\.part).max(by: { $0.statistic < $1.statistic }) {
      trial.statistic = part.statistic
      trial.remainder = part.remainder
      trial.contrast = part.contrast
      trial.ratio = part.ratio
      trial.log10PValue = part.log10PValue
    }
    guard let found, let part = found.part else { return trial }
    trial.isFound = true
    trial.fingerprint = found.card.name
    guard let region else { return trial }
    trial.isRightWay = part.isCarrier == (kind != .hole)
    let named = PixelRegion(
      x: Int((part.region.x * Double(plane.width)).rounded()),
      y: Int((part.region.y * Double(plane.height)).rounded()),
      width: Int((part.region.width * Double(plane.width)).rounded()),
      height: Int((part.region.height * Double(plane.height)).rounded()))
    trial.overlap = DetectorRegions.overlap(named, region)
    return trial
  }

  private func markdown(_ figures: Figures) -> String {
    var text = "# Where a fingerprint is\n\n`\(figures.command)`\n\n"
    text += """
      A region is named at p ≤ \(FingerprintReader.significance) after all trials: rectangles of at least 3 of 16 cells a side, \
      their surroundings, and fingerprints. Templates were estimated without the pictures' owner. The photograph has \
      the generated picture's size, and the part 0.3 to 0.6 of each side; all through JPEG 90. Seed \(seed). Intervals: \
      Wilson, 95 %. IoU is the share of the union of named and true region that is in both.


      """
    text += MeasurementFiles.row([
      "picture", "generator", "pictures", "fingerprint found in the whole", "a region named",
      "right one of its two sides", "median IoU", "IoU ≥ 0.5, of all",
    ])
    text += MeasurementFiles.row([String](repeating: "---", count: 8))
    func share(_ count: Int, _ trials: Int) -> String {
      let interval = ProportionInterval.wilson(count, of: trials)
      return String(
        format: "%d of %d (%.0f…%.0f %%)", count, trials, 100 * interval.low, 100 * interval.high)
    }
    for kind in Kind.allCases {
      for name in kind == .photograph ? [""] : generators.split(separator: ",").map(String.init) {
        let group = figures.trials.filter {
          $0.kind == kind && (name.isEmpty || $0.generator.hasPrefix(name))
        }
        guard !group.isEmpty else { continue }
        let overlaps = group.compactMap(\.overlap).sorted()
        let named = group.filter(\.isFound)
        text += MeasurementFiles.row([
          kind.title, name.isEmpty ? "–" : name, "\(group.count)",
          share(group.count(where: \.isWholeFound), group.count), share(named.count, group.count),
          overlaps.isEmpty ? "–" : "\(named.count { $0.isRightWay == true }) of \(named.count)",
          overlaps.isEmpty ? "–" : String(format: "%.2f", overlaps[overlaps.count / 2]),
          kind == .photograph || kind == .generated
            ? "–" : share(group.count { $0.isRightWay == true && ($0.overlap ?? 0) >= 0.5 }, group.count),
        ])
      }
    }
    let largest = figures.trials.filter { $0.kind == .photograph }.map(\.statistic).max() ?? 0
    text += """

      Largest T of a rectangle in a photograph, over all trials of it: \(String(format: "%.2f", largest)) standard deviations.

      \(figures.machine.processor), \(figures.machine.cores) cores, \(figures.machine.compiler).

      """
    return text
  }
}
