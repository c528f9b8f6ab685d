import Evaluation
import Foundation
import Reports
import TestSupport
import Testing

struct EvaluationPageTests {
  @Test(arguments: ["detector-val", "detector-cross-validation"])
  func `the page that is kept is that of the numbers that are kept`(name: String) throws {
    let folder = TestPaths.root.appending(path: "reports/evaluation")
    let data = try Data(contentsOf: folder.appending(path: "\(name).json"))
    let evaluation = try JSONDecoder().decode(DetectorEvaluation.self, from: data)
    let html = try evaluation.html(try ReportText.english)
    #expect(try String(contentsOf: folder.appending(path: "\(name).html"), encoding: .utf8) == html)
    // Every curve is a line of points from corner to corner.
    let curves = html.components(separatedBy: "points=\"").dropFirst().compactMap {
      $0.split(separator: "\"").first
    }
    #expect(curves.count == min(evaluation.rows.count, 3))
    for curve in curves {
      let points = curve.split(separator: " ").map { $0.split(separator: ",").compactMap { Double($0) } }
      #expect(points.allSatisfy { $0.count == 2 && $0.allSatisfy { (10...230).contains($0) } })
      #expect(points.first == [30, 210] && points.last == [230, 10])
    }
  }
}
