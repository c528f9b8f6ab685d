public import Foundation
import GRDB

/// Small pictures that an audit drew of a file, kept beside the entries so that an audit which goes on need not draw
/// them again.
///
/// They are no part of the chain: they can be made again from the file, prove nothing, and may be removed at any time.
extension Ledger {
  /// One small picture of a file.
  public struct Drawing: Sendable, Hashable {
    public var kind: String
    public var width: Int
    public var height: Int
    /// A whole image file.
    public var bytes: Data

    public init(kind: String, width: Int, height: Int, bytes: Data) {
      self.kind = kind
      self.width = width
      self.height = height
      self.bytes = bytes
    }
  }

  private static let table = """
    CREATE TABLE IF NOT EXISTS drawing (
      fileHash TEXT NOT NULL, maker TEXT NOT NULL, place INTEGER NOT NULL, kind TEXT NOT NULL,
      width INTEGER NOT NULL, height INTEGER NOT NULL, bytes BLOB NOT NULL,
      PRIMARY KEY (fileHash, maker, place)) STRICT
    """

  /// Keeps what was drawn of a file in the place of what was kept of it before.
  ///
  /// - Parameter maker: what drew it, with its version: others do not take it over.
  public func keep(_ drawings: [Drawing], of fileHash: String, by maker: String) throws(AuditError) {
    try writing { database in
      try database.execute(sql: Self.table)
      try database.execute(
        sql: "DELETE FROM drawing WHERE fileHash = ? AND maker = ?", arguments: [fileHash, maker])
      for (place, drawing) in drawings.enumerated() {
        try database.execute(
          sql: "INSERT INTO drawing VALUES (?,?,?,?,?,?,?)",
          arguments: [fileHash, maker, place, drawing.kind, drawing.width, drawing.height, drawing.bytes])
      }
    }
  }

  /// What was drawn of a file, in the order it was drawn; empty where nothing is kept.
  public func drawings(of fileHash: String, by maker: String) throws(AuditError) -> [Drawing] {
    try reading { database in
      guard try database.tableExists("drawing") else { return [] }
      return try Row.fetchAll(
        database,
        sql: "SELECT kind, width, height, bytes FROM drawing WHERE fileHash = ? AND maker = ? ORDER BY place",
        arguments: [fileHash, maker]
      ).map { row in
        Drawing(
          kind: .fromDatabaseValue(row[0]) ?? "", width: .fromDatabaseValue(row[1]) ?? 0,
          height: .fromDatabaseValue(row[2]) ?? 0, bytes: .fromDatabaseValue(row[3]) ?? Data())
      }
    }
  }
}
