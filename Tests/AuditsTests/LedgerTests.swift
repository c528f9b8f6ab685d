import Audits
import Foundation
import GRDB
import Testing

struct LedgerTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "ledger-\(UUID().uuidString)")
  var path: String { folder.appending(path: "ledger.sqlite").path }

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  static func record(_ number: Int) -> LedgerEntry.Record {
    LedgerEntry.Record(
      file: "picture \(number).png", fileHash: String(repeating: "\(number % 10)", count: 64),
      outcome: "noIndication", result: #"{"n":\#(number)}"#, tool: "assay 0.1.0", operatorName: "desk")
  }

  func filled(_ count: Int) throws -> Ledger {
    let ledger = try Ledger(path: path)
    try ledger.append((1...count).map(Self.record), at: Date(timeIntervalSince1970: 1_700_000_000))
    return ledger
  }

  /// Changes the file behind the ledger's back, as a forger would, triggers removed.
  func forge(_ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in
      try database.execute(sql: "DROP TRIGGER entryIsNeverChanged; DROP TRIGGER entryIsNeverRemoved; \(sql)")
    }
  }

  @Test func `a chain verifies and its head counts its entries`() throws {
    let ledger = try filled(25)
    #expect(try ledger.verify() == .intact(ledger.head()))
    #expect(try ledger.head().count == 25)
    #expect(try ledger.entries(fileHash: String(repeating: "3", count: 64)).map(\.sequence) == [3, 13, 23])
    #expect(try ledger.entries(from: 24, limit: 9).map(\.record) == [Self.record(24), Self.record(25)])
  }

  @Test(arguments: [
    ("UPDATE entry SET outcome = 'captureVerified' WHERE sequence = 7", 7, LedgerVerification.Fault.altered),
    ("UPDATE entry SET file = file || ' ' WHERE sequence = 1", 1, .altered),
    ("DELETE FROM entry WHERE sequence = 7", 8, .missingBefore),
    (
      """
      UPDATE entry SET sequence = -1 WHERE sequence = 7; UPDATE entry SET sequence = 7 WHERE sequence = 8;
      UPDATE entry SET sequence = 8 WHERE sequence = -1
      """, 7, .unlinked
    ),
    (
      "DELETE FROM entry WHERE sequence = 7; UPDATE entry SET sequence = sequence - 1 WHERE sequence > 7", 7,
      .unlinked
    ),
  ])
  func `an entry altered, removed or moved is found and named`(
    sql: String, sequence: Int, fault: LedgerVerification.Fault
  ) throws {
    let ledger = try filled(12)
    try forge(sql)
    #expect(try ledger.verify() == .broken(sequence: sequence, fault: fault))
  }

  @Test func `entries of either durability are one chain, and a flush changes nothing of it`() throws {
    let ledger = try Ledger(path: path)
    for number in 1...6 {
      try ledger.append([Self.record(number)], at: Date(), durability: number % 2 == 0 ? .kill : .powerCut)
    }
    let head = try ledger.head()
    try ledger.flush()
    #expect(try Ledger(path: path).verify() == .intact(head) && head.count == 6)
  }

  @Test func `the database itself refuses updates and deletions`() throws {
    _ = try filled(2)
    let queue = try DatabaseQueue(path: path)
    #expect(throws: DatabaseError.self) {
      try queue.write { try $0.execute(sql: "UPDATE entry SET outcome = 'x'") }
    }
    #expect(throws: DatabaseError.self) { try queue.write { try $0.execute(sql: "DELETE FROM entry") } }
  }

  @Test func `many writers at once leave one unbroken chain`() async throws {
    let path = path
    _ = try Ledger(path: path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          let ledger = try Ledger(path: path)
          for number in 0..<10 { try ledger.append([Self.record(writer * 10 + number)], at: Date()) }
        }
      }
      try await group.waitForAll()
    }
    let ledger = try Ledger(path: path)
    #expect(try ledger.verify() == .intact(ledger.head()))
    #expect(try ledger.head().count == 40)
  }

  @Test func `a head that was kept finds entries removed from the end and a chain written anew`() throws {
    let head = try filled(12).head()
    let ledger = try Ledger(path: path)
    try ledger.append([Self.record(13)], at: Date())
    #expect(try ledger.verify(after: head) == .intact(ledger.head()))
    try forge("DELETE FROM entry WHERE sequence > 9")
    #expect(try ledger.verify() == .intact(ledger.head()))
    #expect(try ledger.verify(after: head) == .broken(sequence: 9, fault: .missingAfter))
    try ledger.append((20...23).map(Self.record), at: Date())
    #expect(try ledger.verify(after: head) == .broken(sequence: 12, fault: .unlikeHead))
  }

  @Test func `a ledger that is read stays as it is, and takes no entry`() throws {
    _ = try filled(3)
    let before = try Data(contentsOf: URL(filePath: path))
    let ledger = try Ledger(reading: path)
    #expect(try ledger.verify() == .intact(ledger.head()) && ledger.entries(limit: 9).count == 3)
    #expect(throws: AuditError.self) { try ledger.append([Self.record(4)], at: Date()) }
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
  }

  @Test func `somebody else's database is neither read as a ledger nor made into one`() throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "CREATE TABLE picture (name TEXT)") }
    for open in [{ try Ledger(path: $0) }, { try Ledger(reading: $0) }] as [(String) throws -> Ledger] {
      let error = try #require(throws: AuditError.self) { _ = try open(path) }
      #expect(error.code == "ledger.table")
    }
    #expect(try queue.read { try $0.tableExists("entry") } == false)
  }

  @Test func `several may make one ledger at the same moment`() async throws {
    let path = self.path
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask { _ = try Ledger(path: path).append([Self.record(writer)], at: Date()) }
      }
      try await group.waitForAll()
    }
    #expect(try Ledger(path: path).head().count == 8)
  }

  @Test func `several may flush one ledger at the same moment`() async throws {
    let path = self.path
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          let ledger = try Ledger(path: path)
          for round in 0..<40 {
            try ledger.append([Self.record(100 * writer + round)], at: Date(), durability: .kill)
            try ledger.flush()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try Ledger(path: path).verify() == .intact(Ledger(path: path).head()))
    #expect(try Ledger(path: path).head().count == 160)
  }

  @Test func `a ledger whose making was cut off says that it is empty, and takes entries`() throws {
    try DatabasePool(path: path).close()
    #expect(try #require(throws: AuditError.self) { try Ledger(reading: path) }.code == "ledger.empty")
    _ = try filled(2)
    #expect(try Ledger(reading: path).head().count == 2)
  }

  @Test func `what was left half made is taken back when it is read`() throws {
    let cut = path + ".cut"
    try DatabaseQueue(path: path).writeWithoutTransaction { database in
      // More than the cache holds stands in the file before it is committed.
      try database.execute(
        sql: """
          PRAGMA cache_size = 2; BEGIN IMMEDIATE; CREATE TABLE entry (sequence, text);
          WITH RECURSIVE line (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM line WHERE number < 3000)
          INSERT INTO entry SELECT number, hex(zeroblob(50)) FROM line
          """)
      for ending in ["", "-journal"] {
        try FileManager.default.copyItem(atPath: path + ending, toPath: cut + ending)
      }
      try database.execute(sql: "ROLLBACK")
    }
    #expect(try Data(contentsOf: URL(filePath: cut)).count > 0)
    #expect(try #require(throws: AuditError.self) { try Ledger(reading: cut) }.code == "ledger.empty")
    try Ledger(path: cut).append([Self.record(1)], at: Date())
    #expect(try Ledger(reading: cut).head().count == 1)
  }

  @Test func `a forged table without its constraints is named, not trapped on`() throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in
      try database.execute(
        sql: """
          CREATE TABLE entry (sequence, time, file, fileHash, outcome, result, tool, model, rules, trust, operator,
          previousHash, hash); INSERT INTO entry (sequence, outcome) VALUES (1, 7.5), ('x', NULL)
          """)
    }
    let ledger = try Ledger(reading: path)
    #expect(try ledger.verify() == .broken(sequence: 1, fault: .unlinked))
    #expect(try ledger.entries(limit: 9).count == 2)
  }

  @Test func `a file that is no ledger is refused with a remedy`() throws {
    try Data("not a database, whatever its name says".utf8).write(to: URL(filePath: path))
    let error = try #require(throws: AuditError.self) { try Ledger(path: path) }
    #expect(error.remedy.contains("no ledger"))
  }
}
