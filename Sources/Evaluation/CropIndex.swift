import Detectors
import Foundation
import ImageFormats
public import Images

/// The training crops that `index.csv` lists.
public struct CropIndex: Sendable {
  public struct Item: Sendable, Hashable {
    public var path: String
    public var isValidation: Bool
    public var isGenerated: Bool
    public var generator: String
    public var source: String
    /// The longer side of the picture that the crop came from.
    public var longSide: Int
    public var format: String

    /// The fifth of the training sources that this one belongs to, 0...4; 0 for validation.
    public var fold: Int
  }

  public let folder: URL
  /// Whole pictures of both labels; face swaps and composites are left out, being neither.
  public let items: [Item]

  /// - Throws: ``DetectorError`` for a missing file or column.
  public init(folder: URL) throws(DetectorError) {
    func fault(_ message: String) -> DetectorError {
      DetectorError(
        code: "detector.index", location: .init(file: folder.appending(path: "index.csv").path),
        message: message, remedy: "name a folder whose index.csv has path, split, label, generator and source"
      )
    }
    guard let text = try? String(contentsOf: folder.appending(path: "index.csv"), encoding: .utf8) else {
      throw fault("index.csv can't be read")
    }
    var lines = text.split(whereSeparator: \.isNewline)
    guard !lines.isEmpty else { throw fault("index.csv is empty") }
    let names = lines.removeFirst().split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let wanted = [
      "path", "split", "label", "generator", "source", "original_width", "original_height", "original_format",
    ]
    let places = wanted.compactMap { names.firstIndex(of: $0) }
    guard places.count == wanted.count else { throw fault("index.csv lacks a column") }
    var items: [Item] = []
    for line in lines {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == names.count else { throw fault("a line has \(fields.count) fields") }
      let value = places.map { fields[$0] }
      guard value[2] == "ai" || value[2] == "real" else { continue }
      items.append(
        Item(
          path: value[0], isValidation: value[1] == "val", isGenerated: value[2] == "ai", generator: value[3],
          source: value[4], longSide: max(Int(value[5]) ?? 0, Int(value[6]) ?? 0), format: value[7], fold: 0))
    }
    self.folder = folder
    let folds = Self.folds(items.filter { !$0.isValidation })
    self.items = items.map { item in
      var item = item
      item.fold = item.isValidation ? 0 : folds[item.source] ?? 0
      return item
    }
  }

  /// The crop's pixels as stored, cut to 144×144 in the middle: all formats alike.
  public func image(_ item: Item) throws -> Image {
    Self.middle(of: try storedImage(item))
  }

  /// The crop's pixels as stored, as large as its format's crops are.
  package func storedImage(_ item: Item) throws -> Image {
    try ImageFile(path: folder.appending(path: item.path).path).decode().image
  }

  package static func middle(of image: Image) -> Image { image.centerCropped(width: 144, height: 144) }

  /// The quarters of a crop that holds four smaller ones; none of another.
  package static func quarters(of image: Image, side: Int) -> [Image] {
    guard image.width >= 2 * side, image.height >= 2 * side else { return [] }
    return [(0, 0), (side, 0), (0, side), (side, side)].map { x, y in
      image.cropped(x: x, y: y, width: side, height: side)
    }
  }

  /// The same in colour, for autoencoders, which take no other size.
  ///
  /// - Throws: ``DetectorError`` for a crop that is smaller.
  package func wholeImage(_ item: Item) throws -> Image {
    let image = try image(item).withoutAlpha().inColor()
    guard image.width == 144, image.height == 144 else {
      throw DetectorError(
        code: "detector.crop", location: .init(file: folder.appending(path: item.path).path),
        message: "the crop is \(image.width)×\(image.height), but aligned fakes are made of 144×144",
        remedy: "give crops of at least 144×144, or train without aligned fakes")
    }
    return image
  }

  /// Fifths of the sources that hold about as many real and as many generated crops each: the largest source first,
  /// each to the fifth that has least of what it brings.
  private static func folds(_ items: [Item]) -> [String: Int] {
    let sources = Dictionary(grouping: items, by: \.source).mapValues { group in
      [group.count { !$0.isGenerated }, group.count(where: \.isGenerated)]
    }
    let totals = (0..<2).map { kind in Double(max(1, sources.values.reduce(0) { $0 + $1[kind] })) }
    var loads = [[Double]](repeating: [0, 0], count: 5)
    var folds: [String: Int] = [:]
    for (source, counts) in sources.sorted(by: { ($1.value.max()!, $0.key) < ($0.value.max()!, $1.key) }) {
      func load(_ fold: Int) -> Double {
        (0..<2).reduce(0) { $0 + loads[fold][$1] * Double(counts[$1]) / totals[$1] }
      }
      let fold = (0..<5).min { load($0) < load($1) } ?? 0
      folds[source] = fold
      for kind in 0..<2 { loads[fold][kind] += Double(counts[kind]) / totals[kind] }
    }
    return folds
  }

  /// The file of the detector that never saw a fifth of the sources.
  public static func foldFile(_ fold: Int, in folder: URL) -> URL {
    folder.appending(path: "fold-\(fold).safetensors")
  }
}
