import Foundation
public import Images

/// A 64-bit fingerprint that stays nearly the same under scaling, recompression and small edits.
///
/// The luminance is averaged to 32×32, its lowest 8×8 DCT coefficients are compared with their median
/// (DC left out of the median). Source: C. Zauner, *Implementation and Benchmarking of Perceptual Image
/// Hash Functions*, 2010, section 3.2.1.
public struct PerceptualHash: Sendable, Hashable {
  public let bits: UInt64

  public init(bits: UInt64) { self.bits = bits }

  /// - Parameter hex: 16 hexadecimal digits.
  public init?(hex: String) {
    guard hex.utf8.count == 16, let bits = UInt64(hex, radix: 16) else { return nil }
    self.bits = bits
  }

  public init(_ image: Image) { self.init(image.luminance()) }

  /// - Parameter luminance: any range; only its shape counts.
  public init(_ luminance: Plane) {
    let low = Self.lowFrequencies(Self.averaged(luminance))
    let median = low.dropFirst().sorted()[31]
    var bits: UInt64 = 0
    for value in low { bits = bits << 1 | (value > median ? 1 : 0) }
    self.bits = bits
  }

  /// The number of bits that differ: 0...64; up to about 8 speaks for the same picture.
  public func distance(to other: PerceptualHash) -> Int { (bits ^ other.bits).nonzeroBitCount }

  public var hex: String {
    let digits = String(bits, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static let side = 32

  /// Box averages on a 32×32 grid; cells of a picture below 32 pixels repeat its pixels.
  private static func averaged(_ plane: Plane) -> [Float] {
    var cells = [Float](repeating: 0, count: side * side)
    for row in 0..<side {
      let top = row * plane.height / side
      let bottom = max(top + 1, (row + 1) * plane.height / side)
      for column in 0..<side {
        let left = column * plane.width / side
        let right = max(left + 1, (column + 1) * plane.width / side)
        var sum: Float = 0
        for y in top..<bottom {
          for x in left..<right { sum += plane.values[y * plane.width + x] }
        }
        cells[row * side + column] = sum / Float((bottom - top) * (right - left))
      }
    }
    return cells
  }

  private static let cosines: [Float] = (0..<8).flatMap { frequency in
    (0..<side).map { Float(cos(Double.pi * Double(frequency) * (Double($0) + 0.5) / Double(side))) }
  }

  private static func lowFrequencies(_ cells: [Float]) -> [Float] {
    var rows = [Float](repeating: 0, count: side * 8)
    for y in 0..<side {
      for u in 0..<8 {
        var sum: Float = 0
        for x in 0..<side { sum += cells[y * side + x] * cosines[u * side + x] }
        rows[y * 8 + u] = sum
      }
    }
    var low = [Float](repeating: 0, count: 64)
    for v in 0..<8 {
      for u in 0..<8 {
        var sum: Float = 0
        for y in 0..<side { sum += rows[y * 8 + u] * cosines[v * side + y] }
        low[v * 8 + u] = sum
      }
    }
    return low
  }
}
