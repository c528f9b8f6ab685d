/// OpenCV's 8-bit BGR ↔ YUV conversion, which is fixed-point: 14 fractional bits, rounded, clipped.
///
/// The marks of `invisible-watermark` live in what this conversion leaves of a picture, so it has to be
/// met to the last bit. Source: `cvtColor` with `COLOR_BGR2YUV` and `COLOR_YUV2BGR` of opencv-python
/// 5.0.0, every value compared by the script beside the golden vectors.
enum OpenCVColor {
  static let shift: Int32 = 14
  static let half: Int32 = 1 << 13

  /// Y, U and V of one pixel, each 0...255.
  @inline(__always)
  static func yuv(red: UInt8, green: UInt8, blue: UInt8) -> (y: Int32, u: Int32, v: Int32) {
    let (r, g, b) = (Int32(red), Int32(green), Int32(blue))
    let y = (1868 &* b &+ 9617 &* g &+ 4899 &* r &+ half) >> shift
    let u = ((b &- y) &* 8061 &+ (128 << shift) &+ half) >> shift
    let v = ((r &- y) &* 14369 &+ (128 << shift) &+ half) >> shift
    return (clip(y), clip(u), clip(v))
  }

  /// Red, green and blue of one pixel; components outside 0...255 are clipped.
  @inline(__always)
  static func rgb(y: Int32, u: Int32, v: Int32) -> (red: UInt8, green: UInt8, blue: UInt8) {
    let (u, v) = (u &- 128, v &- 128)
    let blue = y &+ ((33292 &* u &+ half) >> shift)
    let green = y &+ ((-6472 &* u &- 9519 &* v &+ half) >> shift)
    let red = y &+ ((18678 &* v &+ half) >> shift)
    return (
      UInt8(truncatingIfNeeded: clip(red)), UInt8(truncatingIfNeeded: clip(green)),
      UInt8(truncatingIfNeeded: clip(blue))
    )
  }

  @inline(__always)
  static func clip(_ value: Int32) -> Int32 { max(0, min(255, value)) }
}
