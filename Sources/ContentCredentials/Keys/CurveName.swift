import Foundation
import SwiftASN1

/// Which curve a key of elliptic curves lies on, for people who learn that it is none of those that C2PA takes.
enum CurveName {
  private static let names: [String: String] = [
    "1.2.840.10045.3.1.7": "P-256", "1.3.132.0.34": "P-384", "1.3.132.0.35": "P-521",
    "1.3.132.0.10": "secp256k1", "1.3.132.0.33": "P-224", "1.2.840.10045.3.1.1": "P-192",
    "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1", "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
    "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1", "1.2.156.10197.1.301": "SM2",
  ]
  private static let others: [String: String] = [
    "1.3.101.113": "Ed448", "1.3.101.110": "X25519, which signs nothing",
    "1.3.101.111": "X448, which signs nothing",
  ]

  /// What the curve of a private key in PEM is, in words that go on after "its curve is"; nil for other keys and for none.
  static func words(pem: String) -> String? {
    for kind in ["EC PRIVATE KEY", "PRIVATE KEY"] {
      guard
        let body = pem.components(separatedBy: "-----BEGIN \(kind)-----").dropFirst().first?
          .components(separatedBy: "-----END \(kind)-----").first,
        let der = Data(base64Encoded: body, options: .ignoreUnknownCharacters),
        let node = try? DERReader.parse(Array(der)[...]), var reader = try? DERReader(node)
      else { continue }
      guard (try? reader.small()) != nil else { return nil }
      if kind == "PRIVATE KEY" { return (try? reader.algorithm()).flatMap(words) }
      // SEC 1: the key, then the curve under tag 0.
      guard (try? reader.next()) != nil, let tagged = reader.tagged(0), var inner = try? DERReader(tagged)
      else {
        return nil
      }
      return (try? inner.next()).map(words)
    }
    return nil
  }

  /// The same of a certificate's key.
  static func words(_ algorithm: AlgorithmIdentifier) -> String? {
    if let other = others[String(describing: algorithm.oid)] { return other }
    guard algorithm.oid == [1, 2, 840, 10045, 2, 1] else { return nil }
    return algorithm.parameters.map(words)
  }

  private static func words(_ parameters: ASN1Node) -> String {
    guard let oid = try? parameters.oid() else {
      return "written out in numbers instead of named, which C2PA does not take"
    }
    let number = String(describing: oid)
    return names[number] ?? "the one with the number \(number)"
  }
}
