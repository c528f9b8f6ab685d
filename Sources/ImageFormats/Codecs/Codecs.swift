import CCodecs
import Images

/// The C decoders behind one shape: ask for the size, make room, fill it.
enum Codecs {
  /// What a decode will give.
  struct Shape {
    var width: Int
    var height: Int
    var colorModel: Image.ColorModel
    var bits: Int
    var sourceBits: Int
    var frames: Int
    var bytes: Int
  }

  /// The shape, checked against the limits; nothing of the picture's size is allocated.
  static func shape(of file: ImageFile, format: ImageFormat) throws(ImageFormatError) -> Shape {
    try readable(file, format).shape
  }

  /// The shape, and the file or the copy of it that its codec reads.
  private static func readable(
    _ file: ImageFile, _ format: ImageFormat
  ) throws(ImageFormatError) -> (file: ImageFile, shape: Shape) {
    do throws(ImageFormatError) {
      return (file, try plainShape(of: file, format: format))
    } catch {
      if let copy = CodecRepair.copy(of: file, format: format),
        let shape = try? plainShape(of: copy, format: format)
      {
        return (copy, shape)
      }
      throw DeclaredPicture.explaining(error, of: file, format: format, whileDecoding: false)
    }
  }

  private static func plainShape(of file: ImageFile, format: ImageFormat) throws(ImageFormatError) -> Shape {
    if format == .bmp { return try BMPHeader(file).shape(limits: file.limits) }
    var info = assay_image_info()
    var limits = assay_limits(file.limits)
    // SAFETY: the pointers are valid for the call and the function keeps none of them.
    let status = unsafe file.bytes.withUnsafeBufferPointer {
      unsafe assay_info(assay_format(format), $0.baseAddress, $0.count, &limits, &info)
    }
    if status == ASSAY_TOO_LARGE { throw tooLarge(file, info) }
    guard status == ASSAY_OK else {
      throw failure(file, format, status, info, kind: "header")
    }
    guard let model = colorModel(channels: info.channels), info.width > 0, info.height > 0,
      info.bits == 8 || info.bits == 16
    else {
      throw file.error(
        "\(format.rawValue).header", nil, "the header describes no picture", "fetch the file again")
    }
    let (pixels, overflow) = Int(info.width).multipliedReportingOverflow(by: Int(info.height))
    let (bytes, overflow2) = pixels.multipliedReportingOverflow(by: Int(info.channels * (info.bits / 8)))
    guard !overflow, !overflow2, pixels <= file.limits.maxPixels else { throw tooLarge(file, info) }
    return Shape(
      width: Int(info.width), height: Int(info.height), colorModel: model, bits: Int(info.bits),
      sourceBits: Int(info.source_bits), frames: max(1, Int(info.frames)), bytes: bytes)
  }

  static func decode(
    _ file: ImageFile, format: ImageFormat, allowingDamage: Bool
  ) throws(ImageFormatError) -> DecodedImage {
    keepFreedMemory
    let original = file
    let (file, shape) = try readable(file, format)
    if format == .bmp { return try BMPHeader(file).decode(shape, allowingDamage: allowingDamage) }
    var info = assay_image_info()
    let status: assay_status
    let image: Image
    if shape.bits == 8 {
      let pixels: [UInt8]
      (status, pixels) = fill(file, format, shape, &info)
      image = Image(width: shape.width, height: shape.height, colorModel: shape.colorModel, pixels: pixels)
    } else {
      let pixels: [UInt16]
      (status, pixels) = fill(file, format, shape, &info)
      image = Image(width: shape.width, height: shape.height, colorModel: shape.colorModel, pixels16: pixels)
    }
    switch status {
    case ASSAY_OK:
      return DecodedImage(image: image, warnings: warnings(info))
    case ASSAY_TRUNCATED where allowingDamage:
      return DecodedImage(image: image, isComplete: false, warnings: [text(info)])
    case ASSAY_TOO_LARGE:
      throw file.error(
        "limit.scans", nil, "the picture has more than \(file.limits.maxProgressiveScans) scans",
        "raise the limit if the file is trusted")
    default:
      throw DeclaredPicture.explaining(
        failure(file, format, status, info, kind: status == ASSAY_TRUNCATED ? "truncated" : "damaged"),
        of: original, format: format, whileDecoding: true)
    }
  }

