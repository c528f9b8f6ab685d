/// Signs that a JPEG was compressed before, with another quality on the same grid.
///
/// Quantising twice leaves the histogram of a DCT frequency with a comb of full and empty bins whose period
/// depends on the two steps. The comb says nothing about who made the picture: it tells that the file isn't
/// the first generation.
///
/// Source: Popescu & Farid 2004, doi:10.1007/978-3-540-30114-1_10
public struct DoubleCompression: Sendable, Hashable {
  /// Strongest comb over the first nine AC frequencies, 0 (smooth histogram) ... 1 (only every p-th bin used).
  public let periodicity: Float
  /// The comb's period in quantiser steps, 2...8; nil when `periodicity` is below 0.1.
  public let period: Int?
  /// Histograms with enough entries to be judged, 0...9.
  public let frequenciesUsed: Int

  /// The frequencies looked at, as [v, u] offsets in a block in row order: the lowest nine AC terms.
  static let offsets = [1, 8, 16, 9, 2, 3, 10, 17, 24]

  /// - Parameter luma: quantised coefficients, [blocks, 64] in row order.
  /// - Throws: ``SpectrumError`` when the count is not a multiple of 64.
  public init(luma: [Int16]) throws(SpectrumError) {
    guard luma.count % 64 == 0 else {
      throw SpectrumError(
        code: "spectrum.blocks", message: "\(luma.count) coefficients are no whole number of blocks",
        remedy: "pass 64 for each block")
    }
    var combs: [(strength: Float, period: Int)] = []
    let blocks = luma.count / 64
    // A quarter of a million coefficients make a smooth histogram; more only cost time.
    let step = max(1, blocks / 16_384)
    for offset in Self.offsets {
      var histogram = [Float](repeating: 0, count: Self.bins + 1)
      for block in stride(from: 0, to: blocks, by: step) {
        let magnitude = Int(luma[block * 64 + offset].magnitude)
        if magnitude <= Self.bins { histogram[magnitude] += 1 }
      }
      if let comb = Self.comb(histogram) { combs.append(comb) }
    }
    frequenciesUsed = combs.count
    let best = combs.max { ($0.strength, -$0.period) < ($1.strength, -$1.period) }
    periodicity = best?.strength ?? 0
    period = periodicity >= 0.1 ? best?.period : nil
  }

  private static let bins = 48

  /// How far one period p explains the bins' departure from their smooth envelope; the zero bin is left out.
  private static func comb(_ histogram: [Float]) -> (strength: Float, period: Int)? {
    // The tail past the last well-filled stretch is noise.
    var last = bins
    while last > 8, histogram[(last - 7)...last].reduce(0, +) < 64 { last -= 1 }
    guard last >= 16 else { return nil }
    let relative = (1...last).map { bin -> Float in
      let low = max(1, bin - 4)
      let high = min(last, bin + 4)
      let mean = histogram[low...high].reduce(0, +) / Float(high - low + 1)
      return mean > 0 ? min(histogram[bin] / mean, 4) : 1
    }
    let total = relative.reduce(0, +)
    guard total > 0 else { return nil }
    var best: (strength: Float, period: Int) = (0, 2)
    for period in 2...8 {
      var (re, im): (Float, Float) = (0, 0)
      for (index, value) in relative.enumerated() {
        let phase = 2 * Double.pi * Double((index + 1) % period) / Double(period)
        re += value * Float(cosine(phase))
        im += value * Float(cosine(phase - Double.pi / 2))
      }
      // The sum over bins that don't fill whole periods leaves up to half a period's worth.
      let strength = (re * re + im * im).squareRoot() / total - Float(period) / Float(4 * last)
      if strength > best.strength { best = (strength, period) }
    }
    return best
  }
}
