import Crypto
import CryptoExtras
import Foundation

/// The seven signature algorithms of C2PA.
public enum SigningAlgorithm: String, Sendable, CaseIterable, Codable {
  case es256, es384, es512, ps256, ps384, ps512, ed25519

  var coseLabel: Int {
    switch self {
    case .es256: -7
    case .es384: -35
    case .es512: -36
    case .ps256: -37
    case .ps384: -38
    case .ps512: -39
    case .ed25519: -8
    }
  }
}

/// A private key for signing claims. It has no description: a key is never printed.
public struct SigningKey: Sendable {
  public let algorithm: SigningAlgorithm
  private let storage: Storage

  private enum Storage: Sendable {
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)
    case ed25519(Curve25519.Signing.PrivateKey)
  }

  /// A new key; RSA keys have 3072 bits.
  public init(_ algorithm: SigningAlgorithm) throws(CredentialError) {
    self.algorithm = algorithm
    do {
      storage =
        switch algorithm {
        case .es256: .p256(P256.Signing.PrivateKey())
        case .es384: .p384(P384.Signing.PrivateKey())
        case .es512: .p521(P521.Signing.PrivateKey())
        case .ps256, .ps384, .ps512: .rsa(try _RSA.Signing.PrivateKey(keySize: .init(bitCount: 3072)))
        case .ed25519: .ed25519(Curve25519.Signing.PrivateKey())
        }
    } catch {
      throw CredentialError(
        "key.make", "no key could be made", remedy: "choose another algorithm", cause: error)
    }
  }

  /// A key from PEM, PKCS#8 or SEC1.
  ///
  /// - Parameter algorithm: tells PS256, PS384 and PS512 apart; nil takes the key's own, PS256 for RSA.
  public init(pem: String, algorithm: SigningAlgorithm? = nil) throws(CredentialError) {
    let found: (Storage, SigningAlgorithm)?
    if let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) {
      found = (.p256(key), .es256)
    } else if let key = try? P384.Signing.PrivateKey(pemRepresentation: pem) {
      found = (.p384(key), .es384)
    } else if let key = try? P521.Signing.PrivateKey(pemRepresentation: pem) {
      found = (.p521(key), .es512)
    } else if let key = try? Curve25519.Signing.PrivateKey(pemRepresentation: pem) {
      found = (.ed25519(key), .ed25519)
    } else if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) {
      let isPSS = algorithm.map { $0.rawValue.hasPrefix("ps") } ?? false
      found = (.rsa(key), isPSS ? algorithm ?? .ps256 : .ps256)
    } else {
      found = nil
    }
    guard let (storage, own) = found else {
      throw CredentialError(
        "key.pem", "the private key cannot be read",
        remedy: "give an unencrypted PEM key: P-256, P-384, P-521, Ed25519 or RSA of 2048 bits or more")
    }
    guard algorithm == nil || algorithm == own else {
      throw CredentialError(
        "key.algorithm", "the private key is for \(own.rawValue)", remedy: "leave the algorithm out")
    }
    self.storage = storage
    self.algorithm = own
  }

  /// PKCS#8 PEM, for a file with mode 0600 and nothing else.
  public var pem: String {
    switch storage {
    case .p256(let key): key.pemRepresentation
    case .p384(let key): key.pemRepresentation
    case .p521(let key): key.pemRepresentation
    case .rsa(let key): key.pkcs8PEMRepresentation
    case .ed25519(let key): key.pemRepresentation
    }
  }

  /// SubjectPublicKeyInfo.
  package var publicKeyInfo: [UInt8] {
    switch storage {
    case .p256(let key): Array(key.publicKey.derRepresentation)
    case .p384(let key): Array(key.publicKey.derRepresentation)
    case .p521(let key): Array(key.publicKey.derRepresentation)
    case .rsa(let key): Array(key.publicKey.derRepresentation)
    case .ed25519(let key):
      [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
        + key.publicKey.rawRepresentation
    }
  }

  /// The signature as COSE wants it: r‖s, PSS or Ed25519.
  package func sign(_ message: [UInt8]) throws(CredentialError) -> [UInt8] {
    do {
      switch storage {
      case .p256(let key): return Array(try key.signature(for: message).rawRepresentation)
      case .p384(let key): return Array(try key.signature(for: message).rawRepresentation)
      case .p521(let key): return Array(try key.signature(for: message).rawRepresentation)
      case .ed25519(let key): return Array(try key.signature(for: message))
      case .rsa(let key):
        let signature =
          switch algorithm {
          case .ps384: try key.signature(for: SHA384.hash(data: message), padding: .PSS)
          case .ps512: try key.signature(for: SHA512.hash(data: message), padding: .PSS)
          default: try key.signature(for: SHA256.hash(data: message), padding: .PSS)
          }
        return Array(signature.rawRepresentation)
      }
    } catch {
      throw CredentialError("key.sign", "the key could not sign", remedy: "make another key", cause: error)
    }
  }

  /// ECDSA with SHA-256 in DER, for certificates of the local authority.
  func signCertificate(_ message: [UInt8]) throws(CredentialError) -> [UInt8] {
    guard case .p256(let key) = storage, let signature = try? key.signature(for: message) else {
      throw CredentialError("key.sign", "the authority's key must be P-256", remedy: "make it with es256")
    }
    return Array(signature.derRepresentation)
  }
}
