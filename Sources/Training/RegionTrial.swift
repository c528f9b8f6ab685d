import Detectors
import Evaluation
import Foundation
import ImageFormats
internal import Images
internal import NeuralNetworks
import Synchronization
import Tensors

/// Tries whether a head that learned from windows of pictures tells generated parts from real ones better than the heads that
/// learned from whole pictures.
///
/// Windows are of composites, as ``CompositeMaker`` draws them. Both pictures of one are of one fifth of the owners, so that
/// each fifth can be judged by a head that never saw it.
public struct RegionTrial: Sendable {
  public struct Settings: Sendable {
    public var seed: UInt64 = 1
    public var composites = 3000
    /// Of validation owners; they choose nothing.
    public var validation = 400
    /// Windows of a composite that are learned from.
    public var windows = 4
    /// How the head is trained.
    public var head = DetectorTrainer.Settings()

    public init() {}
  }

  /// Windows of a composite.
  private struct Sample: Sendable {
    var kind: Int
    var views: [PictureView]
  }

  private let index: PictureIndex
  private let settings: Settings
  private let report: @Sendable (String) -> Void
  private let encoder: PictureEncoder

  public init(
    index: PictureIndex, settings: Settings, report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    (self.index, self.settings, self.report) = (index, settings, report)
    encoder = try PictureEncoder.installed.get()
  }

  /// Host and inset: real and real, real and generated, generated and real, generated and generated.
  private static let kinds = [(false, false), (false, true), (true, false), (true, true)]

  /// Areas under the receiver's curve, 0...1.
  public struct Areas: Sendable, Codable {
    public var overAllWindows: Double
    /// In the mean of the composites.
    public var withinReal: Double
    public var withinGenerated: Double

    /// In words.
    public var text: String {
      String(
        format:
          "over all windows %.3f; within real pictures with a generated part %.3f, within generated ones with a real part %.3f",
        overAllWindows, withinReal, withinGenerated)
    }
  }

  public struct Outcome: Sendable, Codable {
    public var composites: Int
    public var windows: Int
    /// Each window judged by a head that never saw its fifth of the owners.
    public var heldOut: Areas
    /// Composites of validation owners, and what a head trained on all says of them.
    public var validationComposites: Int
    public var validation: Areas
    /// What the heads that learned from whole pictures say of the same.
    public var wholeHeads: Areas
  }

  /// - Parameter folder: of the training runs; a trial that was stopped goes on from them.
  /// - Throws: `DetectorError` `detector.run` for a folder of other pictures or settings, `detector.classes` where there are
  ///   too few pictures.
  public func run(folder: URL) throws -> Outcome {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try RunFolder(folder).claim(
      for: ["\(settings)"]
        + items(validation: false).map { "\($0.path)\t\($0.isGenerated)\t\($0.source)\t\($0.owner)" })
    let samples = try samples(settings.composites, validation: false)
    let views = samples.flatMap(\.views)
    report("\(samples.count) composites of training owners, \(views.count) windows")
    for fold in 0..<PictureIndex.folds {
      let rest = views.filter { $0.item.fold != fold }
      guard rest.contains(where: \.item.isGenerated), rest.contains(where: { !$0.item.isGenerated }) else {
        throw DetectorError(
          code: "detector.classes", message: "without a fifth of the owners a class has no window",
          remedy:
            "give real and generated pictures of at least \(Self.leastSide) pixels a side by many owners each"
        )
      }
    }
    let heads = try Array(0..<PictureIndex.folds).mapConcurrently { fold, _ in
      try PictureViews(views.filter { $0.item.fold != fold })
        .head(settings.head, folder: folder.appending(path: "fold-\(fold)"), seed: settings.seed)
    }
    let final = try PictureViews(views).head(
      settings.head, folder: folder.appending(path: "all"), seed: settings.seed)
    let held = try self.samples(settings.validation, validation: true)
    let detector = try Detector.installed.get()
    return Outcome(
      composites: samples.count, windows: views.count,
      heldOut: Self.areas(samples) { heads[$0.item.fold].logits($0.features.tokens)[0] },
      validationComposites: held.count,
      validation: Self.areas(held) { final.logits($0.features.tokens)[0] },
      wholeHeads: Self.areas(held) {
        detector.opinion($0.features, longSide: $0.longSide, quality: $0.quality).network
      })
  }

