import Examiners
import Foundation
import ImageFormats
import Images
import Scanning
import TestSupport
import Testing

/// Sixteen bits a sample are scaled to what a hash looks at, neither cut off nor wrapped around.
struct DeepHashTests {
  @Test func `a picture of 16 bits has the hash of its 8-bit version`() throws {
    let side = 96
    let samples = (0..<side * side).map { index -> UInt8 in
      let (x, y) = (index % side, index / side)
      return UInt8((x * 2 + y * (x > 40 ? 1 : 0)) % 256)
    }
    // 257 times a sample is the same brightness in 16 bits; the low byte alone says as much, so another one is put there.
    for low in [UInt8(0), 0x5A, 0xFF] {
      let deep = samples.flatMap { [$0, low] }
      let file = Self.png(side, bits: 16, rows: deep, bytesPerPixel: 2)
      let plain = Self.png(side, bits: 8, rows: samples, bytesPerPixel: 1)
      let hashes = try [file, plain].map { PerceptualHash(try ImageFile(bytes: $0).decode().image) }
      #expect(hashes[0].distance(to: hashes[1]) <= 1, "\(low)")
      #expect(hashes[0].bits != 0 && hashes[0].bits != .max)
    }
  }

  private static func png(_ side: Int, bits: UInt8, rows: [UInt8], bytesPerPixel: Int) -> [UInt8] {
    func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
    func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
      let body = Array(name.utf8) + content
      return number(content.count) + body + number(Int(crc(body)))
    }
    let width = side * bytesPerPixel
    var raw: [UInt8] = []
    for row in 0..<side { raw += [0] + rows[(row * width)..<((row + 1) * width)] }
    var data: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: raw.count, by: 60_000) {
      let block = raw[start..<min(start + 60_000, raw.count)]
      let isLast: UInt8 = start + 60_000 >= raw.count ? 1 : 0
      data += [isLast, UInt8(block.count & 255), UInt8(block.count >> 8)]
      data += [UInt8(~block.count & 255), UInt8(~block.count >> 8 & 255)] + block
    }
    var (a, b) = (1, 0)
    for byte in raw {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    data += number(b << 16 | a)
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", number(side) + number(side) + [bits, 0, 0, 0, 0]) + chunk("IDAT", data)
      + chunk("IEND", [])
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { crc, byte in
      var crc = crc ^ UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
      return crc
    }
  }
}
