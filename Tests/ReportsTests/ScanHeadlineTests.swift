import Reports
import Scanning
import Testing

/// The headline of a file gives a number only where the outcome rests on it.
struct ScanHeadlineTests {
  @Test(arguments: Outcome.allCases)
  func `only an outcome that rests on a measurement shows a percentage`(outcome: Outcome) {
    let result = ScanResult(file: "a.png", outcome: outcome, aiProbability: 0.85)
    let headline = ScanText().block(result).split(separator: "\n")[1]
    #expect(headline.contains("85 %") == (outcome == .aiIndicated), "\(headline)")
  }
}
