public import ImageFormats

/// The `.c2pa` file beside a picture (C2PA 2.2 §15.5.3), and the pictures that it may have been made for.
///
/// A sidecar has the picture's name but for the ending, and so have a JPEG and a PNG of the same motif.
public enum Sidecar {
  /// Where it would be; nil for a picture without an ending.
  public static func path(of picture: FilePath) -> FilePath? {
    guard let ending = picture.fileExtension, ending != "c2pa" else { return nil }
    return FilePath(bytes: stem(picture, ending) + Array("c2pa".utf8))
  }

  /// The other pictures that share the name, as far as there are any.
  static func others(than file: ImageFile) -> [[UInt8]] {
    guard let picture = file.path, let ending = picture.fileExtension else { return [] }
    let stem = stem(picture, ending)
    let endings = ["jpg", "jpeg", "png", "webp", "gif", "tif", "tiff", "avif", "heic", "heif", "jxl", "dng"]
    return (endings + endings.map { $0.uppercased() })
      .map { FilePath(bytes: stem + Array($0.utf8)) }.filter { $0 != picture }
      .compactMap { file.neighbour($0)?.bytes }
  }

  private static func stem(_ picture: FilePath, _ ending: String) -> [UInt8] {
    picture.bytes.dropLast(ending.utf8.count)
  }
}

extension CredentialsReader {
  /// Reports on a file with the store beside it, where it has none of its own.
  public func report(on file: ImageFile) -> CredentialsReport {
    guard let path = file.path, let beside = Sidecar.path(of: path), let store = file.neighbour(beside)
    else { return report(on: file, sidecar: nil) }
    var report = report(on: file, sidecar: store.bytes) { Sidecar.others(than: file) }
    if report.source == .sidecar { report.place = beside.lastComponent.display }
    return report
  }
}
