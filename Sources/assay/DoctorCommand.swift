import ArgumentParser
import Console
import Detectors
import Diagnostics
import Foundation
import ImageFormats
import Reports
import Services
import Spectra
import Tensors

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check the installation: libraries, processor, arithmetic.",
    discussion: """
      Exits with 1 when a check fails.

      ENVIRONMENT
        OPENBLAS_CORETYPE   the kind of processor that OpenBLAS computes for, where it guesses wrong
        ASSAY_ISA           the vector kernels: base, avx2, avx512, avx512vnni, amx or neon (default: the best there is)
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
    /// Which detector judges; nil where it can't be used.
    var detector: String?
    /// Lists of signers and of time-stamp authorities by name, with their anchors.
    var trustLists: [String: Int]
  }

  func run() throws {
    var libraries = Dictionary(uniqueKeysWithValues: CodecVersions.all.map { ($0.name, $0.version) })
    libraries["FFTW"] = FourierLibrary.version
    libraries["OpenBLAS"] = NumericLibraries.openBLAS
    let trust = try TrustStore().settingsOrNone()
    let lists = [trust.signers, trust.timeStampers].filter { $0.count > 0 }
    let report = Report(
      assay: assayVersion, system: ProcessInfo.processInfo.operatingSystemVersionString,
      cores: ProcessInfo.processInfo.activeProcessorCount, libraries: libraries,
      openBLASCore: NumericLibraries.openBLASCore,
      matrixProduct: NumericLibraries.openBLASIsRight(), detector: Detector.shipped?.identity,
      trustLists: Dictionary(lists.map { ($0.name, $0.count) }, uniquingKeysWith: { first, _ in first }))
    if json {
      Terminal.out(try JSONLine.of(report, as: "assay.doctor/1"))
    } else {
      Terminal.out(text(report))
      for (title, list) in [("signers", trust.signers), ("time stamps", trust.timeStampers)] {
        Terminal.out(
          title.padding(toLength: 16, withPad: " ", startingAt: 0)
            + (list.count == 0
              ? "nobody is trusted: install a list with `assay trust install`\n"
              : "\(Plural.of(list.count, "anchor")) of \(TerminalText.escaping(list.name)); see `assay trust list`\n")
        )
      }
    }
    if let words = TrustStore.staleness(of: trust) {
      Terminal.error("note: \(words); install newer ones with `assay trust install`\n")
    }
    if case .failure(let fault) = Detector.installed {
      Terminal.report(fault)
      throw ExitCode(1)
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
      ("detector", report.detector ?? "NONE"),
    ]
    return rows.map { $0.0.padding(toLength: 16, withPad: " ", startingAt: 0) + $0.1 + "\n" }.joined()
  }
}
