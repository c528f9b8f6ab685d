import Foundation

/// Votes gathered by the bit that they count for.
struct PayloadFold {
  /// Per bit: the sum of its votes and their number.
  var sums: [Double]
  var counts: [Double]
  /// The votes' mean square.
  var variance: Double

  var length: Int { sums.count }

  /// Gathers a grid's votes as they lie if nothing was cut off: block n votes for bit n modulo `length`.
  init(_ grid: VoteGrid, length: Int, variance: Double) {
    var sums = [Float](repeating: 0, count: length)
    grid.votes.withUnsafeBufferPointer { votes in
      sums.withUnsafeMutableBufferPointer { sums in
        guard let first = votes.baseAddress, let sums = sums.baseAddress else { return }
        for start in stride(from: 0, to: votes.count, by: length) {
          let part = first + start
          for bit in 0..<min(length, votes.count - start) { sums[bit] += part[bit] }
        }
      }
    }
    self.sums = sums.map(Double.init)
    let (whole, rest) = grid.count.quotientAndRemainder(dividingBy: length)
    counts = (0..<length).map { Double($0 < rest ? whole + 1 : whole) }
    self.variance = variance
  }

  /// Gathers votes after a cut: the block in `row` and `column` votes for bit row·stride + column + phase.
  init(_ grid: VoteGrid, length: Int, stride: Int, phase: Int, variance: Double) {
    sums = [Double](repeating: 0, count: length)
    counts = sums
    for row in 0..<grid.rows {
      var bit = (row * stride + phase) % length
      for column in 0..<grid.columns {
        sums[bit] += Double(grid.votes[row * grid.columns + column])
        counts[bit] += 1
        bit = bit + 1 == length ? 0 : bit + 1
      }
    }
    self.variance = variance
  }

  /// How a payload fits.
  struct Match {
    /// Standard deviations of the matched filter's output over what chance gives.
    var z: Double
    /// The bits as they are read, with the threshold that this payload's share of ones asks for.
    var bits: [Bool]
    var agreeing: Int
    /// A bit says the opposite so clearly that noise does not explain it.
    var isContradicted: Bool

    var agreement: Double { bits.isEmpty ? 0 : Double(agreeing) / Double(bits.count) }
  }

  /// - Parameter isText: whether the payload is text, so that another text could be close to it.
  func match(_ payload: Payload, isText: Bool = false) -> Match {
    let signs = payload.bits.map { $0 ? 1.0 : -1.0 }
    let mean = signs.reduce(0, +) / Double(length)
    let votes = (0..<length).map { counts[$0] > 0 ? sums[$0] / counts[$0] : 0 }
    let voteMean = votes.reduce(0, +) / Double(length)
    var sum = 0.0
    var power = 0.0
    var projection = 0.0
    var norm = 0.0
    for bit in 0..<length {
      let sign = signs[bit] - mean
      sum += sums[bit] * sign
      power += counts[bit] * sign * sign
      projection += (votes[bit] - voteMean) * sign
      norm += sign * sign
    }
    let amplitude = norm > 0 ? projection / norm : 0
    let threshold = voteMean - amplitude * mean
    let bits = votes.map { $0 > threshold }
    var agreeing = 0
    var contradicted = false
    for bit in 0..<length {
      if bits[bit] == payload.bits[bit] {
        agreeing += 1
      } else if abs(votes[bit] - threshold) > 5 * (variance / max(1, counts[bit])).squareRoot() {
        contradicted = true
      }
    }
    if isText, !contradicted {
      let towards = (0..<length).map { (votes[$0] - threshold) * (payload.bits[$0] ? 1 : -1) }
      contradicted = spellsAnotherText(than: payload, towards, amplitude: amplitude)
    }
    let deviation = (variance * power).squareRoot()
    return Match(
      z: deviation > 0 ? sum / deviation : 0, bits: bits, agreeing: agreeing, isContradicted: contradicted)
  }

  /// Whether another letter explains the votes of some letter so much better that noise does not explain it.
  ///
  /// Texts that differ in one letter share nearly all bits: what tells `StableDiffusionX1` from a generator's text is
  /// that three bits speak against it as clearly as the others speak for it. Bits that were read wrong speak
  /// faintly. The ratio of likelihoods is that of Gaussian means, a letter's bits at ± the amplitude; under the
  /// payload itself it exceeds the limit in at most one picture in a thousand (Markov's inequality, over all letters).
  ///
  /// - Parameters:
  ///   - towards: per bit, the mean vote with the sign of the payload's bit.
  ///   - amplitude: what it is where the payload was written.
  private func spellsAnotherText(than payload: Payload, _ towards: [Double], amplitude: Double) -> Bool {
    let votes = counts.reduce(0, +)
    let between = (0..<length).reduce(0) { $0 + sums[$1] * sums[$1] / max(1, counts[$1]) }
    // What the votes of one bit differ by among themselves: noise, without the mark.
    let noise = (variance * votes - between) / max(1, votes - Double(length))
    guard amplitude > 0, noise > 0 else { return false }
    let letters = UInt8(0x20)..<UInt8(0x7F)
    let limit = log(1000 * Double(length / 8 * letters.count))
    return stride(from: 0, to: length - 7, by: 8).contains { start in
      let own = payload.bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
      return letters.contains { letter in
        let ratio = (0..<8).reduce(0.0) { sum, bit in
          guard (letter ^ own) >> (7 - UInt8(bit)) & 1 == 1 else { return sum }
          return sum - 2 * amplitude * towards[start + bit] * counts[start + bit] / noise
        }
        return ratio > limit
      }
    }
  }

  /// How much more the votes repeat with this length than chance lets them, in standard deviations.
  ///
  /// The sum of squares is χ² with length − 1 degrees of freedom; Wilson and Hilferty's cube root makes it
  /// normal (PNAS 17, 1931, doi:10.1073/pnas.17.12.684).
  var periodicity: Double {
    guard variance > 0, length > 1 else { return 0 }
    let freedom = Double(length - 1)
    let energy = (0..<length).reduce(0) { $0 + (counts[$1] > 0 ? sums[$1] * sums[$1] / counts[$1] : 0) }
    let spread = 2 / (9 * freedom)
    return (cbrt(energy / variance / freedom) - 1 + spread) / spread.squareRoot()
  }

  /// How much of the votes' energy repeats with this length, over what chance gives, in the votes' variances.
  var excess: Double {
    guard variance > 0 else { return 0 }
    let energy = (0..<length).reduce(0) { $0 + (counts[$1] > 0 ? sums[$1] * sums[$1] / counts[$1] : 0) }
    return energy / variance - Double(length - 1)
  }

  /// The share of the votes' energy that repeats.
  var repeatedShare: Double {
    let total = variance * counts.reduce(0, +)
    return total > 0 ? (0..<length).reduce(0) { $0 + sums[$1] * sums[$1] / max(1, counts[$1]) } / total : 0
  }
}

/// Tail probabilities.
enum Tail {
  /// P(X ≥ z) of a standard normal variable.
  static func normal(_ z: Double) -> Double { 0.5 * erfc(z / 2.0.squareRoot()) }

  /// P(X ≥ k) of n fair coins.
  static func fairCoins(_ k: Int, of n: Int) -> Double {
    guard k > 0 else { return 1 }
    guard k <= n else { return 0 }
    var sum = 0.0
    for heads in k...n {
      let ways = lgamma(Double(n + 1)) - lgamma(Double(heads + 1)) - lgamma(Double(n - heads + 1))
      sum += exp(ways - Double(n) * M_LN2)
    }
    return min(1, sum)
  }
}
