internal import Images

/// How much of a picture is its background: pages of text, line drawings and nearly empty pictures, which training hardly held.
enum PlainShare {
  /// From this share on a picture is not judged: 0.2 % of the real and 0.6 % of the generated training pictures, at most six of a
  /// source, reach it.
  static let most = 0.85
  /// Pixels that are looked at, at least; evenly spread.
  private static let samples = 40_000
  /// How far a pixel's channels may lie from the background's, of 255.
  private static let tolerance = 14

  /// The share of pixels, 0...1, that look like the commonest colour.
  static func of(_ image: Image) -> Double {
    let channels = image.colorModel.channels
    // Grey is one channel, beside alpha or not.
    let colours = channels < 3 ? 1 : 3
    let step = max(1, Int((Double(image.width * image.height) / Double(samples)).squareRoot()))
    var counts = [Int](repeating: 0, count: 16 * 16 * 16)
    let bytes = image.pixels8
    var pixels: [SIMD4<Int32>] = []
    pixels.reserveCapacity((image.width / step + 1) * (image.height / step + 1))
    for y in stride(from: step / 2, to: image.height, by: step) {
      for x in stride(from: step / 2, to: image.width, by: step) {
        let first = (y * image.width + x) * channels
        var pixel = SIMD4<Int32>.zero
        for channel in 0..<3 { pixel[channel] = Int32(bytes[first + min(channel, colours - 1)]) }
        pixels.append(pixel)
        counts[bin(pixel)] += 1
      }
    }
    guard !pixels.isEmpty, let commonest = counts.indices.max(by: { counts[$0] < counts[$1] }) else {
      return 0
    }
    var sum = SIMD4<Int32>.zero
    for pixel in pixels where bin(pixel) == commonest { sum &+= pixel }
    let count = Int32(counts[commonest])
    let background = (sum &+ count / 2) / SIMD4(repeating: count)
    let near = pixels.count { pixel in
      let step = pixel &- background
      return (0..<3).allSatisfy { abs(step[$0]) <= tolerance }
    }
    return Double(near) / Double(pixels.count)
  }

  /// Sixteen steps a channel.
  private static func bin(_ pixel: SIMD4<Int32>) -> Int {
    Int(pixel[0] >> 4) << 8 | Int(pixel[1] >> 4) << 4 | Int(pixel[2] >> 4)
  }
}
