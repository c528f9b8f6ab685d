import Crypto
import Diagnostics
import Foundation
import GRDB
import GRDBSQLite

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
    /// The entry is the last, and a head that was kept elsewhere counts more: entries behind it were removed.
    case missingAfter
    /// The entry is not the one of a head that was kept elsewhere: the chain was written anew.
    case unlikeHead
  }

  /// Streams the table once in sequence order; memory does not grow with it.
  static func run(
    _ database: Database, columns: String, after earlier: LedgerHead?
  ) throws -> LedgerVerification {
    let statement = try database.makeStatement(sql: "SELECT \(columns) FROM entry ORDER BY sequence")
    let earlier = earlier.map { (count: $0.count, hash: Array($0.hash)) }
    // A digest's bytes are compared where SQLite holds them: a million rows are read, and none is copied.
    let total = try Int.fetchOne(database, sql: "SELECT max(sequence) FROM entry") ?? 0
    var count = 0
    var head = [UInt8](repeating: 0, count: SHA256.byteCount)
    return try LedgerRow.each(of: statement, in: database) { row in
      let sequence = row.integer(0)
      if sequence != count + 1 { return .broken(sequence: sequence, fault: .missingBefore) }
      if !row.bytes(11, equal: head) { return .broken(sequence: sequence, fault: .unlinked) }
      var hash = LedgerHash(previous: head)
      hash.append(String(sequence).utf8)
      for column in 1...10 { row.append(column, to: &hash) }
      head = Array(hash.finish())
      if !row.bytes(12, equal: head) { return .broken(sequence: sequence, fault: .altered) }
      if let earlier, sequence == earlier.count, head != earlier.hash {
        return .broken(sequence: sequence, fault: .unlikeHead)
      }
      count = sequence
      if count % 10_000 == 0 { WorkProgress.tell("verifying", count, of: max(total, count)) }
      return nil
    } ?? end(LedgerHead(count: count, hash: Data(head)), earlier?.count ?? 0)
  }

  private static func end(_ head: LedgerHead, _ expected: Int) -> LedgerVerification {
    head.count < expected ? .broken(sequence: head.count, fault: .missingAfter) : .intact(head)
  }
}

/// A row of a running statement, as SQLite holds it until the next one.
///
/// Safe as it is only lent: ``each(of:in:_:)`` makes rows, and none outlives its step.
@safe private struct LedgerRow {
  private let statement: SQLiteStatement

  /// Goes through a statement's rows until `body` has a result.
  static func each<Value>(
    of statement: Statement, in database: Database, _ body: (LedgerRow) -> Value?
  ) throws -> Value? {
    let handle = unsafe statement.sqliteStatement
    // SAFETY: the statement is the database's, lives as long as this call, and nothing else steps it.
    defer { unsafe sqlite3_reset(handle) }
    while true {
      switch unsafe sqlite3_step(handle) {
      case SQLITE_ROW: if let value = body(unsafe LedgerRow(statement: handle)) { return value }
      case SQLITE_DONE: return nil
      case let code:
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage)
      }
    }
  }

  func integer(_ column: Int32) -> Int { unsafe Int(sqlite3_column_int64(statement, column)) }

  func bytes(_ column: Int32, equal other: [UInt8]) -> Bool {
    unsafe field(column) { unsafe $0.elementsEqual(other) }
  }

  func append(_ column: Int, to hash: inout LedgerHash) {
    unsafe field(Int32(column)) { unsafe hash.append($0) }
  }

  /// - Parameter body: must not keep the bytes.
  private func field<Value>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
    // SAFETY: SQLite gives the pointer first and then how many bytes it leads to; both hold until the next step, and
    // the pointer is nil for an empty field.
    let start = unsafe sqlite3_column_blob(statement, column)
    let count = unsafe Int(sqlite3_column_bytes(statement, column))
    return unsafe body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }
}