  private static func areas(_ samples: [Sample], _ logit: (PictureView) -> Double) -> Areas {
    let logits = samples.map { $0.views.map(logit) }
    func area(_ places: [Int]) -> Double? {
      DetectionMetrics.auc(
        places.flatMap { place in
          zip(logits[place], samples[place].views).map { ($0, $1.item.isGenerated) }
        })
    }
    func mean(_ kind: Int) -> Double {
      let areas = samples.indices.filter { samples[$0].kind == kind }.compactMap { area([$0]) }
      return areas.reduce(0, +) / Double(max(areas.count, 1))
    }
    return Areas(
      overAllWindows: area(Array(samples.indices)) ?? 0, withinReal: mean(1), withinGenerated: mean(2))
  }

  /// The shorter side of a picture that composites are made of, at least.
  private static let leastSide = 384

  private func items(validation: Bool) -> [PictureIndex.Item] {
    index.items.filter {
      $0.isValidation == validation && !$0.isInterface && min($0.width, $0.height) >= Self.leastSide
    }
  }

  private func samples(_ count: Int, validation: Bool) throws -> [Sample] {
    let items = items(validation: validation)
    let folds = validation ? 1 : PictureIndex.folds
    // Class, fold.
    let groups = [false, true].map { generated in
      (0..<folds).map { fold in
        SourceDraw(
          Dictionary(grouping: items.filter { $0.isGenerated == generated && $0.fold == fold }, by: \.source)
            .sorted { $0.key < $1.key }.map(\.value))
      }
    }
    let done = Mutex(0)
    let made = try Array(0..<count).mapConcurrently { number, _ -> Sample? in
      var random = RandomStream(
        seed: settings.seed, stream: UInt64(number) << 2 + (validation ? 1 : 0))
      let fold = number / 4 % folds
      let (host, inset) = Self.kinds[number % 4]
      guard let first = groups[host ? 1 : 0][fold].item(&random),
        let second = groups[inset ? 1 : 0][fold].item(&random),
        let below = try? ImageFile(path: first.path).decode().image,
        let above = try? ImageFile(path: second.path).decode().image,
        min(below.width, below.height, above.width, above.height) >= 96
      else { return nil }
      var maker = CompositeMaker(
        seed: settings.seed, stream: UInt64(number) << 2 + (validation ? 3 : 2))
      let composite = try maker.composite(
        host: below, isGenerated: host, inset: above, isGenerated: inset)
      let image = composite.image
      var views: [PictureView] = []
      // Half of the windows lie in the part, where it is large enough.
      for _ in 0..<60 where views.count < settings.windows {
        let side = Int(Float(min(image.width, image.height)) * random.uniform(in: 0.25...0.55))
        guard side >= 64 else { continue }
        let region = PixelRegion(
          x: random.integer(in: 0..<image.width - side + 1),
          y: random.integer(in: 0..<image.height - side + 1),
          width: side, height: side)
        let share = composite.share(of: region)
        let isGenerated = share >= 0.5
        guard share <= 0.08 || share >= 0.92 else { continue }
        guard
          host == inset || views.count(where: { $0.item.isGenerated == isGenerated }) < settings.windows / 2
        else { continue }
        let cut = image.cropped(x: region.x, y: region.y, width: side, height: side)
        guard CropSelection.hasTexture(cut.luminance()) else { continue }
        var item = isGenerated == host ? first : second
        item.isGenerated = isGenerated
        item.fold = fold
        views.append(
          PictureView(
            item: item, number: views.count,
            features: PictureFeatures(tokens: encoder.tokens(of: cut), spectra: []), longSide: side,
            quality: nil))
      }
      let total = done.withLock { count in
        count += 1
        return count
      }
      if total % 200 == 0 { report("\(total) composites") }
      return Sample(kind: number % 4, views: views)
    }
    return made.compactMap { $0 }
  }
}
