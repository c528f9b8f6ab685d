import Foundation

/// Where cases keep what they made for their runs; all of it goes when the program has timed them.
enum Scratch {
  private static let root = FileManager.default.temporaryDirectory.appending(
    path: "assay-benchmarks-\(ProcessInfo.processInfo.processIdentifier)")

  /// A folder of a case's own, which is there afterwards.
  static func folder(_ name: String) throws -> URL {
    let folder = root.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  static func remove() { try? FileManager.default.removeItem(at: root) }
}
