import Foundation

/// Finds the folders that tests read.
public enum TestPaths {
  /// The package's root folder.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// `../shared`, where this checkout has one.
  public static let shared: URL? = {
    let url = root.deletingLastPathComponent().appending(path: "shared")
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
  }()

  public static let fixtures = root.appending(path: "fixtures")
}

/// What a test that needs `../shared` says when the folder is absent.
public let noSharedData = "skipped: no shared data"
