import ArgumentParser
import Console
import Diagnostics
import Foundation
import ImageFormats
import Reports
import Spectra
import Tensors

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check the installation: libraries, processor, arithmetic.",
    discussion: """
      Exits with 1 when a check fails.

      ENVIRONMENT
        OPENBLAS_CORETYPE   the kind of processor that OpenBLAS computes for, where it guesses wrong
        ASSAY_ISA           the vector kernels: base, avx2, avx512 or neon (default: the best there is)
        ASSAY_KERNELS       'reference' computes without vector kernels and OpenBLAS, slowly
        ASSAY_THREADS       threads of one computation (default: all cores)
      """)

  @Flag(help: "Print one JSON object.")
  var json = false

  private struct Report: Encodable {
    var assay: String
    var system: String
    var cores: Int
    var libraries: [String: String]
    var openBLASCore: String
    var matrixProduct: Bool
  }

  func run() throws {
    var libraries = Dictionary(uniqueKeysWithValues: CodecVersions.all.map { ($0.name, $0.version) })
    libraries["FFTW"] = FourierLibrary.version
    libraries["OpenBLAS"] = NumericLibraries.openBLAS
    let report = Report(
      assay: assayVersion, system: ProcessInfo.processInfo.operatingSystemVersionString,
      cores: ProcessInfo.processInfo.activeProcessorCount, libraries: libraries,
      openBLASCore: NumericLibraries.openBLASCore,
      matrixProduct: NumericLibraries.openBLASIsRight())
    if json {
      Terminal.out(try JSONLine.of(report))
    } else {
      Terminal.out(text(report))
    }
    guard report.matrixProduct else {
      Terminal.report(
        "OpenBLAS gives a wrong matrix product on this processor",
        fix: "update libopenblas, or set OPENBLAS_CORETYPE to a processor kind that it knows")
      throw ExitCode(1)
    }
  }

  private func text(_ report: Report) -> String {
    var rows = [("assay", report.assay), ("system", report.system), ("cores", String(report.cores))]
    rows += CodecVersions.all.map { ($0.name, $0.version) }
    rows += [
      ("FFTW", FourierLibrary.version), ("OpenBLAS", report.libraries["OpenBLAS"] ?? ""),
      ("OpenBLAS core", report.openBLASCore),
      ("matrix product", report.matrixProduct ? "right" : "WRONG"),
    ]
    return rows.map { $0.0.padding(toLength: 16, withPad: " ", startingAt: 0) + $0.1 + "\n" }.joined()
  }
}
