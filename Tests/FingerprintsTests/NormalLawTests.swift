import Fingerprints
import Testing

struct NormalLawTests {
  /// scipy 1.15.3: `scipy.stats.norm.logsf(z) / log(10)`.
  static let values: [(z: Double, log10: Double)] = [
    (0, -0.3010299956639812), (1, -0.7995455414919707), (6, -9.005864327476706), (29.9, -196.00705043724338),
    (30.1, -198.6157062372526), (100, -2173.8715428690343),
  ]

  @Test(arguments: values)
  func `tail chances are those of the normal law`(z: Double, log10: Double) {
    #expect(abs(NormalLaw.log10Tail(z) - log10) < 1e-6 * max(1, abs(log10)))
  }

  @Test func `many trials raise the chance, and never above 1`() {
    #expect(abs(NormalLaw.log10Tail(8, trials: 1000) - NormalLaw.log10Tail(8) - 3) < 1e-6)
    #expect(NormalLaw.log10Tail(1, trials: 1_000_000) <= 0)
    #expect(NormalLaw.log10Tail(-40, trials: 3) <= 0)
    #expect(abs(NormalLaw.log10Tail(40, trials: 10) - NormalLaw.log10Tail(40) - 1) < 1e-9)
  }
}
