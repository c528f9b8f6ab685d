import Detectors
public import Evaluation
public import Foundation
import ImageFormats
internal import Images
internal import NeuralNetworks
import Synchronization
import Tensors

/// Tries whether looking at two tiles at full size beside the whole picture finds more than the whole picture alone.
///
/// Training pictures are judged after ``Laundering/web``. For each fifth of the owners one head learns from the class tokens of
/// the whole picture, squashed to the encoder's side, and one from the mean of those of two squares of 448 pixels or
/// the short side; neither saw that fifth. The logits are averaged. What ships stays as it is.
public struct TileTrial: Sendable {
  public struct Settings: Sendable {
    public var seed: UInt64 = 1
    /// Pictures to take, half of them generated, from all sources as evenly as these allow.
    public var pictures = 3000
    /// How the heads are trained.
    public var head = DetectorTrainer.Settings()

    public init() {}
  }

  /// What a trial gives.
  public struct Outcome: Sendable, Codable {
    public var pictures: Int
    public var sources: Int
    public var owners: Int
    /// The whole picture alone, and with its tiles.
    public var joined: PairedComparison
    /// The whole picture alone, and with its tiles where it alone leaves the answer open.
    public var joinedWhereOpen: PairedComparison
    /// The share of pictures that it leaves open.
    public var open: Double
    /// The whole picture alone, and its tiles alone.
    public var tilesAlone: PairedComparison
  }

  /// Of a tile, in pixels; about twice the encoder's own.
  private static let tileSide = 448
  /// Probabilities between which an answer is open: what the shipped detector's thresholds are near.
  private static let open = 0.2...0.97

  private let items: [PictureIndex.Item]
  private let folder: URL
  private let settings: Settings
  private let encoder: PictureEncoder
  private let report: @Sendable (String) -> Void

  /// - Parameters:
  ///   - index: of which the training pictures are used.
  ///   - folder: where tokens and checkpoints are kept.
  ///   - report: told what was finished.
  /// - Throws: ``DetectorError`` where the program was installed without the encoder.
  public init(
    index: PictureIndex, folder: URL, settings: Settings,
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(DetectorError) {
    items = index.trainingPictures(settings.pictures, seed: settings.seed)
    (self.folder, self.settings, self.report) = (folder, settings, report)
    encoder = try PictureEncoder.installed.get()
  }

  public func run() throws -> Outcome {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try RunFolder(folder).claim(for: ["\(settings)"] + items.map { "\($0.path)\t\($0.owner)" })
    let done = Mutex(0)
    let pairs = try items.mapConcurrently { item, _ -> [PictureView]? in
      let views = try views(item)
      let count = done.withLock { count in
        count += 1
        return count
      }
      if count % 200 == 0 { report("\(count) of \(items.count) pictures") }
      return views
    }.compactMap { $0 }
    let logits = try [0, 1].map { part in try judged(pairs.map { $0[part] }, name: ["whole", "tiles"][part]) }
    func comparison(_ after: (_ whole: Double, _ tiles: Double) -> Double) -> PairedComparison {
      PairedComparison(
        pairs.indices.map { place in
          let item = pairs[place][0].item
          let (whole, tiles) = (logits[0][place], logits[1][place])
          return PairedComparison.Picture(
            isGenerated: item.isGenerated, source: item.source, owner: item.owner, before: whole,
            after: after(whole, tiles))
        })
    }
    func isOpen(_ logit: Double) -> Bool { Self.open.contains(1 / (1 + exp(-logit))) }
    let pictures = pairs.map { $0[0].item }
    return Outcome(
      pictures: pictures.count, sources: Set(pictures.map(\.source)).count,
      owners: Set(pictures.map(\.owner)).count, joined: comparison { ($0 + $1) / 2 },
      joinedWhereOpen: comparison { isOpen($0) ? ($0 + $1) / 2 : $0 },
      open: Double(logits[0].count(where: isOpen)) / Double(max(1, pairs.count)),
      tilesAlone: comparison { $1 })
  }

  /// Logits of views by heads that never saw their fifth of the owners.
  private func judged(_ views: [PictureView], name: String) throws -> [Double] {
    let heads = try Array(0..<PictureIndex.folds).map { fold in
      let head = try PictureViews(views.filter { $0.item.fold != fold })
        .head(settings.head, folder: folder.appending(path: "\(name)-\(fold)"), seed: settings.seed)
      report("\(name), fifth \(fold) of the owners: trained without it")
      return head
    }
    return views.map { heads[$0.item.fold].logits($0.features.tokens)[0] }
  }

  /// The whole picture and the mean of its tiles; nil where it can't be decoded.
  private func views(_ item: PictureIndex.Item) throws -> [PictureView]? {
    let file = folder.appending(
      path: "tokens/\(item.source)/\(URL(filePath: item.path).lastPathComponent).tokens")
    let c = encoder.transformer.configuration
    func view(_ tokens: Tensor, _ number: Int) -> PictureView {
      PictureView(
        item: item, number: number, features: PictureFeatures(tokens: tokens, spectra: []),
        longSide: max(item.width, item.height), quality: nil)
    }
    if let known = try? Safetensors(path: file.path).tensors["tokens"],
      known.shape == [2 * c.blocks, c.width]
    {
      return [
        view(known.rows(0..<c.blocks), 0), view(known.rows(c.blocks..<2 * c.blocks), 1),
      ]
    }
    guard let decoded = try? ImageFile(path: item.path).decode(),
      case let image = try Laundering.web.apply(to: decoded.image)
    else { return nil }
    let whole = encoder.tokens(of: image)
    let tiles = Self.tiles(width: image.width, height: image.height).map { tile in
      encoder.tokens(of: image.cropped(x: tile.x, y: tile.y, width: tile.side, height: tile.side))
    }
    let mean = tiles.dropFirst().reduce(tiles[0]) { $0 + $1 } * (1 / Float(tiles.count))
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Safetensors(tensors: ["tokens": Tensor.stacked([whole, mean])]).write(to: file.path, as: .half)
    return [view(whole, 0), view(mean, 1)]
  }

  /// Two squares at a third and two thirds of the long side, in the middle of the short one: their upper left corners and side.
  package static func tiles(width: Int, height: Int) -> [(x: Int, y: Int, side: Int)] {
    let side = min(width, height, tileSide)
    return [1, 3].map { quarter in
      (
        x: (width - side) * (width >= height ? quarter : 2) / 4,
        y: (height - side) * (height > width ? quarter : 2) / 4, side: side
      )
    }
  }
}
