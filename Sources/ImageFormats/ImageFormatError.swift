public import Diagnostics

/// What can go wrong while reading or writing an image file: `png.truncated`, `jpeg.damaged`, `limit.pixels`, `file.open`.
public typealias ImageFormatError = LibraryError<ImageFormatErrors>

/// Tells this library's errors from those of others.
public enum ImageFormatErrors {}

extension LibraryError where Library == ImageFormatErrors {
  /// The message of `file.open` where nothing of that name is there.
  public static var noSuchFile: String { "there is no such file" }
}
