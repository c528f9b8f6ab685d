import Images

/// Pictures of our own for a pipeline to work on: they look like nothing, and have what photographs have for a codec
/// and a watermark, smooth grounds, edges and grain. The same number draws the same picture.
enum SampleDrawing {
  static let width = 960
  static let height = 720

  static func image(_ number: Int) -> Image {
    var grain = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15 | 1
    /// xorshift64; Marsaglia 2003, doi:10.18637/jss.v008.i14.
    func noise() -> Int {
      grain ^= grain << 13
      grain ^= grain >> 7
      grain ^= grain << 17
      return Int(grain >> 60)
    }
    /// 0...size, up and down with a period of twice the size.
    func wave(_ value: Int, _ size: Int) -> Int { abs((value % (2 * size) + 2 * size) % (2 * size) - size) }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        let isDisc = [(240, 200, 120), (620, 420, 170), (800, 140, 70)].contains { disc in
          let (dx, dy) = (x - disc.0 - 40 * number, y - disc.1)
          return dx * dx + dy * dy < disc.2 * disc.2
        }
        let grainHere = noise() / 2
        for c in 0..<3 {
          let ground = wave(2 * x + 3 * y * (c + 1) / 2 + 97 * number, 150) * 2 / 3
          let fine = wave(7 * x - 5 * y + 31 * c, 24)
          let tile = (x / 96 * 7 + y / 72 * 13 + c * 5 + number) % 6 * 9
          let value = 30 + ground + fine + tile + (isDisc ? 35 - 20 * c : 0) + grainHere
          pixels.append(UInt8(min(max(value, 0), 235)))
        }
      }
    }
    return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
  }
}
