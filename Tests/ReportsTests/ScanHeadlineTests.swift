import Reports
import Scanning
import Testing

/// The headline of a file gives a number only where the outcome rests on it.
struct ScanHeadlineTests {
  private static func result(
    _ outcome: Outcome, _ method: String, _ detector: Evidence.Result
  ) -> ScanResult {
    ScanResult(
      file: "a.png", outcome: outcome, aiProbability: 0.85,
      evidence: [
        Evidence(method: "detector", class: .statistical, result: detector, summary: "the detector"),
        Evidence(method: method, class: .statistical, result: .found, summary: "another"),
      ])
  }

  @Test func `where another detector alone indicates, no number of the shipped one stands beside it`() {
    for silent in [Evidence.Result.absent, .notEvaluated] {
      let result = Self.result(.aiIndicated, "detector.onnx.other", silent)
      #expect(!ScanText().line(result).contains("85 %"))
      #expect(!ScanRows.row(result).contains("0.85"))
    }
    let both = Self.result(.aiIndicated, "detector.onnx.other", .found)
    #expect(ScanText().line(both).contains("85 %") && ScanRows.row(both).contains("0.85"))
  }

  @Test(arguments: Outcome.allCases)
  func `only an outcome that rests on a measurement shows a percentage`(outcome: Outcome) {
    let result = Self.result(outcome, "detector", .found)
    let headline = ScanText().block(result).split(separator: "\n")[1]
    #expect(headline.contains("85 %") == (outcome == .aiIndicated), "\(headline)")
  }
}
