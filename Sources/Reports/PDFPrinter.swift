import Diagnostics
public import Foundation

/// Prints a page as PDF through Chromium in headless mode, where one is installed.
///
/// The browser gets a folder of its own for the run, no network names to resolve, and two minutes.
public struct PDFPrinter: Sendable {
  private let program: URL

  /// The first of `chromium`, `chromium-browser`, `google-chrome`, `chrome` on the path, or what
  /// `ASSAY_CHROMIUM` names.
  ///
  /// - Throws: ``ReportError`` `pdf.missing` where there is none.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(ReportError) {
    var candidates = (environment["PATH"] ?? "").split(separator: ":").flatMap { folder in
      ["chromium", "chromium-browser", "google-chrome", "chrome"].map { "\(folder)/\($0)" }
    }
    if let named = environment["ASSAY_CHROMIUM"], !named.isEmpty { candidates.insert(named, at: 0) }
    guard let found = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else {
      throw ReportError(
        code: "pdf.missing", location: FaultLocation(), message: "there is no Chromium to print a PDF with",
        remedy: "install chromium, name one in ASSAY_CHROMIUM, or print report.html from a browser")
    }
    program = URL(filePath: found)
  }

  /// - Parameter html: a page that needs nothing from elsewhere.
  /// - Returns: the PDF's bytes; they hold the time of printing, so two runs differ.
  /// - Throws: ``ReportError`` `pdf.print` where the browser fails or takes longer than two minutes.
  public func pdf(of html: String) throws(ReportError) -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-pdf-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let page = folder.appending(path: "report.html")
    let output = folder.appending(path: "report.pdf")
    let process = Process()
    process.executableURL = program
    process.arguments = [
      "--headless", "--disable-gpu", "--disable-extensions", "--disable-background-networking",
      "--no-first-run", "--no-pdf-header-footer", "--host-resolver-rules=MAP * ~NOTFOUND",
      "--user-data-dir=\(folder.appending(path: "profile").path)", "--print-to-pdf=\(output.path)",
    ]
    // Chromium's sandbox refuses to run for root; the page is our own and holds no script.
    if geteuid() == 0 { process.arguments?.append("--no-sandbox") }
    process.arguments?.append(page.absoluteString)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try Data(html.utf8).write(to: page)
      try process.run()
      RunningChildren.add(process.processIdentifier)
      defer { RunningChildren.remove(process.processIdentifier) }
      let deadline = Date(timeIntervalSinceNow: 120)
      while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.05) }
      if process.isRunning { process.terminate() }
      process.waitUntilExit()
      let data = try Data(contentsOf: output)
      guard process.terminationStatus == 0, data.starts(with: Array("%PDF".utf8)) else { throw Failed() }
      return Array(data)
    } catch {
      throw ReportError(
        code: "pdf.print", location: FaultLocation(file: program.path),
        message: "Chromium did not print the page", remedy: "print report.html from a browser", cause: error)
    }
  }

  private struct Failed: Error {}
}
