import Crypto
import CryptoExtras
import Diagnostics
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
    /// The key is elsewhere: what is to be signed is given away, and the signature comes back.
    case elsewhere(@Sendable ([UInt8], SigningAlgorithm) throws -> [UInt8])
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
      if let curve = CurveName.words(pem: pem) {
        throw CredentialError(
          "key.curve", "the private key's curve is \(curve)",
          remedy:
            "give a key on P-256, P-384, P-521 or Ed25519 with its curve named, or RSA of 2048 bits or more")
      }
      throw CredentialError(
        "key.pem", "the private key cannot be read",
        remedy: "give a PEM key: P-256, P-384, P-521, Ed25519 or RSA of 2048 bits or more")
    }
    guard algorithm == nil || algorithm == own else {
      throw CredentialError(
        "key.algorithm", "the private key is for \(own.rawValue)", remedy: "leave the algorithm out")
    }
    self.storage = storage
    self.algorithm = own
  }

  /// A key that somebody else keeps and signs with, of the kind that the leaf certificate names.
  ///
  /// - Parameters:
  ///   - certificatesPEM: the leaf first.
  ///   - algorithm: tells PS256, PS384 and PS512 apart; nil takes the certificate's own, PS256 for RSA.
  ///   - sign: gets the message, not its digest; gives ECDSA in DER or as two numbers, PSS, or Ed25519.
  public init(
    certificatesPEM: String, algorithm: SigningAlgorithm? = nil,
    sign: @escaping @Sendable ([UInt8], SigningAlgorithm) throws -> [UInt8]
  ) throws(CredentialError) {
    let leaf = try Certificate.pem(certificatesPEM).first
    let own: SigningAlgorithm? =
      switch leaf?.publicKey {
      case .p256: .es256
      case .p384: .es384
      case .p521: .es512
      case .ed25519: .ed25519
      case .rsa: algorithm.flatMap { $0.rawValue.hasPrefix("ps") ? $0 : nil } ?? .ps256
      case .unsupported, nil: nil
      }
    guard let own else {
      throw CredentialError(
        "certificate.key",
        leaf?.keyCurve.map { "the certificate is for a key that can't sign claims: its curve is \($0)" }
          ?? "the certificate is for no key that can sign claims",
        remedy: "give the signer's own certificate first: P-256, P-384, P-521, Ed25519 or RSA")
    }
    guard algorithm == nil || algorithm == own else {
      throw CredentialError(
        "key.algorithm", "the certificate is for \(own.rawValue)", remedy: "leave the algorithm out")
    }
    self.algorithm = own
    storage = .elsewhere(sign)
  }

  /// ECDSA as COSE wants it, from what a program that knows only DER gives.
  private static func raw(_ signature: [UInt8], _ algorithm: SigningAlgorithm) -> [UInt8] {
    let plain =
      switch algorithm {
      case .es256: try? P256.Signing.ECDSASignature(derRepresentation: signature).rawRepresentation
      case .es384: try? P384.Signing.ECDSASignature(derRepresentation: signature).rawRepresentation
      case .es512: try? P521.Signing.ECDSASignature(derRepresentation: signature).rawRepresentation
      case .ps256, .ps384, .ps512, .ed25519: nil as Data?
      }
    return plain.map(Array.init) ?? signature
  }

  /// PKCS#8 PEM, for a file with mode 0600 and nothing else; empty for a key that is kept elsewhere.
  public var pem: String {
    switch storage {
    case .p256(let key): key.pemRepresentation
    case .p384(let key): key.pemRepresentation
    case .p521(let key): key.pemRepresentation
    case .rsa(let key): key.pkcs8PEMRepresentation
    case .ed25519(let key): key.pemRepresentation
    case .elsewhere: ""
    }
  }

  /// SubjectPublicKeyInfo; empty for a key that is kept elsewhere.
  package var publicKeyInfo: [UInt8] {
    switch storage {
    case .p256(let key): Array(key.publicKey.derRepresentation)
    case .p384(let key): Array(key.publicKey.derRepresentation)
    case .p521(let key): Array(key.publicKey.derRepresentation)
    case .rsa(let key): Array(key.publicKey.derRepresentation)
    case .ed25519(let key):
      [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
        + key.publicKey.rawRepresentation
    case .elsewhere: []
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
      case .elsewhere(let sign): return Self.raw(try sign(message, algorithm), algorithm)
      case .rsa(let key):
        let signature =
          switch algorithm {
          case .ps384: try key.signature(for: SHA384.hash(data: message), padding: .PSS)
          case .ps512: try key.signature(for: SHA512.hash(data: message), padding: .PSS)
          default: try key.signature(for: SHA256.hash(data: message), padding: .PSS)
          }
        return Array(signature.rawRepresentation)
      }
    } catch let error as any DiagnosableError {
      throw CredentialError(
        error.code, error.message, remedy: error.remedy, location: error.location, cause: error.cause)
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
