import Foundation
import Images

/// Pictures computed from integers, the same as in Tests/Peers/make_watermark_vectors.py.
enum Carrier: String, Codable, CaseIterable {
  case noise, smooth, flat, tiles, greys, checkers, extremes, waves

  func image(width: Int, height: Int, seed: Int) -> Image {
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<3 {
          let index = (y * width + x) * 3 + c
          let value = sample(x: x, y: y, c: c, index: index, width: width, height: height, seed: seed)
          pixels[index] = UInt8(truncatingIfNeeded: value)
        }
      }
    }
    return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
  }

  private func sample(x: Int, y: Int, c: Int, index: Int, width: Int, height: Int, seed: Int) -> Int {
    let h = Self.scramble(index + seed * 7919)
    let place = (y / 16) * 64 + x / 16
    let tile = Self.scramble(place * 3 + c + seed * 104_729)
    switch self {
    case .noise: return h >> 24
    case .smooth: return 40 + x * (170 - 40 * c) / width + y * 30 / height + (h >> 29)
    case .flat: return (seed * 37 + c * 91) % 256
    case .tiles: return tile >> 24
    case .greys:
      let grey = Self.scramble(place + seed * 104_729) >> 24
      return max(0, min(255, grey + (tile >> 28) - 8))
    case .checkers: return max(0, min(255, (tile >> 24) + (x + y) % 2 * 17 - 8))
    case .extremes: return ((tile + h / 16) >> 4 & 1) * 255
    case .waves:
      let wave = abs((3 * x + 5 * y + 11 * c) % 128 - 64) + abs((7 * x - 2 * y + 4096) % 64 - 32)
      return 60 + wave + (h >> 28)
    }
  }

  /// A 32-bit hash of 32-bit integers.
  static func scramble(_ index: Int) -> Int {
    var h = UInt64(index) &* 2_654_435_761 & 0xFFFF_FFFF
    h ^= h >> 15
    h = h &* 2_246_822_519 & 0xFFFF_FFFF
    return Int(h ^ h >> 13)
  }
}

/// CRC-32 as zlib computes it, eight hexadecimal digits.
func checksum(_ bytes: [UInt8]) -> String {
  var table: [UInt32] = []
  for index in 0..<256 {
    var entry = UInt32(index)
    for _ in 0..<8 { entry = entry & 1 == 1 ? (entry >> 1) ^ 0xEDB8_8320 : entry >> 1 }
    table.append(entry)
  }
  var crc = UInt32.max
  for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 255)] ^ (crc >> 8) }
  let digits = String(~crc, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
