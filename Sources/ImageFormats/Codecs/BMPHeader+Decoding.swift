import Images

extension BMPHeader {
  /// The pixels, top row first.
  ///
  /// - Throws: ``ImageFormatError`` `bmp.truncated` where rows are missing, unless damage is allowed; they are
  ///   black then.
  func decode(_ shape: Codecs.Shape, allowingDamage: Bool) throws(ImageFormatError) -> DecodedImage {
    var pixels = [UInt8](repeating: 0, count: shape.bytes)
    let isWhole = coding == .runs ? decodeRuns(into: &pixels) : decodeRows(into: &pixels)
    guard isWhole || allowingDamage else {
      throw file.error(
        "bmp.truncated", bytes.count..<bytes.count, "the file ends within its pixels",
        "fetch the file again from its source")
    }
    return DecodedImage(
      image: Image(width: width, height: height, colorModel: shape.colorModel, pixels: pixels),
      isComplete: isWhole, warnings: isWhole ? [] : ["the file ends within its pixels"])
  }

  private var channels: Int { hasAlpha ? 4 : 3 }

  /// The first sample of a row of the picture, counted as the file does.
  private func target(ofRow row: Int) -> Int { (isTopDown ? row : height - 1 - row) * width * channels }

  /// False where the data end early.
  private func decodeRows(into pixels: inout [UInt8]) -> Bool {
    for row in 0..<height {
      let start = dataOffset + row * stride
      // The last row needs no padding.
      guard start + (width * bits + 7) / 8 <= bytes.count else { return false }
      var place = target(ofRow: row)
      for x in 0..<width {
        write(pixel(x, rowAt: start), to: &pixels, at: place)
        place += channels
      }
    }
    return true
  }

  private func pixel(_ x: Int, rowAt start: Int) -> (UInt8, UInt8, UInt8, UInt8) {
    switch bits {
    case 24:
      let place = start + 3 * x
      return (bytes[place + 2], bytes[place + 1], bytes[place], 255)
    case 16, 32:
      let size = bits / 8
      var value: UInt32 = 0
      for index in (0..<size).reversed() { value = value << 8 | UInt32(bytes[start + x * size + index]) }
      return (
        masks[0].sample(value), masks[1].sample(value), masks[2].sample(value),
        hasAlpha ? masks[3].sample(value) : 255
      )
    default:
      let bit = x * bits
      let index = Int(bytes[start + bit / 8] >> UInt8(8 - bits - bit % 8)) & ((1 << bits) - 1)
      return color(index)
    }
  }

  /// Indices beyond the palette are black.
  private func color(_ index: Int) -> (UInt8, UInt8, UInt8, UInt8) {
    guard index < palette.count else { return (0, 0, 0, 255) }
    return (palette[index][0], palette[index][1], palette[index][2], 255)
  }

  private func write(_ color: (UInt8, UInt8, UInt8, UInt8), to pixels: inout [UInt8], at place: Int) {
    pixels[place] = color.0
    pixels[place + 1] = color.1
    pixels[place + 2] = color.2
    if hasAlpha { pixels[place + 3] = color.3 }
  }

  /// Run lengths of 8- or 4-bit indices; what no run reaches has the first colour.
  ///
  /// - Returns: false where the data end before the mark that ends the picture.
  private func decodeRuns(into pixels: inout [UInt8]) -> Bool {
    for row in 0..<height {
      let start = target(ofRow: row)
      for x in 0..<width { write(color(0), to: &pixels, at: start + x * channels) }
    }
    var (x, row, place) = (0, 0, dataOffset)
    func set(_ index: Int, _ pixels: inout [UInt8]) {
      if x < width, row < height { write(color(index), to: &pixels, at: target(ofRow: row) + x * channels) }
      x += 1
    }
    /// The n-th index of packed bytes.
    func index(_ n: Int, from start: Int) -> Int {
      guard bits == 4 else { return Int(bytes[start + n]) }
      let pair = bytes[start + n / 2]
      return Int(n % 2 == 0 ? pair >> 4 : pair & 15)
    }
    while row < height {
      guard place + 2 <= bytes.count else { return false }
      let (count, value) = (Int(bytes[place]), Int(bytes[place + 1]))
      place += 2
      if count > 0 {
        for n in 0..<count { set(bits == 4 ? (n % 2 == 0 ? value >> 4 : value & 15) : value, &pixels) }
        continue
      }
      switch value {
      case 0: (x, row) = (0, row + 1)
      case 1: return true
      case 2:
        guard place + 2 <= bytes.count else { return false }
        x += Int(bytes[place])
        row += Int(bytes[place + 1])
        place += 2
      default:
        let size = bits == 4 ? (value + 1) / 2 : value
        guard place + size <= bytes.count else { return false }
        for n in 0..<value { set(index(n, from: place), &pixels) }
        // Literal indices are padded to an even length.
        place += size + size % 2
      }
    }
    return true
  }
}
