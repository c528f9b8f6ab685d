import Images
import Spectra

/// A residual's power over frequency, levelled so that noise has mean 1 everywhere.
struct PowerSpectrum: Sendable {
  /// Samples a side of the transform it came from: frequency (u, v) is (u, v)/``side`` cycles a pixel.
  let side: Int
  /// [side, side/2 + 1], capped at ``cap``.
  let values: [Float]

  /// A single line counts no more than this many times its surroundings: screens and grids have stronger ones.
  private static let cap: Float = 8
  private static let neighbourhood = 8

  /// - Parameters:
  ///   - residual: of any size; larger ones than a transform are cut into overlapping blocks.
  ///   - side: of the transform.
  init(_ residual: Plane, side: Int) {
    self.side = side
    var sum = [Float](repeating: 0, count: side * (side / 2 + 1))
    let columns = Self.blocks(of: residual.width, side: side)
    let rows = Self.blocks(of: residual.height, side: side)
    let (windowX, windowY) = (Self.window(columns.length), Self.window(rows.length))
    var block = Plane(width: side, height: side)
    for top in rows.starts {
      for left in columns.starts {
        for y in 0..<rows.length {
          let source = (top + y) * residual.width + left
          block.values.withUnsafeMutableBufferPointer { target in
            residual.values.withUnsafeBufferPointer { values in
              let (from, into) = (values.baseAddress! + source, target.baseAddress! + y * side)
              let weight = windowY[y]
              windowX.withUnsafeBufferPointer { window in
                for x in 0..<columns.length { into[x] = from[x] * window[x] * weight }
              }
            }
          }
        }
        let spectrum = FourierTransform.forward(block)
        spectrum.interleaved.withUnsafeBufferPointer { spectrum in
          sum.withUnsafeMutableBufferPointer { sum in
            for index in 0..<sum.count {
              let (re, im) = (spectrum[2 * index], spectrum[2 * index + 1])
              sum[index] += re * re + im * im
            }
          }
        }
      }
    }
    values = Self.levelled(sum, side: side)
  }

  /// Starts and length of the blocks along one axis.
  private static func blocks(of length: Int, side: Int) -> (starts: [Int], length: Int) {
    if length <= side { return ([0], length) }
    let block = side * 3 / 4
    let count = (length - block / 8 + block - 1) / block
    return ((0..<count).map { $0 * (length - block) / max(count - 1, 1) }, block)
  }

  /// Flat in the middle, cosine over the outer sixths.
  private static func window(_ length: Int) -> [Float] {
    let edge = max(length / 6, 1)
    return (0..<length).map { position in
      let distance = min(position, length - 1 - position)
      guard distance < edge else { return 1 }
      return Float(0.5 - 0.5 * cosine((Double(distance) + 0.5) / Double(edge) * .pi))
    }
  }

  /// Each value over the mean of the 17×17 around it.
  private static func levelled(_ power: [Float], side: Int) -> [Float] {
    let width = side / 2 + 1
    let reach = neighbourhood
    var result = power
    var columns = [Float](repeating: 0, count: width)
    power.withUnsafeBufferPointer { power in
      result.withUnsafeMutableBufferPointer { result in
        // Rows wrap; columns end at both sides.
        for v in -reach...reach {
          let line = power.baseAddress! + (v + side) % side * width
          for u in 0..<width { columns[u] += line[u] }
        }
        for v in 0..<side {
          if v > 0 {
            let entering = power.baseAddress! + (v + reach) % side * width
            let leaving = power.baseAddress! + (v - reach - 1 + side) % side * width
            for u in 0..<width { columns[u] += entering[u] - leaving[u] }
          }
          var sum: Float = 0
          for u in 0..<min(reach, width) { sum += columns[u] }
          let line = power.baseAddress! + v * width
          let out = result.baseAddress! + v * width
          for u in 0..<width {
            if u + reach < width { sum += columns[u + reach] }
            if u > reach { sum -= columns[u - reach - 1] }
            let count = min(u + reach, width - 1) - max(u - reach, 0) + 1
            let mean = max(sum, 0) / Float(count * (2 * reach + 1))
            out[u] = min(line[u] / (mean + 1e-9), cap)
          }
        }
      }
    }
    return result
  }
}
