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

  static var current: Machine {
    var libraries = Dictionary(uniqueKeysWithValues: CodecVersions.all.map { ($0.name, $0.version) })
    libraries["FFTW"] = FourierLibrary.version
    libraries["OpenBLAS"] = NumericLibraries.openBLAS
    #if compiler(>=6.3)
      let compiler = "Swift 6.3, release"
    #else
      let compiler = "Swift 6.2, release"
    #endif
    return Machine(
      processor: processorName, cores: ProcessInfo.processInfo.activeProcessorCount,
      system: ProcessInfo.processInfo.operatingSystemVersionString, compiler: compiler, libraries: libraries)
  }

  private static var processorName: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }
}
