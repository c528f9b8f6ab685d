import CCodecs
import Diagnostics
public import Images

/// Writes pictures as files in memory, without metadata; see ``MetadataWriter`` for adding it.
public enum ImageEncoder {
  /// How much colour resolution a JPEG keeps.
  public enum ChromaSubsampling: String, Sendable, Hashable, Codable, CaseIterable {
    case full = "4:4:4"
    case horizontal = "4:2:2"
    case both = "4:2:0"
  }

  /// A PNG at the image's own depth and colour model, not interlaced.
  ///
  /// - Parameter compression: zlib's level, 0...9; 6 is libpng's own default, 1 is fast.
  public static func png(_ image: Image, compression: Int = 6) throws(ImageFormatError) -> [UInt8] {
    var out = unsafe assay_buffer()
    let level = Int32(min(max(compression, 0), 9))
    let status: assay_status
    // SAFETY: `Image` guarantees width × height × channels samples; the encoder reads no more.
    switch image.samples {
    case .eight(let pixels):
      status = unsafe pixels.withUnsafeBytes {
        unsafe assay_png_encode(
          $0.baseAddress, UInt32(image.width), UInt32(image.height), UInt32(image.channels), 8, level, &out)
      }
    case .sixteen(let pixels):
      status = unsafe pixels.withUnsafeBytes {
        unsafe assay_png_encode(
          $0.baseAddress, UInt32(image.width), UInt32(image.height), UInt32(image.channels), 16, level, &out)
      }
    }
    return unsafe try take(&out, status, "png")
  }

  /// A JPEG of the 8-bit samples; alpha is left out, 16-bit samples are rounded.
  ///
  /// - Parameters:
  ///   - quality: libjpeg's scale, 1...100.
  ///   - optimise: make Huffman tables for this picture; progressive files always do.
  /// - Throws: ``ImageFormatError`` `jpeg.encode` for a side over 65500.
  public static func jpeg(
    _ image: Image, quality: Int = 90, subsampling: ChromaSubsampling = .both, progressive: Bool = false,
    optimise: Bool = false
  ) throws(ImageFormatError) -> [UInt8] {
    let opaque = image.withoutAlpha()
    let pixels = opaque.pixels8
    let options = assay_jpeg_options(
      quality: Int32(min(max(quality, 1), 100)), horizontal: subsampling == .full ? 1 : 2,
      vertical: subsampling == .both ? 2 : 1, progressive: progressive ? 1 : 0, optimize: optimise ? 1 : 0)
    var out = unsafe assay_buffer()
    // SAFETY: as for PNG.
    let status = unsafe pixels.withUnsafeBufferPointer {
      unsafe assay_jpeg_encode(
        $0.baseAddress, UInt32(opaque.width), UInt32(opaque.height), UInt32(opaque.channels), options, &out)
    }
    return unsafe try take(&out, status, "jpeg")
  }

  /// A lossy WebP of the 8-bit samples.
  ///
  /// - Parameter quality: libwebp's scale, 0...100.
  /// - Throws: ``ImageFormatError`` `webp.encode` for a side over 16383.
  public static func webp(_ image: Image, quality: Double) throws(ImageFormatError) -> [UInt8] {
    try webp(image, lossless: false, quality: Float(min(max(quality, 0), 100)))
  }

  /// A lossless WebP of the 8-bit samples, exact under transparent pixels as well.
  public static func webpLossless(_ image: Image) throws(ImageFormatError) -> [UInt8] {
    try webp(image, lossless: true, quality: 0)
  }

  private static func webp(_ image: Image, lossless: Bool, quality: Float) throws(ImageFormatError) -> [UInt8]
  {
    let color = image.inColor()
    let pixels = color.pixels8
    var out = unsafe assay_buffer()
    // SAFETY: as for PNG.
    let status = unsafe pixels.withUnsafeBufferPointer {
      unsafe assay_webp_encode(
        $0.baseAddress, UInt32(color.width), UInt32(color.height), UInt32(color.channels), lossless ? 1 : 0,
        quality, &out)
    }
    return unsafe try take(&out, status, "webp")
  }

  /// Copies what the encoder made and releases it.
  @unsafe private static func take(
    _ buffer: inout assay_buffer, _ status: assay_status, _ format: String
  ) throws(ImageFormatError) -> [UInt8] {
    defer { unsafe assay_buffer_free(&buffer) }
    guard status == ASSAY_OK, let data = unsafe buffer.data else {
      let text = unsafe message(buffer.message)
      throw ImageFormatError(
        code: "\(format).encode", location: FaultLocation(),
        message: text.isEmpty ? "the \(format) encoder failed" : text,
        remedy: "check the picture's size and the free memory")
    }
    // SAFETY: the encoder filled `size` bytes at `data`.
    return unsafe Array(UnsafeBufferPointer(start: data, count: buffer.size))
  }
}
