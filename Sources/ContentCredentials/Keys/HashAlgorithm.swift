import Crypto

/// The hash algorithms that C2PA allows.
///
/// Source: C2PA 2.2 §13.1.
package enum HashAlgorithm: String, Sendable, CaseIterable {
  case sha256, sha384, sha512

  package func hash(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var hasher = Hasher(self)
    hasher.update(bytes)
    return hasher.finalize()
  }

  package func hash(_ bytes: [UInt8]) -> [UInt8] { hash(bytes[...]) }

  /// One running hash.
  package struct Hasher {
    private enum State {
      case sha256(SHA256)
      case sha384(SHA384)
      case sha512(SHA512)
    }
    private var state: State

    package init(_ algorithm: HashAlgorithm) {
      state =
        switch algorithm {
        case .sha256: .sha256(SHA256())
        case .sha384: .sha384(SHA384())
        case .sha512: .sha512(SHA512())
        }
    }

    package mutating func update(_ bytes: ArraySlice<UInt8>) {
      switch state {
      case .sha256(var hasher):
        hasher.update(data: bytes)
        state = .sha256(hasher)
      case .sha384(var hasher):
        hasher.update(data: bytes)
        state = .sha384(hasher)
      case .sha512(var hasher):
        hasher.update(data: bytes)
        state = .sha512(hasher)
      }
    }

    package func finalize() -> [UInt8] {
      switch state {
      case .sha256(let hasher): Array(hasher.finalize())
      case .sha384(let hasher): Array(hasher.finalize())
      case .sha512(let hasher): Array(hasher.finalize())
      }
    }
  }
}
