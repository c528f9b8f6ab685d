import COnnxRuntime
import Foundation

/// onnxruntime, as far as it can be found; it is loaded with the first model.
public enum OnnxLibrary {
  /// The library's version, or why it cannot be loaded.
  public static let loaded: Result<String, LoadFault> = {
    var message = [CChar](repeating: 0, count: 512)
    let path = place
    // SAFETY: the path ends in zero or is nil; 512 characters are there; the version lives as long as the library, which
    // is never unloaded.
    let found =
      if let path { unsafe assay_onnx_library(path, &message) } else {
        unsafe assay_onnx_library(nil, &message)
      }
    guard let version = unsafe found else { return .failure(LoadFault(words: text(message))) }
    return .success(unsafe String(cString: version))
  }()

  public struct LoadFault: Error { var words: String }

  /// `ASSAY_ONNXRUNTIME`, a file or the folder of one; else what a Python environment has; nil for the loader's own.
  private static var place: String? {
    let environment = ProcessInfo.processInfo.environment
    if let named = environment["ASSAY_ONNXRUNTIME"], !named.isEmpty {
      return library(in: named) ?? named
    }
    let homes = [
      environment["VIRTUAL_ENV"].map { $0 + "/lib" }, environment["HOME"].map { $0 + "/.local/lib" },
    ]
    for home in homes.compactMap(\.self) + ["/usr/local/lib"] {
      let pythons = (try? FileManager.default.contentsOfDirectory(atPath: home)) ?? []
      for python in pythons.sorted().reversed() where python.hasPrefix("python3") {
        for packages in ["site-packages", "dist-packages"] {
          if let found = library(in: "\(home)/\(python)/\(packages)/onnxruntime/capi") { return found }
        }
      }
    }
    return nil
  }

  private static func library(in folder: String) -> String? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().last {
      $0.hasPrefix("libonnxruntime.") && ($0.contains(".so") || $0.hasSuffix(".dylib"))
    }.map { "\(folder)/\($0)" }
  }

  static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
