import Examiners
import ForeignDetectors
import Foundation
import Scanning
import Testing

/// What a score of somebody else's network comes to.
struct ForeignVerdictTests {
  private static func verdict(margin: Double, real: Int = 400, unfitness: String? = nil) throws -> Evidence {
    let description = try JSONDecoder().decode(
      ModelDescription.self,
      from: Data(
        """
        {"schema": "assay.model/1", "name": "n", "licence": "l", "source": "s", "sha256": "0",
         "input": {"width": 8, "height": 8, "fit": "crop", "filter": "box", "layout": "NCHW", "scale": 1,
                   "mean": [0, 0, 0], "std": [1, 1, 1]},
         "output": {"generated": 0, "activation": "none"}}
        """.utf8))
    // Real pictures below 1, generated ones from 1 on.
    let margins = (0..<400).map { (number: Int) -> (margin: Double, isGenerated: Bool) in
      let isGenerated = number >= 200
      return (Double(number % 100) / 100 + (isGenerated ? 1 : 0), isGenerated)
    }
    let calibration = ForeignCalibration(
      margins, model: "0", set: "s", launderings: ForeignCalibration.leastLaunderings, real: real,
      generated: 200)
    return try ForeignDetectorExaminer.evidence(
      margin, margin: margin, of: description, sha256: "0", calibration: calibration,
      unfitness: { unfitness })
  }

  @Test func `what no real picture reached is found, but not in a picture that is unfit`() throws {
    #expect(try Self.verdict(margin: 1.5).result == .found)
    let unfit = try Self.verdict(margin: 1.5, unfitness: "it is too flat")
    #expect(unfit.result == .notEvaluated && unfit.reason == "it is too flat" && unfit.strength == nil)
    #expect(try Self.verdict(margin: 0.5).result == .notEvaluated)
    #expect(try Self.verdict(margin: 1.5, real: 100).result == .notEvaluated)
  }
}
