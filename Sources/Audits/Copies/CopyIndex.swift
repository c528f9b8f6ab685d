import Diagnostics
public import Examiners
public import Foundation
import GRDB

/// Pictures by what their copies are known by, in one SQLite file; made from the pictures, and made again where it is lost.
public struct CopyIndex: Sendable {
  /// A picture as the index keeps it.
  public struct Entry: Sendable, Hashable {
    /// What names it in the index: a path's bytes, or a digest.
    public var key: Data
    /// Where it is, for people.
    public var file: String
    public var size: Int
    /// When it was changed, in nanoseconds since 1970.
    public var modified: Int
    /// SHA-256 of the file's bytes, 64 hexadecimal digits; empty where it could not be read.
    public var sha256: String
    /// Nil for what could not be decoded, and for pictures without detail.
    public var mark: CopyMark?
    /// The coarse hash that a report keeps, where that is all there is.
    public var coarse: PerceptualHash?

    public init(
      key: Data, file: String, size: Int = 0, modified: Int = 0, sha256: String, mark: CopyMark?,
      coarse: PerceptualHash? = nil
    ) {
      self.key = key
      self.file = file
      self.size = size
      self.modified = modified
      self.sha256 = sha256
      self.mark = mark
      self.coarse = coarse
    }
  }

