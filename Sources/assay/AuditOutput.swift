import Console
import Crypto
import Examiners
import Foundation
import ImageFormats
import Images
import Reports
import Scanning

/// Formats of `assay audit`.
enum AuditFormat: String, CaseIterable, Sendable {
  case html, json, md, sarif, junit, csv, pdf

  var fileName: String {
    switch self {
    case .junit: "junit.xml"
    default: "report.\(rawValue)"
    }
  }
}

/// Writes an audit's reports into a folder.
struct AuditOutput {
  let folder: String
  let overwrite: Bool

  /// Makes the folder, and refuses reports that are there: before hours of work, not after.
  func prepare(_ formats: [AuditFormat]) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for format in formats { try refuseExisting(FilePath(path(of: format)), overwrite: overwrite) }
    if formats.contains(.pdf) { _ = try PDFPrinter() }
  }

  private func path(of format: AuditFormat) -> String { folder + "/" + format.fileName }

  func write(_ report: Report, _ formats: [AuditFormat]) throws {
    for format in formats {
      let path = path(of: format)
      switch format {
      case .json: try stream(to: path, report.writeJSON)
      case .csv: try stream(to: path, report.writeCSV)
      case .pdf:
        let pdf = try PDFPrinter().pdf(of: try report.html(expanded: true))
        try writeAtomically(pdf, to: path, overwrite: overwrite)
      case .html: try put(try report.html(), path)
      case .md: try put(try report.markdown(), path)
      case .sarif: try put(try report.sarif(), path)
      case .junit: try put(report.junit(), path)
      }
      Terminal.out(path + "\n")
    }
  }

  private func put(_ text: String, _ path: String) throws {
    try writeAtomically(Array(text.utf8), to: FilePath(path), overwrite: overwrite)
  }

  /// Writes pieces as they come into a file beside the target, which takes its name at the end.
  private func stream(to path: String, _ body: ((String) throws -> Void) throws -> Void) throws {
    try refuseExisting(FilePath(path), overwrite: overwrite)
    let target = URL(filePath: path)
    let draft = target.deletingLastPathComponent().appending(path: ".\(UUID().uuidString).part")
    defer { try? FileManager.default.removeItem(at: draft) }
    try Data().write(to: draft)
    let handle = try FileHandle(forWritingTo: draft)
    var buffer = ""
    try body { piece in
      buffer += piece
      guard buffer.utf8.count > 1 << 20 else { return }
      try handle.write(contentsOf: Data(buffer.utf8))
      buffer = ""
    }
    try handle.write(contentsOf: Data(buffer.utf8))
    try handle.synchronize()
    try handle.close()
    // SAFETY: both names end in zero and outlive the call. It is atomic, and replaces what is there.
    guard unsafe rename(draft.path, target.path) == 0 else {
      return try writeAtomically([], to: path, overwrite: false)
    }
  }
}

/// Thumbnails, spectra and heat maps of the files that a report shows in full.
enum AuditPictures {
  private static let side = 160

  /// - Parameter limit: at most this many files, in the report's order.
  static func make(for report: Report, limit: Int = 40) -> [String: [ReportPicture]] {
    let scanner = FileScanner(
      examiners: [SpectraExaminer(), DetectorExaminer()], wishes: [.spectrum, .heatmap])
    var pictures: [String: [ReportPicture]] = [:]
    for index in report.attention.prefix(limit) {
      let name = report.items[index].scan.file
      let path = RawArguments.path(name)
      guard let file = try? ImageFile(path: path), let decoded = try? file.decode() else { continue }
      var own = [picture(.thumbnail, decoded.image.oriented(decoded.orientation))]
      for drawing in scanner.scan(file).drawings {
        let kind = drawing.kind == .spectrum ? ReportPicture.Kind.spectrum : .heatmap
        own.append((try? ImageFile(bytes: drawing.png).decode()).flatMap { picture(kind, $0.image) })
      }
      pictures[name] = own.compactMap { $0 }
    }
    return pictures
  }

  private static func picture(_ kind: ReportPicture.Kind, _ image: Image) -> ReportPicture? {
    let scale = min(1, Double(side) / Double(max(image.width, image.height)))
    let small = image.resized(
      width: max(1, Int((Double(image.width) * scale).rounded())),
      height: max(1, Int((Double(image.height) * scale).rounded())), filter: .bilinear)
    guard let bytes = try? ImageEncoder.jpeg(small, quality: 75) else { return nil }
    return ReportPicture(kind: kind, width: small.width, height: small.height, bytes: bytes)
  }
}
