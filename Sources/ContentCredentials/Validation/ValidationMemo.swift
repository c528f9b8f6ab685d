import Synchronization

/// Results of steps of a validation, for validations of files that differ in few bytes.
///
/// Damage tried at every byte of a store makes a million reports on files that are all but equal, and nearly all of
/// their time goes into the same signatures, certificates and bytes of the picture. Each result is kept under
/// everything that it depends on, so a report says the same with and without.
///
/// Used where ``current`` is set, and nowhere in the programs that people run on files of others.
package final class ValidationMemo: Sendable {
  @TaskLocal package static var current: ValidationMemo?

  /// The only bytes of the file that differ from one validation to the next.
  private let changing: Range<Int>
  private let storage = Mutex(Storage())

  private struct Storage {
    var isOpen = true
    var certificates: [Bytes: Certificate] = [:]
    var timeStamps: [Bytes: TimeStampToken] = [:]
    var signatures: [SignatureKey: Bool] = [:]
    var digests: [DigestKey: [UInt8]] = [:]
  }

  /// Compared whole, and hashed by its end alone: hashing kilobytes would cost what the memo saves.
  private struct Bytes: Hashable {
    let bytes: ArraySlice<UInt8>

    func hash(into hasher: inout Hasher) {
      hasher.combine(bytes.count)
      for byte in bytes.suffix(16) { hasher.combine(byte) }
    }
  }

  private struct SignatureKey: Hashable {
    var signature: Bytes
    var message: Bytes
    var key: PublicKey
    var scheme: SignatureScheme

    func hash(into hasher: inout Hasher) { hasher.combine(signature) }
  }

  private struct DigestKey: Hashable {
    var algorithm: HashAlgorithm
    var ranges: [Range<Int>]
  }

  package init(changing: Range<Int>) { self.changing = changing }

  /// Keeps nothing more: what follows is only looked up, and memory stays as it is.
  package func close() { storage.withLock { $0.isOpen = false } }

  private func value<Key: Hashable, Value, Failure: Error>(
    _ table: WritableKeyPath<Storage, [Key: Value]> & Sendable, _ key: Key,
    _ make: () throws(Failure) -> Value
  ) throws(Failure) -> Value where Key: Sendable, Value: Sendable {
    if let known = storage.withLock({ $0[keyPath: table][key] }) { return known }
    let made = try make()
    storage.withLock { if $0.isOpen { $0[keyPath: table][key] = made } }
    return made
  }

  static func certificate(
    _ der: ArraySlice<UInt8>, _ make: () throws(MalformedStructure) -> Certificate
  ) throws(MalformedStructure) -> Certificate {
    guard let current else { return try make() }
    return try current.value(\.certificates, Bytes(bytes: der), make)
  }

  static func timeStamp(
    _ token: ArraySlice<UInt8>, _ make: () throws(MalformedStructure) -> TimeStampToken
  ) throws(MalformedStructure) -> TimeStampToken {
    guard let current else { return try make() }
    return try current.value(\.timeStamps, Bytes(bytes: token), make)
  }

  static func signature(
    _ signature: ArraySlice<UInt8>, of message: ArraySlice<UInt8>, by key: PublicKey,
    _ scheme: SignatureScheme,
    _ verify: () -> Bool
  ) -> Bool {
    guard let current else { return verify() }
    let key = SignatureKey(
      signature: Bytes(bytes: signature), message: Bytes(bytes: message), key: key, scheme: scheme)
    return current.value(\.signatures, key, verify)
  }

  /// The hash of ranges of the file, one behind the other.
  static func digest(
    of ranges: [Range<Int>], by algorithm: HashAlgorithm, _ hash: () -> [UInt8]
  ) -> [UInt8] {
    guard let current, ranges.allSatisfy({ !$0.overlaps(current.changing) }) else { return hash() }
    return current.value(\.digests, DigestKey(algorithm: algorithm, ranges: ranges), hash)
  }
}
