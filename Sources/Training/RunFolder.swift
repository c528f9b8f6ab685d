import Crypto
import Detectors
import Diagnostics
import Foundation

/// A folder in which a training keeps what it goes on from.
struct RunFolder {
  private let folder: URL

  init(_ folder: URL) { self.folder = folder }

  /// Enters what the folder's checkpoints are of, one thing a line.
  ///
  /// - Throws: where they are of something else, with which they would go on otherwise.
  func claim(for lines: [String]) throws {
    let hash = SHA256.hash(data: Data(lines.joined(separator: "\n").utf8))
    let digest = Data((hash.hexadecimal + "\n").utf8)
    let file = folder.appending(path: "run.sha256")
    guard let known = try? Data(contentsOf: file) else {
      try digest.write(to: file, options: .atomic)
      return
    }
    guard known == digest else {
      throw DetectorError(
        code: "detector.run",
        message: "\(folder.path) holds a training on other pictures or with other settings",
        remedy: "give another folder, or remove this one to train anew")
    }
  }
}
