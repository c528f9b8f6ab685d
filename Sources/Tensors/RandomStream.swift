/// Random numbers that are the same on every machine for the same seed and stream.
///
/// Philox4x32-10: the n-th block of four 32-bit words is a function of (seed, stream, n) alone, so a stream is
/// saved as three integers and any number of independent streams needs no coordination between threads.
///
/// Normal deviates come from Box and Muller's transform with polynomials of our own for the logarithm, sine and
/// cosine: these use only +, −, ×, ÷ and √ on doubles, which IEEE 754 rounds alike everywhere, where the C
/// library's functions differ between versions in the last bit.
///
/// Sources: Salmon et al. 2011, doi:10.1145/2063384.2063405; Box and Muller 1958, doi:10.1214/aoms/1177706645.
public struct RandomStream: Sendable, Hashable, Codable, RandomNumberGenerator {
  public let seed: UInt64
  public let stream: UInt64
  /// The number of 32-bit words drawn so far.
  public private(set) var position: UInt64
  private var block = SIMD4<UInt32>()

  private enum CodingKeys: String, CodingKey { case seed, stream, position }

  /// - Parameters:
  ///   - seed: what the user gave; printed in reports.
  ///   - stream: tells streams of one seed apart: a sample's index, a layer's number.
  ///   - position: words to skip, from ``position`` of a saved stream.
  public init(seed: UInt64, stream: UInt64 = 0, position: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
    self.position = position
    if position & 3 != 0 { block = Self.philox(seed: seed, stream: stream, counter: position >> 2) }
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      seed: try values.decode(UInt64.self, forKey: .seed),
      stream: try values.decode(UInt64.self, forKey: .stream),
      position: try values.decode(UInt64.self, forKey: .position))
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.seed == b.seed && a.stream == b.stream && a.position == b.position
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(seed)
    hasher.combine(stream)
    hasher.combine(position)
  }

  /// The next 32 uniform bits.
  public mutating func nextWord() -> UInt32 {
    let lane = Int(position & 3)
    if lane == 0 { block = Self.philox(seed: seed, stream: stream, counter: position >> 2) }
    position += 1
    return block[lane]
  }

  public mutating func next() -> UInt64 {
    let low = UInt64(nextWord())
    return UInt64(nextWord()) << 32 | low
  }

  /// Uniform in 0..<1, a multiple of 2⁻²⁴.
  public mutating func uniform() -> Float { Float(nextWord() >> 8) * 0x1p-24 }

  /// Uniform in `range`.
  public mutating func uniform(in range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// Uniform in `range`, without bias.
  public mutating func integer(in range: Range<Int>) -> Int {
    precondition(!range.isEmpty)
    let width = UInt64(range.upperBound - range.lowerBound)
    // The words below this bound would make the first results a little more likely.
    let rejected = (0 &- width) % width
    var word: UInt64
    repeat { word = next() } while word < rejected
    return range.lowerBound + Int(word % width)
  }

  /// True with the probability given.
  public mutating func chance(_ probability: Float) -> Bool { uniform() < probability }

  /// Two independent normal deviates, mean 0, deviation 1.
  mutating func normalPair() -> (Float, Float) {
    // u in (0, 1], so that its logarithm is finite.
    let u = (Double(nextWord()) + 1) * 0x1p-32
    let v = Double(nextWord()) * 0x1p-32
    let radius = (-2 * PortableMath.log(u)).squareRoot()
    let (sine, cosine) = PortableMath.sincosTurns(v)
    return (Float(radius * cosine), Float(radius * sine))
  }

  /// One normal deviate, mean 0, deviation 1; costs as much as a pair.
  public mutating func normal() -> Float { normalPair().0 }

  /// The numbers `0..<count` in random order (Fisher and Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, integer(in: 0..<i + 1)) }
    return order
  }

  static func philox(seed: UInt64, stream: UInt64, counter: UInt64) -> SIMD4<UInt32> {
    var x = SIMD4<UInt32>(
      UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
      UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
    var key0 = UInt32(truncatingIfNeeded: seed)
    var key1 = UInt32(truncatingIfNeeded: seed >> 32)
    for _ in 0..<10 {
      let p0 = UInt64(0xD251_1F53) * UInt64(x.x)
      let p1 = UInt64(0xCD9E_8D57) * UInt64(x.z)
      x = SIMD4(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ x.y ^ key0, UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ x.w ^ key1, UInt32(truncatingIfNeeded: p0))
      key0 &+= 0x9E37_79B9
      key1 &+= 0xBB67_AE85
    }
    return x
  }
}

/// Elementary functions that give the same double on every machine: +, −, ×, ÷ only, never fused.
enum PortableMath {
  /// The natural logarithm of a positive, finite number; error below 2⁻⁴⁵ of the result or 2⁻⁵⁰.
  static func log(_ x: Double) -> Double {
    precondition(x > 0 && x.isFinite)
    var exponent = Double(x.exponent)
    var m = x.significand
    if m > 1.4142135623730951 {
      m *= 0.5
      exponent += 1
    }
    // log m = 2 artanh(s), s = (m − 1)/(m + 1), |s| < 0.1716: the series' tenth term is below 2⁻⁵⁴.
    let s = (m - 1) / (m + 1)
    let z = s * s
    var sum = 0.0
    for k in stride(from: 21, through: 1, by: -2) { sum = sum * z + 1 / Double(k) }
    return exponent * 0.6931471805599453 + 2 * s * sum
  }

  /// Sine and cosine of 2π·`turns`, for `turns` in 0..<1; error below 2⁻⁵⁰.
  static func sincosTurns(_ turns: Double) -> (sine: Double, cosine: Double) {
    // The nearest quarter turn leaves an angle in −π/4...π/4.
    let quarter = (turns * 4 + 0.5).rounded(.down)
    let angle = (turns * 4 - quarter) * 1.5707963267948966
    let z = angle * angle
    var sine = 0.0
    var cosine = 0.0
    for k in stride(from: 17, through: 3, by: -2) { sine = (sine + 1) * -z / Double(k * (k - 1)) }
    for k in stride(from: 18, through: 2, by: -2) { cosine = (cosine + 1) * -z / Double(k * (k - 1)) }
    sine = (sine + 1) * angle
    cosine += 1
    switch Int(quarter) & 3 {
    case 0: return (sine, cosine)
    case 1: return (cosine, -sine)
    case 2: return (-sine, -cosine)
    default: return (-cosine, sine)
    }
  }
}
