import Diagnostics
import Foundation

/// What another program hands over, of which nobody can tell beforehand how much it is.
enum StandardInput {
  /// Bytes of a picture, or of results.
  static let limit = 512 << 20
  /// Bytes of a list of paths.
  static let listLimit = 64 << 20

  /// All of it.
  ///
  /// - Parameter limit: the most bytes that are taken, by how it begins: at least its first 64 KiB where it has as many.
  /// - Throws: ``InputError`` with code `input.size` where there is more.
  static func bytes(limit: ([UInt8]) -> Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var most: Int?
    while let data = try FileHandle.standardInput.read(upToCount: 1 << 20), !data.isEmpty {
      bytes += data
      if most == nil, bytes.count >= 1 << 16 { most = limit(bytes) }
      if let most, bytes.count > most {
        throw InputError(
          code: "input.size", location: FaultLocation(file: "standard input"),
          message: "this is more than the \(most >> 20) MiB that are taken from standard input",
          remedy: "give it as a file, or in parts")
      }
    }
    return bytes
  }
}
