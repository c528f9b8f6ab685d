import Images
import Testing
import VisibleMarks

struct CorrelationMapTests {
  static func field(width: Int, height: Int, seed: UInt64) -> Plane {
    var random = SplitMix(state: seed)
    return Plane(
      width: width, height: height, values: (0..<width * height).map { _ in Float(random.unit()) })
  }

  @Test(arguments: [1, 2, 3])
  func `the adjoint of differences is theirs`(lag: Int) {
    let picture = Self.field(width: 19, height: 14, seed: 8)
    var shape = Plane(width: 19, height: 14)
    for y in 3..<11 { for x in 3..<16 { shape[x, y] = Float((x * 7 + y * 5) % 11) } }
    let (a, b) = (DifferenceField(picture, lag: lag), DifferenceField(shape, lag: lag))
    let direct = a.across.indices.reduce(Float(0)) {
      $0 + a.across[$1] * b.across[$1] + a.down[$1] * b.down[$1]
    }
    let adjoint = zip(a.adjoint(), shape.values).reduce(Float(0)) { $0 + $1.0 * $1.1 }
    #expect(abs(direct - adjoint) <= 1e-3 + 1e-4 * abs(direct))
  }

  @Test func `bent differences are shorter and keep their direction`() {
    let plane = Self.field(width: 12, height: 9, seed: 9)
    let (straight, bent) = (DifferenceField(plane), DifferenceField(plane, bend: 0.25))
    for i in straight.energies.indices where straight.energies[i] > 0 {
      #expect(bent.energies[i] < straight.energies[i])
      #expect(bent.energies[i] <= 0.0626)
      #expect(abs(bent.across[i] * straight.down[i] - bent.down[i] * straight.across[i]) < 1e-5)
    }
  }

  /// White at a constant opacity is an addition in the logarithm of what is left up to white.
  @Test(arguments: [0.0, 40, 120, 200])
  func `the mark is the same on any ground`(level: Double) throws {
    let pixels = [UInt8](repeating: UInt8(level), count: 900 * 900 * 3)
    let ground = Image(width: 900, height: 900, colorModel: .rgb, pixels: pixels)
    let marked = PaintedMarks.star(on: ground, width: 48, right: 56, bottom: 56)
    let best = try #require(VisibleMarkReader(marks: [.geminiSparkle]).candidates(in: marked).first).candidate
    #expect(best.placement == .expected)
    #expect(best.score > 1.5)
    #expect(abs(best.opacity - 0.5) < 0.05)
  }
}
