import CCodecs
import Diagnostics

/// The quantised DCT coefficients of a JPEG file, as it stores them.
public struct JPEGCoefficients: Sendable {
  /// One colour component.
  public struct Component: Sendable {
    public var identifier: Int
    /// Blocks of 8 × 8 samples, without the padding of the last MCU.
    public var blocksWide: Int
    public var blocksHigh: Int
    /// Sampling factors, 1...4.
    public var horizontal: Int
    public var vertical: Int
    /// 64 steps in natural (row by row) order.
    public var quantisationTable: [UInt16]
    /// [blocksHigh, blocksWide, 64] in natural order, before multiplication by the table.
    public var values: [Int16]
  }

  public var width: Int
  public var height: Int
  /// 1...4 components in the file's order: Y, Cb, Cr for colour.
  public var components: [Component]
  /// False when the data ended early or were damaged; missing blocks are zero.
  public var isComplete: Bool

  /// Reads the coefficients without a DCT.
  ///
  /// - Throws: ``ImageFormatError`` `jpeg.damaged`, `limit.pixels`, `limit.scans` or `memory`.
  public static func read(
    _ bytes: [UInt8], limits: ReadLimits = .standard
  ) throws(ImageFormatError) -> JPEGCoefficients {
    keepFreedMemory
    var out = assay_jpeg_coefficients()
    var bounds = assay_limits(limits)
    // SAFETY: the pointers are valid for the call; what it allocates is released below.
    let status = unsafe bytes.withUnsafeBufferPointer {
      unsafe assay_jpeg_read_coefficients($0.baseAddress, $0.count, &bounds, &out)
    }
    defer { unsafe assay_jpeg_coefficients_free(&out) }
    switch status {
    case ASSAY_OK, ASSAY_TRUNCATED: break
    case ASSAY_TOO_LARGE:
      let tooWide = UInt64(out.width) * UInt64(out.height) > bounds.max_pixels
      throw ImageFormatError(
        code: tooWide ? "limit.pixels" : "limit.scans", location: FaultLocation(),
        message: tooWide
          ? "\(out.width) × \(out.height) pixels are declared, the limit is \(limits.maxPixels)"
          : "the picture has more than \(limits.maxProgressiveScans) scans",
        remedy: "raise the limit if the file is trusted")
    default:
      throw ImageFormatError(
        code: status == ASSAY_NO_MEMORY ? "memory" : "jpeg.damaged", location: FaultLocation(),
        message: status == ASSAY_NO_MEMORY ? "there is not enough memory" : message(out.message),
        remedy: "fetch the file again")
    }
    var components: [Component] = []
    // SAFETY: `component_count` of the four are filled, each with blocks × 64 values.
    let sources = unsafe [out.components.0, out.components.1, out.components.2, out.components.3]
    for index in 0..<min(4, Int(out.component_count)) {
      let source = unsafe sources[index]
      let count = unsafe Int(source.blocks_wide) * Int(source.blocks_high) * 64
      unsafe components.append(
        Component(
          identifier: Int(source.component_id), blocksWide: Int(source.blocks_wide),
          blocksHigh: Int(source.blocks_high), horizontal: Int(source.horizontal),
          vertical: Int(source.vertical),
          quantisationTable: withUnsafeBytes(of: source.quant) {
            unsafe Array($0.bindMemory(to: UInt16.self))
          },
          values: Array(UnsafeBufferPointer(start: source.values, count: count))))
    }
    return JPEGCoefficients(
      width: Int(out.width), height: Int(out.height), components: components,
      isComplete: status == ASSAY_OK)
  }
}
