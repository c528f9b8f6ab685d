public import Audits
import Crypto
import Diagnostics
import Foundation
public import ImageFormats

/// A ledger's head in a file: what is signed, and what a later ledger is held against.
public enum LedgerHeadFile {
  private struct Head: Codable {
    var schema = Self.name
    var entries: Int
    var head: String

    static let name = "assay.ledger-head/1"
  }

  /// One object in a line (`assay.ledger-head/1`).
  public static func line(_ head: LedgerHead) throws -> String {
    try JSONLine.of(Head(entries: head.count, head: head.hash.hexadecimal), as: Head.name)
  }

  /// - Throws: `AuditError` `ledger.head` for what is no head.
  public static func read(_ path: FilePath) throws -> LedgerHead {
    let bytes = try ImageFile(path: path).bytes
    guard let head = try? JSONDecoder().decode(Head.self, from: Data(bytes)), head.schema == Head.name,
      head.entries >= 0, let hash = [UInt8](hexadecimal: head.head), hash.count == SHA256.byteCount
    else {
      throw AuditError(
        code: "ledger.head", location: FaultLocation(file: path.display),
        message: "this is no head of a ledger", remedy: "name a file that a verification of the ledger wrote")
    }
    return LedgerHead(count: head.entries, hash: Data(hash))
  }
}
