public import ImageFormats

/// A picture in an archive, or why there is none.
public struct ArchiveMember: Sendable {
  /// `shard.tar!/a/b.jpg`; of an archive that cannot be read on, its own path.
  public var path: FilePath
  /// The content, as far as it could be read; nil where there is nothing to look at.
  public var file: ImageFile?
  /// What is wrong with the member or the archive.
  public var fault: ImageFormatError?
  /// What is odd about the member's place in the archive.
  public var warnings: [String] = []
}
