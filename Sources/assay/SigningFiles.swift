import Console
import ContentCredentials
import Foundation
import ImageFormats

extension SigningCredential {
  /// A private key and its certificates from PEM files; errors name the file.
  static func read(key: String, certificates: String, algorithm: String? = nil) throws -> SigningCredential {
    func text(_ path: String) throws -> String {
      String(decoding: try ImageFile(path: RawArguments.path(path)).bytes, as: UTF8.self)
    }
    let (keyText, chain) = (try text(key), try text(certificates))
    let read = try CredentialError.at(key) {
      try SigningKey(pem: keyText, algorithm: algorithm.flatMap { SigningAlgorithm(rawValue: $0) })
    }
    return try CredentialError.at(certificates) { try SigningCredential(key: read, certificatesPEM: chain) }
  }
}

extension CredentialError {
  /// Runs what reads or signs a file, and names the file in its errors.
  static func at<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as CredentialError { throw error.at(file: path) }
  }
}
