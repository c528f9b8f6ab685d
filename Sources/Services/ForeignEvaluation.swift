import Detectors
import Diagnostics
import Evaluation
public import ForeignDetectors
import Foundation
import ImageFormats
import Images

/// What a network of somebody else does on pictures whose origin is known, beside the detector's own figures.
public struct ForeignEvaluation: Sendable, Encodable {
  /// After one kind of laundering.
  public struct Row: Sendable, Encodable {
    public var laundering: String
    /// Pictures that gave no score, or that no detector's score may indicate anything of.
    public var unfit: Int
    public var auc: Double?
    /// Share of the generated pictures with scores above all but 1 % of the real ones.
    public var foundAt1Percent: Double?
  }

  public let schema = "assay.foreignEvaluation/1"
  public let model: ModelDescription
  public let set: String
  public internal(set) var rows: [Row] = []
  /// Nil where a class is missing.
  public internal(set) var calibration: ForeignCalibration?

  private enum CodingKeys: String, CodingKey { case schema, model, set, rows, calibration }

  /// Judges every picture after every laundering, one at a time.
  init(
    _ pictures: EvaluationSet, name: String, detector: ForeignDetector, launderings: [Laundering]
  ) throws {
    (model, set) = (detector.description, name)
    let margins = try pictures.mapFiles { _, file -> [Double?] in
      guard let decoded = try? file?.decode() else { return launderings.map { _ in nil } }
      return launderings.map { kind in
        guard let (image, quality) = try? kind.apply(to: decoded),
          Detector.unfitness(of: image, luminance: image.luminance(), quality: quality) == nil
        else { return nil }
        return try? detector.judge(image.oriented(decoded.orientation)).margin
      }
    }
    var all: [(margin: Double, isGenerated: Bool)] = []
    for (column, kind) in launderings.enumerated() {
      let judged = zip(pictures.pictures, margins).compactMap { picture, row in
        row[column].map { (margin: $0, isGenerated: picture.isGenerated) }
      }
      let metrics = DetectionMetrics(
        judged.map { (probability: 1 / (1 + exp(-$0.margin)), isGenerated: $0.isGenerated) })
      rows.append(
        Row(
          laundering: kind.rawValue, unfit: margins.count - judged.count, auc: metrics.auc,
          foundAt1Percent: metrics.detectedAt1Percent))
      all += judged
    }
    let judged = zip(pictures.pictures, margins).filter { _, row in row.allSatisfy { $0 != nil } }.map(\.0)
    calibration = ForeignCalibration(
      all, model: detector.sha256, set: name, launderings: launderings.map(\.rawValue),
      real: judged.count { !$0.isGenerated }, generated: judged.count { $0.isGenerated })
  }

  /// For people.
  public var markdown: String {
    func percent(_ share: Double?) -> String { share.map { "\(Int(($0 * 100).rounded())) %" } ?? "–" }
    var text = "\n## \(model.name)\n\n| | AUC | found at 1 % false alarms | no score |\n|---|---|---|---|\n"
    for row in rows {
      let area = row.auc.map { String(($0 * 1000).rounded() / 1000) } ?? "–"
      let title = Laundering(rawValue: row.laundering)?.title ?? row.laundering
      text += "| \(title) | \(area) | \(percent(row.foundAt1Percent)) | \(row.unfit) |\n"
    }
    if let calibration {
      text +=
        calibration.shortcoming.map { "\nCalibrated, and its scores indicate nothing: \($0).\n" }
        ?? "\nCalibrated on \(calibration.real) real pictures: above all of theirs are \(percent(calibration.found)) of the generated scores.\n"
    }
    return text
  }
}
