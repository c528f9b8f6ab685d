import CCodecs

/// The codec libraries in use.
public enum CodecVersions {
  /// Name and version, in a fixed order; "(headers)" marks a library that cannot be asked at run time.
  public static var all: [(name: String, version: String)] {
    [
      ("libpng", version(ASSAY_CODEC_PNG)), ("zlib", version(ASSAY_CODEC_ZLIB)),
      ("libjpeg", version(ASSAY_CODEC_JPEG)), ("libwebp", version(ASSAY_CODEC_WEBP)),
      ("libheif", version(ASSAY_CODEC_HEIF)), ("libtiff", version(ASSAY_CODEC_TIFF)),
      ("giflib", version(ASSAY_CODEC_GIF)), ("libjxl", version(ASSAY_CODEC_JXL)),
    ]
  }

  /// The library that decodes a format; nil for one that Assay decodes itself.
  static func library(of format: ImageFormat) -> (name: String, version: String)? {
    switch format {
    case .png: ("libpng", version(ASSAY_CODEC_PNG))
    case .jpeg: ("libjpeg", version(ASSAY_CODEC_JPEG))
    case .webp: ("libwebp", version(ASSAY_CODEC_WEBP))
    case .gif: ("giflib", version(ASSAY_CODEC_GIF))
    case .tiff: ("libtiff", version(ASSAY_CODEC_TIFF))
    case .avif, .heic: ("libheif", version(ASSAY_CODEC_HEIF))
    case .jxl: ("libjxl", version(ASSAY_CODEC_JXL))
    case .bmp: nil
    }
  }

  private static func version(_ codec: assay_codec) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    // SAFETY: at most `count` bytes are written, with a zero at their end.
    unsafe buffer.withUnsafeMutableBufferPointer {
      unsafe assay_codec_version(codec, $0.baseAddress, $0.count)
    }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
