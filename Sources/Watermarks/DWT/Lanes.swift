/// Eight numbers that are worked on at once.
typealias Lanes = SIMD8<Float>

extension SIMD8 where Scalar == Float {
  /// The larger of each pair. The standard library's `pointwiseMax` goes through the numbers one by one.
  @inline(__always)
  static func larger(_ a: Self, _ b: Self) -> Self { a.replacing(with: b, where: b .> a) }

  @inline(__always)
  static func smaller(_ a: Self, _ b: Self) -> Self { a.replacing(with: b, where: b .< a) }

  @inline(__always)
  var magnitudes: Self { Self.larger(self, -self) }

  /// Each number to the nearest integer, below 2²² in size; adding and taking away 1.5·2²³ rounds.
  @inline(__always)
  var nearestIntegers: Self {
    let magic = Self(repeating: 12_582_912)
    return (self + magic) - magic
  }
}

extension UnsafePointer<Float> {
  @inline(__always)
  func lanes(_ at: Int) -> Lanes { UnsafeRawPointer(self + at).loadUnaligned(as: Lanes.self) }
}

extension UnsafeMutablePointer<Float> {
  @inline(__always)
  func lanes(_ at: Int) -> Lanes { UnsafePointer(self).lanes(at) }

  @inline(__always)
  func store(_ value: Lanes, _ at: Int) {
    UnsafeMutableRawPointer(self + at).storeBytes(of: value, as: Lanes.self)
  }
}
