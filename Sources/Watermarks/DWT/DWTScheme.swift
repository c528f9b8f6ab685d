public import Images

/// The marks `dwtDct` and `dwtDctSvd` of the Python package `invisible-watermark`, which the reference
/// code of Stable Diffusion, SDXL, FLUX and others embeds.
///
/// Writing gives the bytes that version 0.2.0 writes, oddities included: the inverse wavelet transform
/// exchanges the two detail bands, and chroma is cut off, not rounded. Only the U plane is touched, and
/// of the picture the upper left part whose sides are multiples of four.
///
/// A block of 8×8 pixels carries one bit; block n in reading order carries bit n modulo the length.
///
/// Source: github.com/ShieldMnt/invisible-watermark 0.2.0, PyWavelets 1.9.0, OpenCV 5.0.0 as observed.
public struct DWTScheme: WatermarkScheme {
  public let method: DWTMethod

  public init(_ method: DWTMethod) {
    self.method = method
  }

  public var name: String { method.rawValue }

  /// The library sets no limit; a bit that is not repeated at least four times in the smallest picture
  /// could not be told from noise.
  public var payloadBits: ClosedRange<Int> { 8...256 }

  /// The fewest pixels that the library accepts.
  static let minimumPixels = 256 * 256

  public func embed(_ payload: Payload, in image: Image) throws(WatermarkError) -> Image {
    guard payloadBits.contains(payload.count) else {
      throw WatermarkError(
        "watermark.payload.length",
        "\(name) carries \(payloadBits.lowerBound) to \(payloadBits.upperBound) bits, not \(payload.count)",
        remedy: "give a payload of 1 to 32 bytes")
    }
    guard image.pixelCount >= Self.minimumPixels, image.width >= 8, image.height >= 8 else {
      throw WatermarkError(
        "watermark.picture.small",
        "a picture of \(image.width)×\(image.height) pixels is too small for \(name), which needs \(Self.minimumPixels)",
        remedy: "mark a picture of 256×256 pixels or more")
    }
    guard image.colorModel == .rgb || image.colorModel == .rgba else {
      throw WatermarkError(
        "watermark.picture.grey", "\(name) hides its bits in colour, and this picture is grey",
        remedy: "use the scheme assay, or convert the picture to RGB")
    }
    var pixels = image.pixels8
    let frame = (width: image.width / 4 * 4, height: image.height / 4 * 4)
    pixels.withUnsafeMutableBufferPointer { buffer in
      for top in stride(from: 0, to: image.height, by: 8) {
        markStrip(
          payload.bits, from: top, in: buffer, width: image.width, height: image.height,
          channels: image.channels, frame: frame)
      }
    }
    switch image.samples {
    case .eight:
      return Image(width: image.width, height: image.height, colorModel: image.colorModel, pixels: pixels)
    case .sixteen(let deep):
      // The mark is defined on 8 bits: each sample moves by what its rounded value moved by.
      let before = image.pixels8
      let moved = deep.indices.map { index in
        UInt16(clamping: Int(deep[index]) + 257 * (Int(pixels[index]) - Int(before[index])))
      }
      return Image(width: image.width, height: image.height, colorModel: image.colorModel, pixels16: moved)
    }
  }

