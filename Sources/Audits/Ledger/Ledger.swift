import Diagnostics
public import Foundation
import GRDB

/// An append-only, hash-chained record of examinations in one SQLite file.
///
/// Several processes may write at once: each append takes the database's write lock, reads the head and
/// adds one entry in one transaction. A process that is killed loses at most the entry it was writing.
public struct Ledger: Sendable {
  private let database: any DatabaseWriter
  private let path: String

  /// Opens the ledger, and makes it if it is missing.
  ///
  /// - Throws: ``AuditError`` if the file is no ledger or cannot be opened.
  public init(path: String) throws(AuditError) {
    self.path = path
    do {
      var configuration = SharedDatabase.configuration
      configuration.prepareDatabase { database in
        // Full: a commit that was reported survives a power cut.
        try database.execute(sql: "PRAGMA synchronous = FULL")
      }
      database = try Self.writer(path, configuration)
    } catch {
      throw Self.fault(path, error)
    }
  }

  /// Opens a ledger that is there, to read it: the file is not changed, and its folder may be one that cannot be. Only where
  /// a process was killed while it made the ledger, what it left half done is taken back first.
  ///
  /// - Throws: ``AuditError`` if the file is no ledger or cannot be opened.
  public init(reading path: String) throws(AuditError) {
    self.path = path
    do {
      var configuration = SharedDatabase.configuration
      configuration.readonly = true
      database = try SharedDatabase.patiently { try Self.reader(path, configuration) }
    } catch {
      throw Self.fault(path, error)
    }
  }

  private static func writer(_ path: String, _ configuration: Configuration) throws -> DatabasePool {
    try SharedDatabase.patiently {
      let pool = try DatabasePool(path: path, configuration: configuration)
      try pool.write { database in
        let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
        if !isEmpty { try checkTable(database, path) }
        try prepare(database)
      }
      return pool
    }
  }

  /// SQLite wants a file beside a ledger even to read it. Where none can be made and none lies there, nobody writes.
  private static func reader(_ path: String, _ configuration: Configuration) throws -> DatabaseQueue {
    func open(_ name: String) throws -> DatabaseQueue {
      let queue = try DatabaseQueue(path: name, configuration: configuration)
      try queue.read { database in try checkTable(database, path) }
      return queue
    }
    do {
      return try open(path)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
      // With entries in the file beside it, the ledger alone would lack them.
      guard !FileManager.default.fileExists(atPath: path + "-wal") else { throw error }
      guard let queue = try? open(URL(filePath: path).absoluteString + "?immutable=1") else { throw error }
      return queue
    } catch let error as DatabaseError where error.resultCode == .SQLITE_READONLY {
      // One that was killed left half of what it wrote, and beside it what stood there before: SQLite puts that back before it
      // lets anybody read, which takes leave to write.
      var writing = configuration
      writing.readonly = false
      do {
        try DatabaseQueue(path: path, configuration: writing).read { _ = try $0.tableExists("entry") }
      } catch let refusal as DatabaseError where refusal.resultCode != .SQLITE_BUSY {
        throw error
      }
      return try open(path)
    }
  }

  private static let columns =
    "sequence, time, file, fileHash, outcome, result, tool, model, rules, trust, operator, previousHash, hash"

