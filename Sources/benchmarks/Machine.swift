import Foundation
import ImageFormats
import Spectra
import Tensors

/// What a measurement was made on.
struct Machine: Codable, Sendable {
  var processor: String
  var cores: Int
  var system: String
  var compiler: String
  var libraries: [String: String]
  /// Processes that were running or waited to, on average over the last minute: above the number of cores, other
  /// work took part of the time.
  var load: Double

  static var current: Machine {
    var libraries = Dictionary(uniqueKeysWithValues: CodecVersions.all.map { ($0.name, $0.version) })
    libraries["FFTW"] = FourierLibrary.version
    let core = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"]
    libraries["OpenBLAS"] = "\(NumericLibraries.openBLAS) (OPENBLAS_CORETYPE \(core ?? "unset"))"
    libraries["kernels"] = NumericLibraries.kernels
    #if compiler(>=6.3)
      let compiler = "Swift 6.3, release"
    #else
      let compiler = "Swift 6.2, release"
    #endif
    var loads = [0.0, 0, 0]
    getloadavg(&loads, 3)
    return Machine(
      processor: processorName, cores: ProcessInfo.processInfo.activeProcessorCount,
      system: ProcessInfo.processInfo.operatingSystemVersionString, compiler: compiler, libraries: libraries,
      load: loads[0])
  }

  private static var processorName: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }
}
