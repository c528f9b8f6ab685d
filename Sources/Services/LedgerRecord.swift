public import Audits
import Diagnostics
import Foundation
import Reports
public import Scanning

extension LedgerEntry.Record {
  /// `by desk 2`.
  public var operatorWords: String {
    operatorName == Self.noOperator ? "operator not stated" : "by " + operatorName
  }

  /// A scan's result as a ledger keeps it.
  ///
  /// - Throws: what `JSONEncoder` throws.
  public init(_ result: ScanResult, operatorName: String) throws {
    self.init(
      file: result.file, fileHash: result.sha256 ?? "", outcome: result.outcome.rawValue,
      result: try ScanLines.line(result).trimmingCharacters(in: .newlines), tool: "assay \(assayVersion)",
      model: result.evidence.lazy.compactMap(\.detector).first?.model ?? "",
      trust: result.evidence.lazy.compactMap(\.credentials).first?.trustList ?? "",
      operatorName: operatorName)
  }
}
