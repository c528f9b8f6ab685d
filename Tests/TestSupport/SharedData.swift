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

extension TestPaths {
  /// The Python of `.venv-peers` under `make test-peers`; nil under `make test`.
  public static let peers: URL? = ProcessInfo.processInfo.environment["ASSAY_PEERS"].map { URL(filePath: $0) }
}

/// What a test that needs a real peer says under `make test`. Its suite's name ends in `PeerTests`.
public let noPeers = "skipped: no peers, run make test-peers"
