import Diagnostics
import Foundation

/// The files that ship with this target.
enum ReportResources {
  // Not `resourceURL`, which on Linux is this folder already and elsewhere the one above it.
  private static let folder = Bundle.module.bundleURL.appending(path: "Resources")

  /// - Parameter name: the path below `Resources`.
  static func data(_ name: String) throws(ReportError) -> Data {
    guard let data = try? Data(contentsOf: folder.appending(path: name)) else { throw missing(name) }
    return data
  }

  /// Names of the files in a folder below `Resources`, in order.
  static func names(in folder: String) throws(ReportError) -> [String] {
    let path = Self.folder.appending(path: folder).path
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw missing(folder)
    }
    return names.sorted()
  }

  private static func missing(_ name: String) -> ReportError {
    ReportError(
      code: "report.resources", location: FaultLocation(file: name),
      message: "the program was installed without this part of its resources",
      remedy: "keep the folder Assay_Reports.resources beside the program")
  }
}
