import ArgumentParser
import Foundation

/// The pictures that a measurement reads.
enum PictureFiles {
  /// Paths in the order of their names, a folder's files with those of its folders.
  static func all(in paths: [String]) throws -> [String] {
    try paths.flatMap { path in
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw ValidationError("\(path) isn't there")
      }
      return isFolder.boolValue ? try all(in: path) : [path]
    }.sorted()
  }

  static func all(in folder: String) throws -> [String] {
    let root = URL(filePath: folder)
    guard let walker = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil) else {
      throw ValidationError("\(folder) can't be listed")
    }
    return walker.compactMap { ($0 as? URL)?.path }
      .filter { ["png", "jpg", "jpeg", "webp"].contains(URL(filePath: $0).pathExtension.lowercased()) }
      .sorted()
  }
}
