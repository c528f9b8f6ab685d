import Foundation
import Reports
import TestSupport
import Testing

struct ErrorRateTests {
  private struct Row: Decodable {
    struct Metrics: Decodable {
      var real: Int
      var generated: Int
    }
    var laundering: String
    var metrics: Metrics
    var falseAlarms: Double
    var detected: Double
  }

  private func rows(_ name: String) throws -> [Row] {
    struct Evaluation: Decodable { var rows: [Row] }
    let file = TestPaths.root.appending(path: "reports/evaluation/\(name).json")
    return try JSONDecoder().decode(Evaluation.self, from: Data(contentsOf: file)).rows
  }

  /// A report's rates are those of the evaluation that ships.
  @Test func `the detector's error rates are the evaluation's`() throws {
    let rates = try ReportText.english.errorRates.filter { $0.source.contains("detector") }
    let seen = try #require(rows("detector-val").first { $0.laundering == "web" })
    let worst = try #require(
      rows("detector-cross-validation").max { $0.falseAlarms < $1.falseAlarms })
    #expect(worst.laundering == "journey")
    let expected = [
      (seen.falseAlarms, seen.metrics.real), (worst.falseAlarms, worst.metrics.real),
      (1 - seen.detected, seen.metrics.generated),
    ]
    #expect(rates.map(\.trials) == expected.map(\.1))
    #expect(rates.map(\.errors) == expected.map { Int(($0.0 * Double($0.1)).rounded()) })
  }
}
