public import Foundation

extension Fingerprint {
  /// The fingerprints that ship with Assay, in the order of their names.
  ///
  /// - Throws: ``FingerprintError`` where the installation is damaged.
  public static func shipped() throws(FingerprintError) -> [Fingerprint] {
    guard let folder = Bundle.module.url(forResource: "Resources", withExtension: nil) else {
      throw FingerprintError(
        "fingerprint.resources", "the shipped fingerprints are not beside the program",
        remedy: "install Assay again, with its resources")
    }
    return try Fingerprint.folder(folder)
  }

  /// Every `.fingerprint` file of a folder, in the order of their names.
  public static func folder(_ folder: URL) throws(FingerprintError) -> [Fingerprint] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw FingerprintError(
        "fingerprint.unreadable", "the folder of fingerprints cannot be listed",
        remedy: "check that it exists and may be read", location: .init(file: folder.path), cause: error)
    }
    var found: [Fingerprint] = []
    for name in names.filter({ $0.hasSuffix(".fingerprint") }).sorted() {
      found.append(try Fingerprint(path: folder.appending(path: name).path))
    }
    return found
  }
}

extension FingerprintReader {
  /// A reader of the fingerprints that ship with Assay.
  public static func shipped(effort: Effort = .geometry) throws(FingerprintError) -> FingerprintReader {
    FingerprintReader(fingerprints: try Fingerprint.shipped(), effort: effort)
  }
}
