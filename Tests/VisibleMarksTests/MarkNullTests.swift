import Foundation
import Images
import Testing
import VisibleMarks

struct MarkNullTests {
  @Test func `the fitted tail of exponential scores is theirs`() throws {
    var random = SplitMix(state: 4)
    let scores = (0..<50_000).map { _ in -0.05 * log(1 - random.unit()) }
    let null = try #require(MarkNull(fitting: scores))
    #expect(abs(null.scale - 0.05) < 0.005)
    #expect(abs(log(null.pValue(0.5)) - -10) < 1)
  }

  @Test func `the p-value falls with the score and is 1 below the tail`() throws {
    let null = MarkNull(start: 2, share: 0.02, scale: 0.3)
    #expect(null.pValue(1.99) == 1)
    #expect(null.pValue(2) == 0.02)
    let values = stride(from: 2.0, to: 9, by: 0.25).map(null.pValue)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test func `too few or equal scores fit no tail`() {
    #expect(MarkNull(fitting: []) == nil)
    #expect(MarkNull(fitting: [Double](repeating: 0.1, count: 100)) == nil)
    #expect(MarkNull(fitting: [Double](repeating: 0.1, count: 5000)) == nil)
  }
}
