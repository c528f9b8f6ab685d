import Crypto
public import Foundation

/// One examination as the ledger keeps it.
///
/// An entry is bound to all before it: its hash covers its own fields and the hash of the entry before.
public struct LedgerEntry: Sendable, Hashable, Codable {
  /// The form of an entry that is written as JSON.
  public static let schema = "assay.ledger-entry/1"

  /// What is recorded of one file; the caller's part of an entry.
  public struct Record: Sendable, Hashable, Codable {
    /// The file as the operator named it.
    public var file: String
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    public var fileHash: String
    /// The scan's outcome.
    public var outcome: String
    /// The whole result as JSON.
    public var result: String
    /// Tool and version.
    public var tool: String
    /// Model and version; empty if none took part.
    public var model: String
    /// Rule packs with versions; empty if none.
    public var rules: String
    /// Trust lists with dates; empty if none.
    public var trust: String
    public var operatorName: String
    /// Stands in the place of a name where whoever examined gave none.
    public static let noOperator = "not stated"

    public init(
      file: String, fileHash: String, outcome: String, result: String, tool: String, model: String = "",
      rules: String = "", trust: String = "", operatorName: String
    ) {
      self.file = file
      self.fileHash = fileHash
      self.outcome = outcome
      self.result = result
      self.tool = tool
      self.model = model
      self.rules = rules
      self.trust = trust
      self.operatorName = operatorName
    }
  }

  /// 1 for the first entry, without gaps.
  public let sequence: Int
  /// When it was entered, in ISO 8601 with milliseconds, UTC.
  public let time: String
  public let record: Record
  /// SHA-256 of the entry before, 32 bytes; 32 zero bytes for the first.
  public let previousHash: Data
  /// SHA-256 of this entry, 32 bytes; see `LedgerHash`.
  public let hash: Data
}

/// The hash of an entry: SHA-256 over the previous hash and then each field as a netstring
/// (`length ":" bytes ","`, D. J. Bernstein 1997), in the order sequence, time, file, fileHash,
/// outcome, result, tool, model, rules, trust, operator. No two entries encode alike.
struct LedgerHash {
  private var function = SHA256()
  private var buffer: [UInt8] = []

  init(previous: some Sequence<UInt8>) {
    buffer.reserveCapacity(1024)
    buffer.append(contentsOf: previous)
  }

  mutating func append(_ field: some Collection<UInt8>) {
    appendDigits(field.count)
    buffer.append(UInt8(ascii: ":"))
    buffer.append(contentsOf: field)
    buffer.append(UInt8(ascii: ","))
    if buffer.count > 1 << 16 { flush() }
  }

  mutating func finish() -> SHA256.Digest {
    flush()
    return function.finalize()
  }

  private mutating func flush() {
    function.update(data: buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  private mutating func appendDigits(_ number: Int) {
    if number >= 10 { appendDigits(number / 10) }
    buffer.append(UInt8(ascii: "0") + UInt8(number % 10))
  }

  static func of(sequence: Int, time: String, record: LedgerEntry.Record, previous: Data) -> Data {
    var hash = LedgerHash(previous: previous)
    for field in [
      String(sequence), time, record.file, record.fileHash, record.outcome, record.result, record.tool,
      record.model, record.rules, record.trust, record.operatorName,
    ] { hash.append(field.utf8) }
    return Data(hash.finish())
  }
}