  /// A database of somebody else's is neither read as a ledger nor made into one.
  private static func checkTable(_ database: Database, _ path: String) throws {
    guard try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") != 0 else {
      throw AuditError(
        code: "ledger.empty", location: FaultLocation(file: path),
        message: "this ledger holds nothing: what made it was stopped before the first entry",
        remedy: "enter again what was to be entered")
    }
    let names = try database.tableExists("entry") ? database.columns(in: "entry").map(\.name) : []
    guard names.joined(separator: ", ") == columns else {
      throw AuditError(
        code: "ledger.table", location: FaultLocation(file: path),
        message: "this is a database, but no ledger",
        remedy: "name a ledger, or a file that does not exist yet")
    }
  }

  private static func prepare(_ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS entry (
          sequence INTEGER PRIMARY KEY, time TEXT NOT NULL, file TEXT NOT NULL, fileHash TEXT NOT NULL,
          outcome TEXT NOT NULL, result TEXT NOT NULL, tool TEXT NOT NULL, model TEXT NOT NULL,
          rules TEXT NOT NULL, trust TEXT NOT NULL, operator TEXT NOT NULL, previousHash BLOB NOT NULL,
          hash BLOB NOT NULL) STRICT;
        CREATE INDEX IF NOT EXISTS entryByFileHash ON entry (fileHash);
        CREATE TRIGGER IF NOT EXISTS entryIsNeverChanged BEFORE UPDATE ON entry
          BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER IF NOT EXISTS entryIsNeverRemoved BEFORE DELETE ON entry
          BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        """)
  }

  /// What an append that has returned survives.
  public enum Durability: Sendable {
    /// The end of the process, however abrupt; much faster.
    case kill
    /// That of the machine too: the disk has confirmed it, with all appended before.
    case powerCut
  }

  /// Adds entries in one transaction, in order.
  ///
  /// - Returns: the new head.
  @discardableResult
  public func append(
    _ records: [LedgerEntry.Record], at time: Date, durability: Durability = .powerCut
  ) throws(AuditError) -> LedgerHead {
    let stamp = time.formatted(Self.timeFormat)
    do {
      return try SharedDatabase.patiently {
        try database.writeWithoutTransaction { database in
          // In WAL mode NORMAL leaves the commit with the system, which a killed process cannot take back.
          try database.execute(sql: "PRAGMA synchronous = \(durability == .kill ? "NORMAL" : "FULL")")
          var head = LedgerHead.empty
          try database.inTransaction(.immediate) {
            head = try Self.append(records, stamp, database)
            return .commit
          }
          return head
        }
      }
    } catch {
      throw Self.fault(path, error)
    }
  }

  private static func append(
    _ records: [LedgerEntry.Record], _ stamp: String, _ database: Database
  ) throws -> LedgerHead {
    var head = try head(database)
    let insert = try database.makeStatement(
      sql: "INSERT INTO entry (\(columns)) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)")
    for record in records {
      let sequence = head.count + 1
      let hash = LedgerHash.of(sequence: sequence, time: stamp, record: record, previous: head.hash)
      try insert.execute(arguments: [
        sequence, stamp, record.file, record.fileHash, record.outcome, record.result, record.tool,
        record.model, record.rules, record.trust, record.operatorName, head.hash, hash,
      ])
      head = LedgerHead(count: sequence, hash: hash)
    }
    return head
  }

  /// Makes everything that was appended survive a power cut.
  public func flush() throws(AuditError) {
    do {
      try SharedDatabase.patiently {
        try database.writeWithoutTransaction { database in _ = try database.checkpoint(.passive) }
      }
    } catch {
      throw Self.fault(path, error)
    }
  }

  /// The last entry's place and hash: what a signature over the ledger covers.
  public func head() throws(AuditError) -> LedgerHead {
    try reading { database in try Self.head(database) }
  }

  /// Entries in order, at most `limit` of them, from `sequence` on.
  public func entries(from sequence: Int = 1, limit: Int) throws(AuditError) -> [LedgerEntry] {
    try reading { database in
      try Row.fetchAll(
        database, sql: "SELECT \(Self.columns) FROM entry WHERE sequence >= ? ORDER BY sequence LIMIT ?",
        arguments: [sequence, limit]
      ).map(LedgerEntry.init)
    }
  }

  /// Every entry about the file with that SHA-256, oldest first.
  public func entries(fileHash: String) throws(AuditError) -> [LedgerEntry] {
    try reading { database in
      try Row.fetchAll(
        database, sql: "SELECT \(Self.columns) FROM entry WHERE fileHash = ? ORDER BY sequence",
        arguments: [fileHash.lowercased()]
      ).map(LedgerEntry.init)
    }
  }

  /// Recomputes every hash and link.
  ///
  /// - Parameter earlier: a head that was kept elsewhere, by which entries removed from the end are found too.
  /// - Returns: the first fault found, or the verified head.
  public func verify(after earlier: LedgerHead? = nil) throws(AuditError) -> LedgerVerification {
    try reading { database in
      try LedgerVerification.run(database, columns: Self.columns, after: earlier)
    }
  }

  func reading<Value: Sendable>(
    _ body: @Sendable (Database) throws -> Value
  ) throws(AuditError) -> Value {
    do {
      return try SharedDatabase.patiently { try database.read(body) }
    } catch {
      throw Self.fault(path, error)
    }
  }

  /// In one transaction.
  func writing(_ body: @Sendable (Database) throws -> Void) throws(AuditError) {
    do {
      try SharedDatabase.patiently { try database.write(body) }
    } catch {
      throw Self.fault(path, error)
    }
  }

  private static func head(_ database: Database) throws -> LedgerHead {
    let row = try Row.fetchOne(
      database, sql: "SELECT sequence, hash FROM entry ORDER BY sequence DESC LIMIT 1")
    guard let row else { return .empty }
    return LedgerHead(count: row[0], hash: row[1])
  }

  private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  private static func fault(_ path: String, _ error: any Error) -> AuditError {
    if let error = error as? AuditError { return error }
    let remedy =
      switch (error as? DatabaseError)?.resultCode {
      case .SQLITE_NOTADB, .SQLITE_CORRUPT:
        "this file is no ledger or is damaged; restore a copy, and verify its chain"
      case .SQLITE_FULL: "free space on the disk; nothing of the entry was written"
      case .SQLITE_IOERR:
        "look after the disk and its free space; entries that were reported as entered are kept"
      case .SQLITE_BUSY: "another process holds the ledger for over 30 seconds; try again when it is done"
      case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
        "check that the folder exists and can be written; to read a copy, take the -wal beside it along"
      default: "check the ledger's path and try again"
      }
    return AuditError(
      code: "ledger.database", location: FaultLocation(file: path),
      message:
        "the ledger cannot be used: \((error as? DatabaseError)?.message ?? String(describing: error))",
      remedy: remedy)
  }
}

/// The last entry of a ledger.
public struct LedgerHead: Sendable, Hashable, Codable {
  /// Number of entries, and the last one's sequence number.
  public let count: Int
  /// The last entry's hash, 32 bytes; zeros for an empty ledger.
  public let hash: Data

  public init(count: Int, hash: Data) {
    self.count = count
    self.hash = hash
  }

  static let empty = LedgerHead(count: 0, hash: Data(count: 32))
}

extension LedgerEntry {
  /// What a forger left out is empty; verification names it.
  fileprivate init(_ row: Row) {
    func text(_ column: Int) -> String { .fromDatabaseValue(row[column]) ?? "" }
    func bytes(_ column: Int) -> Data { .fromDatabaseValue(row[column]) ?? Data() }
    self.init(
      sequence: .fromDatabaseValue(row[0]) ?? 0, time: text(1),
      record: Record(
        file: text(2), fileHash: text(3), outcome: text(4), result: text(5), tool: text(6), model: text(7),
        rules: text(8), trust: text(9), operatorName: text(10)),
      previousHash: bytes(11), hash: bytes(12))
  }
}
