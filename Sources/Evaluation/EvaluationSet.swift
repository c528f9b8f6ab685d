import Detectors
public import Foundation
import ImageFormats
import Images

/// The pictures of an evaluation with their truth.
public struct EvaluationSet: Sendable {
  public struct Picture: Sendable, Hashable {
    public var path: String
    public var isGenerated: Bool
    /// The generator, or the kind of real picture.
    public var kind: String
    public var source: String
    /// The longer side of the picture as it was found, in pixels.
    public var longSide: Int
    public var format: String
    /// The fifth of the training sources that it belongs to; nil for a picture of none.
    public var fold: Int?
  }

  public let pictures: [Picture]
  private let load: @Sendable (Picture) throws -> Pixels

  /// A picture's pixels, and the quality of the JPEG that they came from where that may be told: of crops it may
  /// not, as real and generated ones differ in it by how they were gathered.
  struct Pixels: Sendable {
    var image: Image
    var quality: Int?
  }

  /// Crops of an index.
  ///
  /// - Parameter folds: the fifths of the training sources to take; nil for the validation sources.
  public init(_ index: CropIndex, folds: [Int]?) {
    let items = index.items.filter { item in
      folds.map { !item.isValidation && $0.contains(item.fold) } ?? item.isValidation
    }
    pictures = items.map {
      Picture(
        path: $0.path, isGenerated: $0.isGenerated, kind: $0.generator, source: $0.source,
        longSide: $0.longSide, format: $0.format, fold: $0.isValidation ? nil : $0.fold)
    }
    let byPath = Dictionary(uniqueKeysWithValues: items.map { ($0.path, $0) })
    load = { picture in
      guard let item = byPath[picture.path] else { throw DetectorError.missing(picture.path) }
      return Pixels(image: try index.image(item))
    }
  }

  /// Whole pictures below `ai` and `real` of a folder; the folder that holds a picture names its kind and source.
  ///
  /// - Throws: ``DetectorError`` where one of the two is missing or empty.
  public init(folder: URL) throws(DetectorError) {
    var pictures: [Picture] = []
    for (name, isGenerated) in [("ai", true), ("real", false)] {
      let root = folder.appending(path: name)
      let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey])
      let found = (files?.compactMap { $0 as? URL } ?? []).sorted { $0.path < $1.path }
      for url in found {
        guard let file = try? ImageFile(path: url.path), let header = try? file.header() else { continue }
        let holder = url.deletingLastPathComponent().lastPathComponent
        pictures.append(
          Picture(
            path: url.path, isGenerated: isGenerated, kind: holder, source: "\(name)/\(holder)",
            longSide: max(header.width, header.height), format: file.format?.rawValue ?? "unknown", fold: nil)
        )
      }
      guard pictures.contains(where: { $0.isGenerated == isGenerated }) else {
        throw DetectorError(
          code: "evaluation.folder", location: .init(file: root.path),
          message: "the folder has no picture",
          remedy: "put generated pictures below ai and real ones below real")
      }
    }
    self.pictures = pictures
    load = { picture in
      let decoded = try ImageFile(path: picture.path).decode()
      return Pixels(image: decoded.image, quality: decoded.jpeg?.estimatedQuality)
    }
  }

  func pixels(_ picture: Picture) throws -> Pixels { try load(picture) }
}

extension DetectorError {
  fileprivate static func missing(_ path: String) -> DetectorError {
    DetectorError(
      code: "evaluation.picture", location: .init(file: path), message: "the picture is not in the index",
      remedy: "evaluate pictures of the index")
  }
}
