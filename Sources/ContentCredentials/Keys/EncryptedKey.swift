import Crypto
import CryptoExtras
import Foundation
import SwiftASN1

/// A private key that a passphrase protects: PKCS#8 with PBES2, as `openssl pkcs8 -topk8` writes it.
///
/// Read are PBKDF2 with HMAC-SHA-1, -256, -384 or -512, scrypt, and AES-CBC. Sources: RFC 5958 section 3, RFC 8018
/// section 6.2 and appendix A, RFC 7914 section 7.
public enum EncryptedKey {
  /// Whether the text holds a key that needs a passphrase.
  public static func isEncrypted(_ pem: String) -> Bool {
    pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || pem.contains("Proc-Type: 4,ENCRYPTED")
  }

  /// More turns than these are no protection any more but an attack on whoever opens the key.
  private static let mostRounds = 100_000_000

  /// The key as plain PKCS#8 PEM, for memory only.
  ///
  /// - Throws: ``CredentialError`` `key.encryption` for a way of encryption that is not read, `key.passphrase` where the
  ///   passphrase is not the key's.
  public static func decrypted(_ pem: String, passphrase: String) throws(CredentialError) -> String {
    guard !pem.contains("Proc-Type: 4,ENCRYPTED") else {
      throw unread("the key is encrypted in OpenSSL's old form")
    }
    let body =
      pem.components(separatedBy: "-----BEGIN ENCRYPTED PRIVATE KEY-----").dropFirst().first?
      .components(separatedBy: "-----END ENCRYPTED PRIVATE KEY-----").first
    guard let body, let der = Data(base64Encoded: body, options: .ignoreUnknownCharacters) else {
      throw unread("the encrypted key's PEM cannot be read")
    }
    let plan: Plan
    do { plan = try Plan(Array(der)) } catch {
      throw unread("the key's encryption cannot be read: \(error.message)")
    }
    let key: SymmetricKey
    do { key = try plan.key(Array(passphrase.utf8)) } catch {
      throw unread(
        "the key's passphrase cannot be tried: its key derivation fails with the costs that the file states")
    }
    let plain: [UInt8]
    do {
      plain = Array(try AES._CBC.decrypt(plan.content, using: key, iv: AES._CBC.IV(ivBytes: plan.vector)))
    } catch {
      throw wrongPassphrase
    }
    // Padding that fits by chance, which a wrong passphrase gives once in 256 times, still holds no key.
    guard let node = try? DERReader.parse(plain[...]), (try? DERReader(node)) != nil else {
      throw wrongPassphrase
    }
    let lines = Data(plain).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return "-----BEGIN PRIVATE KEY-----\n\(lines)\n-----END PRIVATE KEY-----\n"
  }

  private static var wrongPassphrase: CredentialError {
    CredentialError(
      "key.passphrase", "the passphrase is not that of the private key",
      remedy: "give the key's own passphrase")
  }

  private static func unread(_ message: String) -> CredentialError {
    CredentialError(
      "key.encryption", message,
      remedy: "write it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc -in old.key -out new.key")
  }

  /// How a key is derived from the passphrase, and what it opens.
  private struct Plan {
    enum Derivation {
      case pbkdf2(KDF.Insecure.PBKDF2.HashFunction, rounds: Int)
      case scrypt(cost: Int, blocks: Int, lanes: Int)
    }

    var derivation: Derivation
    var salt: [UInt8]
    var keyLength: Int
    var vector: [UInt8]
    var content: [UInt8]

    init(_ der: [UInt8]) throws(MalformedStructure) {
      var outer = try DERReader(DERReader.parse(der[...]))
      var scheme = try outer.children()
      content = Array(try outer.bytes(.octetString))
      guard try scheme.oid() == [1, 2, 840, 113_549, 1, 5, 13] else {
        throw MalformedStructure("it is not PBES2", at: 0)
      }
      var parameters = try scheme.children()
      var derivation = try parameters.children()
      var cipher = try parameters.children()
      let function = try derivation.oid()
      var settings = try derivation.children()
      salt = Array(try settings.bytes(.octetString))
      switch function {
      case [1, 2, 840, 113_549, 1, 5, 12]:
        let rounds = try settings.small()
        guard (1...EncryptedKey.mostRounds).contains(rounds) else {
          throw MalformedStructure("\(rounds) rounds are out of reason", at: 0)
        }
        if settings.peek?.identifier == .integer { _ = try settings.next() }
        var hash = KDF.Insecure.PBKDF2.HashFunction.insecureSHA1
        if !settings.isAtEnd {
          switch try settings.algorithm().oid {
          case [1, 2, 840, 113_549, 2, 7]: hash = .insecureSHA1
          case [1, 2, 840, 113_549, 2, 9]: hash = .sha256
          case [1, 2, 840, 113_549, 2, 10]: hash = .sha384
          case [1, 2, 840, 113_549, 2, 11]: hash = .sha512
          default: throw MalformedStructure("its hash function is not known", at: 0)
          }
        }
        self.derivation = .pbkdf2(hash, rounds: rounds)
      case [1, 3, 6, 1, 4, 1, 11_591, 4, 11]:
        let (cost, blocks, lanes) = (try settings.small(), try settings.small(), try settings.small())
        // At most a gigabyte of memory.
        guard (2...(1 << 20)).contains(cost), (1...32).contains(blocks), (1...16).contains(lanes),
          cost * blocks <= 1 << 23
        else { throw MalformedStructure("scrypt's costs are out of reason", at: 0) }
        self.derivation = .scrypt(cost: cost, blocks: blocks, lanes: lanes)
      default: throw MalformedStructure("its key derivation is not known", at: 0)
      }
      switch try cipher.oid() {
      case [2, 16, 840, 1, 101, 3, 4, 1, 2]: keyLength = 16
      case [2, 16, 840, 1, 101, 3, 4, 1, 22]: keyLength = 24
      case [2, 16, 840, 1, 101, 3, 4, 1, 42]: keyLength = 32
      default: throw MalformedStructure("its cipher is not AES-CBC", at: 0)
      }
      vector = Array(try cipher.bytes(.octetString))
      guard vector.count == 16 else { throw MalformedStructure("its initial vector has no 16 bytes", at: 0) }
    }

    func key(_ passphrase: [UInt8]) throws -> SymmetricKey {
      switch derivation {
      case .pbkdf2(let hash, let rounds):
        // The turns are the file's, chosen when it was written.
        try KDF.Insecure.PBKDF2.deriveKey(
          from: passphrase, salt: salt, using: hash, outputByteCount: keyLength, unsafeUncheckedRounds: rounds
        )
      case .scrypt(let cost, let blocks, let lanes):
        try KDF.Scrypt.deriveKey(
          from: passphrase, salt: salt, outputByteCount: keyLength, rounds: cost, blockSize: blocks,
          parallelism: lanes)
      }
    }
  }
}
