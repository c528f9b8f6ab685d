public import ImageFormats

/// A store in a `.c2pa` file beside the picture (C2PA 2.2, 15.5.3).
public enum Sidecar {
  /// Where that file would be; nil for a picture without an ending.
  public static func path(of picture: FilePath) -> FilePath? {
    guard let ending = picture.fileExtension, ending != "c2pa" else { return nil }
    return FilePath(bytes: picture.bytes.dropLast(ending.utf8.count) + Array("c2pa".utf8))
  }

  /// The store's bytes, if there is one and it can be read.
  public static func bytes(of picture: FilePath) -> [UInt8]? {
    path(of: picture).flatMap { try? ImageFile(path: $0).bytes }
  }
}
