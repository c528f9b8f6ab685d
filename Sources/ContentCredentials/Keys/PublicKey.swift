import Crypto
import CryptoExtras
import Foundation
import SwiftASN1

/// How a signature is made over a message.
package enum SignatureScheme: Hashable, Sendable {
  /// DER pair of integers, as in certificates.
  case ecdsa(HashAlgorithm)
  /// r‖s of fixed width, as in COSE.
  case ecdsaRaw(HashAlgorithm)
  case rsaPSS(HashAlgorithm)
  case rsaPKCS1(HashAlgorithm)
  case ed25519

  /// The scheme of a certificate's or CMS signer's algorithm; nil for SHA-1 and unknown ones.
  init?(certificate algorithm: AlgorithmIdentifier, digest: HashAlgorithm? = nil) {
    switch algorithm.oid {
    case [1, 2, 840, 10045, 4, 3, 2]: self = .ecdsa(.sha256)
    case [1, 2, 840, 10045, 4, 3, 3]: self = .ecdsa(.sha384)
    case [1, 2, 840, 10045, 4, 3, 4]: self = .ecdsa(.sha512)
    case [1, 2, 840, 113549, 1, 1, 11]: self = .rsaPKCS1(.sha256)
    case [1, 2, 840, 113549, 1, 1, 12]: self = .rsaPKCS1(.sha384)
    case [1, 2, 840, 113549, 1, 1, 13]: self = .rsaPKCS1(.sha512)
    case [1, 2, 840, 113549, 1, 1, 1]:
      guard let digest else { return nil }
      self = .rsaPKCS1(digest)
    case [1, 2, 840, 10045, 2, 1]:
      guard let digest else { return nil }
      self = .ecdsa(digest)
    case [1, 2, 840, 113549, 1, 1, 10]:
      // RSASSA-PSS-params: [0] hash algorithm; SHA-1, the default, is refused.
      guard let parameters = algorithm.parameters, var reader = try? DERReader(parameters),
        let node = reader.tagged(0), var wrapper = try? DERReader(node),
        let hash = try? wrapper.algorithm(), let digest = HashAlgorithm(oid: hash.oid)
      else { return nil }
      self = .rsaPSS(digest)
    case [1, 3, 101, 112]: self = .ed25519
    default: return nil
    }
  }
}

extension HashAlgorithm {
  init?(oid: ASN1ObjectIdentifier) {
    switch oid {
    case [2, 16, 840, 1, 101, 3, 4, 2, 1]: self = .sha256
    case [2, 16, 840, 1, 101, 3, 4, 2, 2]: self = .sha384
    case [2, 16, 840, 1, 101, 3, 4, 2, 3]: self = .sha512
    default: return nil
    }
  }
}

/// A key of one of the kinds that C2PA allows.
package enum PublicKey: Hashable, Sendable {
  case p256([UInt8])
  case p384([UInt8])
  case p521([UInt8])
  /// Modulus and exponent.
  case rsa([UInt8], [UInt8])
  case ed25519([UInt8])
  case unsupported

  init(algorithm: AlgorithmIdentifier, bits: ArraySlice<UInt8>) {
    switch algorithm.oid {
    case [1, 2, 840, 10045, 2, 1]:
      switch try? algorithm.parameters?.oid() {
      case [1, 2, 840, 10045, 3, 1, 7]: self = .p256(Array(bits))
      case [1, 3, 132, 0, 34]: self = .p384(Array(bits))
      case [1, 3, 132, 0, 35]: self = .p521(Array(bits))
      default: self = .unsupported
      }
    case [1, 2, 840, 113549, 1, 1, 1], [1, 2, 840, 113549, 1, 1, 10]:
      guard let node = try? DERReader.parse(bits), var reader = try? DERReader(node),
        let modulus = try? reader.bytes(.integer), let exponent = try? reader.bytes(.integer)
      else {
        self = .unsupported
        return
      }
      self = .rsa(Array(modulus.drop { $0 == 0 }), Array(exponent))
    case [1, 3, 101, 112]: self = .ed25519(Array(bits))
    default: self = .unsupported
    }
  }

  /// RSA below 2048 bits and other curves are outside C2PA's profile.
  var isAllowed: Bool {
    switch self {
    case .unsupported: false
    case .rsa(let modulus, _): modulus.count >= 256 && modulus.count <= 1024
    default: true
    }
  }

  package func verify(
    _ signature: ArraySlice<UInt8>, of message: ArraySlice<UInt8>, _ scheme: SignatureScheme
  ) -> Bool {
    switch scheme {
    case .ed25519:
      guard case .ed25519(let key) = self,
        let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key)
      else { return false }
      return key.isValidSignature(signature, for: message)
    case .ecdsa(.sha256), .ecdsaRaw(.sha256), .rsaPSS(.sha256), .rsaPKCS1(.sha256):
      return check(signature, digest: SHA256.hash(data: message), scheme)
    case .ecdsa(.sha384), .ecdsaRaw(.sha384), .rsaPSS(.sha384), .rsaPKCS1(.sha384):
      return check(signature, digest: SHA384.hash(data: message), scheme)
    case .ecdsa(.sha512), .ecdsaRaw(.sha512), .rsaPSS(.sha512), .rsaPKCS1(.sha512):
      return check(signature, digest: SHA512.hash(data: message), scheme)
    }
  }

  private func check(
    _ signature: ArraySlice<UInt8>, digest: some Digest, _ scheme: SignatureScheme
  ) -> Bool {
    switch (self, scheme) {
    case (.p256(let bytes), .ecdsa), (.p256(let bytes), .ecdsaRaw):
      guard let key = try? P256.Signing.PublicKey(x963Representation: bytes),
        let value = scheme.isRaw
          ? try? P256.Signing.ECDSASignature(rawRepresentation: signature)
          : try? P256.Signing.ECDSASignature(derRepresentation: signature)
      else { return false }
      return key.isValidSignature(value, for: digest)
    case (.p384(let bytes), .ecdsa), (.p384(let bytes), .ecdsaRaw):
      guard let key = try? P384.Signing.PublicKey(x963Representation: bytes),
        let value = scheme.isRaw
          ? try? P384.Signing.ECDSASignature(rawRepresentation: signature)
          : try? P384.Signing.ECDSASignature(derRepresentation: signature)
      else { return false }
      return key.isValidSignature(value, for: digest)
    case (.p521(let bytes), .ecdsa), (.p521(let bytes), .ecdsaRaw):
      guard let key = try? P521.Signing.PublicKey(x963Representation: bytes),
        let value = scheme.isRaw
          ? try? P521.Signing.ECDSASignature(rawRepresentation: signature)
          : try? P521.Signing.ECDSASignature(derRepresentation: signature)
      else { return false }
      return key.isValidSignature(value, for: digest)
    case (.rsa(let modulus, let exponent), .rsaPSS), (.rsa(let modulus, let exponent), .rsaPKCS1):
      guard isAllowed, let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else { return false }
      let padding: _RSA.Signing.Padding = if case .rsaPSS = scheme { .PSS } else { .insecurePKCS1v1_5 }
      return key.isValidSignature(
        _RSA.Signing.RSASignature(rawRepresentation: signature), for: digest, padding: padding)
    default: return false
    }
  }
}

extension SignatureScheme {
  fileprivate var isRaw: Bool { if case .ecdsaRaw = self { true } else { false } }
}
