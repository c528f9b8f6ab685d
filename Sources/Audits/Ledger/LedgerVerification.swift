import Foundation
import GRDB

/// What a check of the whole chain found.
public enum LedgerVerification: Sendable, Hashable {
  /// Every entry is as it was entered.
  case intact(LedgerHead)
  /// The first entry that is not, and how.
  case broken(sequence: Int, fault: Fault)

  /// How a chain can break.
  public enum Fault: String, Sendable, Hashable, Codable {
    /// The entry's fields do not give its hash: something in it was altered.
    case altered
    /// An entry before this one is missing.
    case missingBefore
    /// The entry does not follow on the one before: rows were reordered or exchanged.
    case unlinked
  }

  /// Streams the table once in sequence order; memory does not grow with it.
  static func run(_ database: Database, columns: String) throws -> LedgerVerification {
    let rows = try Row.fetchCursor(
      database, sql: "SELECT \(columns) FROM entry ORDER BY sequence")
    var head = LedgerHead.empty
    while let row = try rows.next() {
      let sequence: Int = row[0]
      if sequence != head.count + 1 { return .broken(sequence: sequence, fault: .missingBefore) }
      let previous: Data = row[11]
      if previous != head.hash { return .broken(sequence: sequence, fault: .unlinked) }
      var hash = LedgerHash(previous: head.hash)
      hash.append(String(sequence))
      for column in 1...10 {
        try row.withUnsafeData(atIndex: column) { field in
          let field = field ?? Data()
          hash.append(field, count: field.count)
        }
      }
      let computed = hash.finish()
      let stored: Data = row[12]
      if computed != stored { return .broken(sequence: sequence, fault: .altered) }
      head = LedgerHead(count: sequence, hash: stored)
    }
    return .intact(head)
  }
}