  /// Marks the eight rows from `top` (fewer at the lower edge) and converts them to YUV and back, as
  /// the library does with every pixel.
  private func markStrip(
    _ bits: [Bool], from top: Int, in pixels: UnsafeMutableBufferPointer<UInt8>, width: Int, height: Int,
    channels: Int, frame: (width: Int, height: Int)
  ) {
    let rows = min(8, height - top)
    var luma = [Int32](repeating: 0, count: rows * width)
    var u = [Double](repeating: 0, count: rows * width)
    var v = [Int32](repeating: 0, count: rows * width)
    for index in 0..<rows * width {
      let pixel = (top * width + index) * channels
      let yuv = OpenCVColor.yuv(red: pixels[pixel], green: pixels[pixel + 1], blue: pixels[pixel + 2])
      luma[index] = yuv.y
      u[index] = Double(yuv.u)
      v[index] = yuv.v
    }

    // Frame sides are multiples of four: a strip's last tile may be half, and then carries no bit.
    let frameRows = min(8, max(0, frame.height - top))
    let firstBit = (top / 8) * (frame.width / 8)
    u.withUnsafeMutableBufferPointer { u in
      for left in stride(from: 0, to: frame.width, by: 8) {
        let columns = min(8, frame.width - left)
        let tile = Tile(start: left, stride: width, rows: frameRows, columns: columns)
        let bit = columns == 8 && frameRows == 8 ? bits[(firstBit + left / 8) % bits.count] : nil
        tile.mark(u, bit: bit, method: method)
      }
    }

    for index in 0..<rows * width {
      let pixel = (top * width + index) * channels
      let rgb = OpenCVColor.rgb(y: luma[index], u: Int32(u[index]), v: v[index])
      pixels[pixel] = rgb.red
      pixels[pixel + 1] = rgb.green
      pixels[pixel + 2] = rgb.blue
    }
  }
}

/// Up to 8×8 samples of a plane, a whole number of 2×2 quads.
private struct Tile {
  var start: Int
  var stride: Int
  var rows: Int
  var columns: Int

  /// One-level Haar transform, the bit if there is one, and the library's inverse.
  ///
  /// The operations and their order are PyWavelets': axis 0 first and back last, two products and one
  /// addition a step in doubles, never fused. Cutting off to integers makes every last bit count.
  @inline(__always)
  func mark(_ plane: UnsafeMutableBufferPointer<Double>, bit: Bool?, method: DWTMethod) {
    let k = 0.7071067811865476
    var average = SIMD16<Double>(repeating: 0)
    var vertical = average
    var horizontal = average
    var diagonal = average
    for row in 0..<rows / 2 {
      for column in 0..<columns / 2 {
        let at = start + 2 * row * stride + 2 * column
        let (a, b, c, d) = (plane[at], plane[at + 1], plane[at + stride], plane[at + stride + 1])
        let (lowLeft, lowRight) = (k * a + k * c, k * b + k * d)
        let (highLeft, highRight) = (k * a - k * c, k * b - k * d)
        let index = row * 4 + column
        average[index] = k * lowLeft + k * lowRight
        horizontal[index] = k * lowLeft - k * lowRight
        vertical[index] = k * highLeft + k * highRight
        diagonal[index] = k * highLeft - k * highRight
      }
    }
    if let bit { method.write(bit, into: &average) }
    for row in 0..<rows / 2 {
      for column in 0..<columns / 2 {
        let at = start + 2 * row * stride + 2 * column
        let index = row * 4 + column
        // Here the library exchanges the detail bands.
        let (lowLeft, lowRight) = (
          k * average[index] + k * vertical[index], k * average[index] - k * vertical[index]
        )
        let (highLeft, highRight) = (
          k * horizontal[index] + k * diagonal[index], k * horizontal[index] - k * diagonal[index]
        )
        plane[at] = Self.stored(k * lowLeft + k * highLeft)
        plane[at + 1] = Self.stored(k * lowRight + k * highRight)
        plane[at + stride] = Self.stored(k * lowLeft - k * highLeft)
        plane[at + stride + 1] = Self.stored(k * lowRight - k * highRight)
      }
    }
  }

  /// What numpy stores of a double in a byte: cut off towards zero, then modulo 256.
  @inline(__always)
  static func stored(_ value: Double) -> Double {
    Double(Int32(value) & 255)
  }
}

extension DWTScheme {
  /// The marks of this method only; ``DWTReader`` reads both at the cost of one.
  public func read(_ image: Image) -> WatermarkReading {
    var reading = DWTReader().read(image)
    reading.marks.removeAll { $0.scheme != name }
    return reading
  }
}