  /// What makes a picture count as another's copy.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The same bytes.
    case sameFile
    /// The same picture: encoded or scaled anew, or changed little.
    case samePicture
    /// One is cut from the other.
    case cut
    /// The coarse hash is near; the picture itself is no longer there to be compared.
    case coarse
  }

  public struct Match: Sendable, Hashable {
    public var entry: Entry
    public var kind: Kind
    /// −1...1; 1 for the same bytes, nil where only coarse hashes were compared.
    public var likeness: Double?
    /// The picture in question in the frame of this one; nil where it is not known.
    public var frame: CopyWindow?
  }

  /// Pictures less alike are no copies. Copies that were scaled, compressed and cut reach 0.97, photographs of different
  /// things 0.4, drawings of one layout 0.8, two seeds of a small generator up to 0.87 (`benchmarks find-copies`).
  public static let leastLikeness = 0.92
  /// Coarse hashes that differ in more bits are no sign.
  static let coarseReach = 6
  private static let form = "assay.copies/1"

  private let database: DatabaseQueue
  private let path: String

  /// Opens an index, and makes it if it is missing.
  ///
  /// - Throws: ``AuditError`` `copies.database` for a file that is none, or cannot be opened.
  public init(path: String) throws(AuditError) {
    self.path = path
    do {
      database = try SharedDatabase.patiently {
        let queue = try DatabaseQueue(path: path, configuration: SharedDatabase.configuration)
        try queue.write { database in
          let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
          guard isEmpty else {
            guard try database.tableExists("copyIndex"),
              try String.fetchOne(database, sql: "SELECT content FROM copyIndex WHERE name = 'form'")
                == Self.form
            else { throw Self.foreign(path) }
            return
          }
          try Self.prepare(database)
        }
        return queue
      }
    } catch {
      throw Self.fault(path, error)
    }
  }

  private static func prepare(_ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE copyIndex (name TEXT PRIMARY KEY, content BLOB NOT NULL);
        CREATE TABLE picture (
          id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, file TEXT NOT NULL, size INTEGER NOT NULL,
          modified INTEGER NOT NULL, sha256 TEXT NOT NULL, bits INTEGER, blocks BLOB, coarse INTEGER) STRICT;
        CREATE INDEX pictureBySha256 ON picture (sha256);
        INSERT INTO copyIndex VALUES ('form', '\(form)');
        """)
  }

  /// How many pictures it holds.
  public func count() throws(AuditError) -> Int {
    try reading { try Int.fetchOne($0, sql: "SELECT count(*) FROM picture") ?? 0 }
  }

  /// Size and time of change of every picture, by its key.
  public func known() throws(AuditError) -> [Data: (size: Int, modified: Int)] {
    try reading { database in
      var known: [Data: (size: Int, modified: Int)] = [:]
      let rows = try Row.fetchCursor(database, sql: "SELECT key, size, modified FROM picture")
      while let row = try rows.next() { known[row[0]] = (row[1], row[2]) }
      return known
    }
  }

  /// Adds pictures, in the place of those of the same key, and removes others.
  public func update(adding added: [Entry], removing removed: [Data] = []) throws(AuditError) {
    guard !added.isEmpty || !removed.isEmpty else { return }
    try writing { database in
      let delete = try database.makeStatement(sql: "DELETE FROM picture WHERE key = ?")
      for key in removed + added.map(\.key) { try delete.execute(arguments: [key]) }
      let insert = try database.makeStatement(
        sql:
          "INSERT INTO picture (key, file, size, modified, sha256, bits, blocks, coarse) VALUES (?,?,?,?,?,?,?,?)"
      )
      for entry in added {
        try insert.execute(arguments: [
          entry.key, entry.file, entry.size, entry.modified, entry.sha256,
          entry.mark.map { Int64(bitPattern: $0.bits) }, entry.mark.map { Data($0.blocks) },
          entry.coarse.map { Int64(bitPattern: $0.bits) },
        ])
      }
      // Made again when it is asked for next: not after each of many additions.
      try database.execute(sql: "DELETE FROM copyIndex WHERE name IN ('lookup', 'numbers')")
    }
  }

  /// A text that its user keeps beside the pictures, such as how far a ledger was read.
  public func note(_ name: String) throws(AuditError) -> String? {
    try reading {
      try String.fetchOne(
        $0, sql: "SELECT content FROM copyIndex WHERE name = ?", arguments: ["note." + name])
    }
  }

  public func keep(_ text: String, as name: String) throws(AuditError) {
    try writing {
      try $0.execute(
        sql: "INSERT OR REPLACE INTO copyIndex VALUES (?, ?)", arguments: ["note." + name, text])
    }
  }

  // MARK: Search

  /// The tables of the search, and which picture each number stands for.
  public struct Loaded: Sendable {
    public let lookup: CopyLookup
    let identifiers: [Int64]
  }

  /// Reads the tables; makes and keeps them where pictures were added or removed since.
  public func load() throws(AuditError) -> Loaded {
    if let kept = try reading(Self.kept) { return kept }
    return try writing { database in
      var identifiers: [Int64] = []
      var hashes: [UInt64] = []
      let rows = try Row.fetchCursor(
        database, sql: "SELECT id, bits FROM picture WHERE bits IS NOT NULL ORDER BY id")
      while let row = try rows.next() {
        identifiers.append(row[0])
        hashes.append(UInt64(bitPattern: row[1] as Int64))
      }
      let loaded = Loaded(lookup: CopyLookup(hashes), identifiers: identifiers)
      for (name, content) in [
        ("numbers", LittleEndian.data(identifiers)), ("lookup", loaded.lookup.stored),
      ] {
        try database.execute(
          sql: "INSERT OR REPLACE INTO copyIndex VALUES (?, ?)", arguments: [name, content])
      }
      return loaded
    }
  }

  private static func kept(_ database: Database) throws -> Loaded? {
    func content(_ name: String) throws -> Data? {
      try Data.fetchOne(database, sql: "SELECT content FROM copyIndex WHERE name = ?", arguments: [name])
    }
    guard let numbers = try content("numbers"), numbers.count % 8 == 0, let tables = try content("lookup"),
      let lookup = CopyLookup(stored: tables, count: numbers.count / 8)
    else { return nil }
    return Loaded(
      lookup: lookup,
      identifiers: LittleEndian.values([UInt8](numbers), from: 0, count: numbers.count / 8, as: Int64.self))
  }

  /// The copies of a picture, the most alike first.
  ///
  /// - Parameters:
  ///   - sha256: of the picture's file.
  ///   - view: nil for a picture that cannot be decoded.
  ///   - coarse: its hash for pictures of which no more is kept.
  public func copies(
    of sha256: String, _ view: CopyView?, coarse: PerceptualHash? = nil, in loaded: Loaded
  ) throws(AuditError) -> [Match] {
    try reading { database in
      var matches: [Match] = []
      for row in try Row.fetchAll(
        database, sql: "SELECT * FROM picture WHERE sha256 = ? ORDER BY id", arguments: [sha256])
      {
        matches.append(Match(entry: Self.entry(row), kind: .sameFile, likeness: 1, frame: .whole))
      }
      if let view, view.mark != nil {
        let windows = view.windows
        let near = loaded.lookup.near(windows.map(\.bits))
        for (number, found) in near.sorted(by: { $0.key < $1.key }) {
          guard
            let row = try Row.fetchOne(
              database, sql: "SELECT * FROM picture WHERE id = ?", arguments: [loaded.identifiers[number]])
          else { continue }
          let entry = Self.entry(row)
          guard entry.sha256 != sha256, let mark = entry.mark else { continue }
          let (value, window) = view.likeness(to: mark, near: windows[found.query].window)
          guard value >= Self.leastLikeness else { continue }
          matches.append(
            Match(
              entry: entry, kind: window.isWhole ? .samePicture : .cut, likeness: value, frame: window.frame))
        }
      }
      if let coarse {
        let rows = try Row.fetchCursor(
          database, sql: "SELECT * FROM picture WHERE bits IS NULL AND coarse IS NOT NULL ORDER BY id")
        while let row = try rows.next() {
          let entry = Self.entry(row)
          guard entry.sha256 != sha256, let other = entry.coarse,
            other.distance(to: coarse) <= Self.coarseReach
          else { continue }
          matches.append(Match(entry: entry, kind: .coarse))
        }
      }
      return matches.sorted {
        ($1.likeness ?? -1, $0.entry.file) < ($0.likeness ?? -1, $1.entry.file)
      }
    }
  }

  private static func entry(_ row: Row) -> Entry {
    var mark: CopyMark?
    if let bits = Int64.fromDatabaseValue(row["bits"]), let blocks = Data.fromDatabaseValue(row["blocks"]) {
      mark = CopyMark(bits: UInt64(bitPattern: bits), blocks: [UInt8](blocks))
    }
    let coarse = Int64.fromDatabaseValue(row["coarse"]).map { PerceptualHash(bits: UInt64(bitPattern: $0)) }
    return Entry(
      key: .fromDatabaseValue(row["key"]) ?? Data(), file: .fromDatabaseValue(row["file"]) ?? "",
      size: .fromDatabaseValue(row["size"]) ?? 0, modified: .fromDatabaseValue(row["modified"]) ?? 0,
      sha256: .fromDatabaseValue(row["sha256"]) ?? "", mark: mark, coarse: coarse)
  }

  private func reading<Value>(_ body: (Database) throws -> Value) throws(AuditError) -> Value {
    do {
      return try SharedDatabase.patiently { try database.read(body) }
    } catch {
      throw Self.fault(path, error)
    }
  }

  /// In one transaction.
  private func writing<Value>(_ body: (Database) throws -> Value) throws(AuditError) -> Value {
    do {
      return try SharedDatabase.patiently { try database.write(body) }
    } catch {
      throw Self.fault(path, error)
    }
  }

  private static func foreign(_ path: String) -> AuditError {
    AuditError(
      code: "copies.database", location: FaultLocation(file: path),
      message: "this is a database, but no index of copies",
      remedy: "name an index, or a file that does not exist yet")
  }

  private static func fault(_ path: String, _ error: any Error) -> AuditError {
    if let error = error as? AuditError { return error }
    let remedy =
      switch (error as? DatabaseError)?.resultCode {
      case .SQLITE_NOTADB, .SQLITE_CORRUPT:
        "remove the file, if it is an index: it is made again from the pictures"
      case .SQLITE_FULL: "free space on the disk"
      case .SQLITE_BUSY: "another process holds the index for over 30 seconds; try again when it is done"
      default: "check that its folder exists and can be written, or name another place for the index"
      }
    return AuditError(
      code: "copies.database", location: FaultLocation(file: path),
      message: "the index cannot be used: \((error as? DatabaseError)?.message ?? String(describing: error))",
      remedy: remedy)
  }
}

extension CopyWindow {
  static let whole = CopyWindow(x: 0, y: 0, width: 1, height: 1)
}
