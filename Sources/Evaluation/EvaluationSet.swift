import Detectors
public import Foundation
import ImageFormats

/// The pictures of an evaluation with their truth.
public struct EvaluationSet: Sendable {
  public struct Picture: Sendable, Hashable {
    public var path: String
    public var isGenerated: Bool
    /// The generator, or the kind of real picture.
    public var kind: String
    public var source: String
    /// Who published it: what is the same in pictures of both labels tells nothing of them.
    public var owner: String
    /// The longer side of the picture as it was found, in pixels.
    public var longSide: Int
    public var format: String

    public init(
      path: String, isGenerated: Bool, kind: String, source: String, owner: String, longSide: Int,
      format: String
    ) {
      (self.path, self.isGenerated, self.kind) = (path, isGenerated, kind)
      (self.source, self.owner, self.longSide, self.format) = (source, owner, longSide, format)
    }
  }

  public let pictures: [Picture]

  /// The validation pictures of an index.
  public init(_ index: PictureIndex) {
    pictures = index.items.filter(\.isValidation).map {
      Picture(
        path: $0.path, isGenerated: $0.isGenerated, kind: $0.generator, source: $0.source,
        owner: $0.owner, longSide: max($0.width, $0.height), format: $0.format)
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
            owner: holder, longSide: max(header.width, header.height),
            format: file.format?.rawValue ?? "unknown")
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
  }
}
