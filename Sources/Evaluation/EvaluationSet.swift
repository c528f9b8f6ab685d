import Archives
import Detectors
import Diagnostics
public import Foundation
public import ImageFormats
import Tensors

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
  /// The archive that holds them; nil where they are files.
  private let archive: FilePath?

  /// The validation pictures of an index.
  public init(_ index: PictureIndex) {
    archive = nil
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
    archive = nil
  }

  /// Whole pictures of an archive below `ai` and `real`, wherever these stand in their names; what holds a picture names its
  /// kind and source.
  ///
  /// The archive is read once for what there is, and once more when the pictures are judged.
  ///
  /// - Throws: ``DetectorError`` where it cannot be read, or holds no pictures of one of the two.
  public init(archive path: FilePath) throws(DetectorError) {
    var pictures: [Picture] = []
    let reader = ArchiveReader(path: path)
    while let member = reader.next() {
      // What is damaged is left out, as in a folder; an archive that cannot be read on would give other figures.
      if let fault = member.fault, !fault.code.hasSuffix(".member"), member.file == nil {
        throw DetectorError(
          code: "evaluation.archive", location: .init(file: member.path.display), message: fault.message,
          remedy: fault.remedy)
      }
      if let picture = Self.picture(of: member, in: path) { pictures.append(picture) }
    }
    for (name, isGenerated) in [("ai", true), ("real", false)]
    where !pictures.contains(where: { $0.isGenerated == isGenerated }) {
      throw DetectorError(
        code: "evaluation.folder", location: .init(file: path.display),
        message: "the archive has no picture below '\(name)'",
        remedy: "put generated pictures below ai and real ones below real")
    }
    self.pictures = pictures
    archive = path
  }

  /// Nil for what carries no label, or whose header cannot be read.
  private static func picture(of member: ArchiveMember, in archive: FilePath) -> Picture? {
    guard let file = member.file, let header = try? file.header() else { return nil }
    // Where the archive itself lies is no label.
    guard member.path.bytes.starts(with: archive.bytes) else { return nil }
    let name = FilePath(bytes: Array(member.path.bytes.dropFirst(archive.bytes.count))).display
    let parts = name.split(separator: "/").map(String.init)
    guard let label = parts.dropLast().first(where: { $0 == "ai" || $0 == "real" }) else { return nil }
    let holder = parts.dropLast().last ?? label
    return Picture(
      path: member.path.display, isGenerated: label == "ai", kind: holder, source: "\(label)/\(holder)",
      owner: holder, longSide: max(header.width, header.height), format: file.format?.rawValue ?? "unknown")
  }

  /// What `work` makes of each picture, in order, on all cores. The pictures of an archive are read some at a time.
  ///
  /// - Parameter work: gets a picture, and its file where that can be read.
  package func mapFiles<Result: Sendable>(
    _ work: @Sendable (Picture, ImageFile?) throws -> Result
  ) throws -> [Result] {
    guard let archive else {
      return try pictures.mapConcurrently { picture, _ in
        try work(picture, try? ImageFile(path: picture.path))
      }
    }
    var results: [Result] = []
    var batch: [(picture: Picture, file: ImageFile)] = []
    let reader = ArchiveReader(path: archive)
    while true {
      let member = reader.next()
      if let member, let picture = Self.picture(of: member, in: archive), let file = member.file {
        batch.append((picture, file))
      }
      guard member == nil || batch.count == 64 else { continue }
      results += try batch.mapConcurrently { one, _ in try work(one.picture, one.file) }
      batch = []
      if member == nil { break }
    }
    guard results.count == pictures.count else {
      throw DetectorError(
        code: "evaluation.archive", location: .init(file: archive.display),
        message: "the archive changed while it was read", remedy: "run it again when the archive is complete")
    }
    return results
  }
}
