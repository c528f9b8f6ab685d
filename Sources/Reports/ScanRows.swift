public import Scanning

/// Results as a table for spreadsheets: one row a picture, RFC 4180 with CRLF.
public enum ScanRows {
  public static let columns = [
    "file", "outcome", "reason", "generator", "signer", "camera", "dates", "place", "probability", "sha256",
  ]

  public static var header: String { CSVCell.row(columns) }

  /// - Parameter capture: what the metadata say of the capture, where they were read for it; else camera and dates are
  ///   those that the evidence names, and the place is left empty.
  public static func row(_ result: ScanResult, _ capture: CaptureFacts? = nil) -> String {
    func texts(_ text: (Evidence.Detail.Credentials) -> String?) -> [String] {
      var seen = Set<String>()
      return result.evidence.filter { $0.result == .found }.compactMap { $0.credentials.flatMap(text) }
        .filter { seen.insert($0).inserted }
    }
    let sentence = result.isMissing ? "The file is not there" : result.sentence
    let reason = result.isMissing ? sentence : result.error.map { "\(sentence): \($0.message)" } ?? sentence
    // A generator's model is called a model too.
    let camera = result.evidence.first { $0.method == "provenance.camera" && $0.result == .found }
    let named = [camera?.statement?[.make], camera?.statement?[.model]].compactMap(\.self)
      .joined(separator: " ")
    var dates = capture?.dates.map(\.value) ?? []
    dates += texts(\.when).filter { !dates.contains($0) }
    let probability = result.decidingProbability.map { String($0) }
    return CSVCell.row([
      result.file, result.outcome.rawValue, reason, result.namedGenerators.joined(separator: "; "),
      texts(\.signer).joined(separator: "; "), capture?.camera ?? named, dates.joined(separator: "; "),
      capture?.position?.geo ?? "", probability ?? "", result.sha256 ?? "",
    ])
  }
}

extension Report {
  /// Writes one row a picture, as ``ScanRows`` has them.
  ///
  /// - Throws: what `write` throws.
  func writePictureRows(_ write: (String) throws -> Void) throws {
    try write(ScanRows.header)
    for item in items { try write(ScanRows.row(item.scan)) }
  }
}