  /// Decodes into fresh memory of the shape's size.
  private static func fill<Sample>(
    _ file: ImageFile, _ format: ImageFormat, _ shape: Shape, _ info: inout assay_image_info
  ) -> (assay_status, [Sample]) where Sample: FixedWidthInteger {
    var limits = assay_limits(file.limits)
    var status = ASSAY_BAD
    let count = shape.bytes / MemoryLayout<Sample>.size
    // SAFETY: the decoder initialises all `shape.bytes` bytes, whatever it returns.
    let samples = unsafe [Sample](unsafeUninitializedCapacity: count) { buffer, used in
      status = unsafe file.bytes.withUnsafeBufferPointer { bytes in
        unsafe assay_decode(
          assay_format(format), bytes.baseAddress, bytes.count, &limits,
          buffer.baseAddress, shape.bytes, &info)
      }
      used = count
    }
    return (status, samples)
  }

  private static func colorModel(channels: UInt32) -> Image.ColorModel? {
    switch channels {
    case 1: .grey
    case 2: .greyAlpha
    case 3: .rgb
    case 4: .rgba
    default: nil
    }
  }

  private static func warnings(_ info: assay_image_info) -> [String] {
    info.warnings == 0 ? [] : ["the decoder had \(info.warnings) complaint(s)"]
  }

  private static func tooLarge(_ file: ImageFile, _ info: assay_image_info) -> ImageFormatError {
    file.error(
      "limit.pixels", nil,
      "\(info.width) × \(info.height) pixels are declared, the limit is \(file.limits.maxPixels)",
      "reduce the picture first, or raise the limit")
  }

  private static func failure(
    _ file: ImageFile, _ format: ImageFormat, _ status: assay_status, _ info: assay_image_info, kind: String
  ) -> ImageFormatError {
    let place = min(Int(clamping: info.consumed), file.bytes.count)
    switch status {
    case ASSAY_NO_MEMORY:
      return file.error(
        "memory", nil, "there is not enough memory", "close other programs, or examine fewer files at once")
    case ASSAY_UNSUPPORTED:
      return file.error(
        "\(format.rawValue).unsupported", nil, text(info),
        "convert the picture to a common kind of \(format.rawValue)")
    default:
      // Decoders that do not say how far they came leave it at zero.
      return file.error(
        "\(format.rawValue).\(kind)", place > 0 ? place..<place : nil, text(info),
        "fetch the file again from its source")
    }
  }

  private static func text(_ info: assay_image_info) -> String {
    message(info.message)
  }
}

/// The text of a shim's message buffer.
func message<Buffer>(_ buffer: Buffer) -> String {
  // SAFETY: the tuple is plain bytes, of which those before the first zero are read.
  unsafe withUnsafeBytes(of: buffer) { bytes in
    let end = unsafe bytes.firstIndex(of: 0) ?? bytes.count
    return unsafe String(decoding: bytes[..<end], as: UTF8.self)
  }
}

extension assay_format {
  init(_ format: ImageFormat) {
    self =
      switch format {
      case .png: ASSAY_PNG
      case .jpeg: ASSAY_JPEG
      case .webp: ASSAY_WEBP
      case .gif: ASSAY_GIF
      case .tiff: ASSAY_TIFF
      case .avif, .heic: ASSAY_HEIF
      case .jxl: ASSAY_JXL
      // Decoded without a library.
      case .bmp: ASSAY_NO_CODEC
      }
  }
}

extension assay_limits {
  init(_ limits: ReadLimits) {
    self.init(
      max_pixels: UInt64(clamping: limits.maxPixels), max_scans: UInt32(clamping: limits.maxProgressiveScans),
      max_chunk_bytes: UInt64(clamping: limits.maxTextBytes))
  }
}
