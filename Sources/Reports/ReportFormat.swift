public import ImageFormats

/// The forms in which a report can be written; a new one is a case here and a writer beside it.
public enum ReportFormat: String, CaseIterable, Sendable {
  case html, json, md, sarif, junit, csv, pictures, pdf

  /// The name of its file in a report's folder.
  public var fileName: String {
    switch self {
    case .junit: "junit.xml"
    case .pictures: "\(rawValue).csv"
    default: "report.\(rawValue)"
    }
  }

  /// Whether it shows pictures.
  public var showsPictures: Bool { self == .html || self == .pdf }
}

extension Report {
  /// Writes one form of the report, whole or not at all.
  ///
  /// - Throws: what the form's writer throws, and `ImageFormatError` for a file that cannot be written.
  public func write(_ format: ReportFormat, to path: FilePath, overwrite: Bool) throws {
    func put(_ text: String) throws { try writeAtomically(Array(text.utf8), to: path, overwrite: overwrite) }
    switch format {
    case .json: try stream(to: path, overwrite, writeJSON)
    case .csv: try stream(to: path, overwrite, writeCSV)
    case .pictures: try stream(to: path, overwrite, writePictureRows)
    case .pdf:
      try writeAtomically(try PDFPrinter().pdf(of: try html(expanded: true)), to: path, overwrite: overwrite)
    case .html: try put(try html())
    case .md: try put(try markdown())
    case .sarif: try stream(to: path, overwrite, writeSARIF)
    case .junit: try stream(to: path, overwrite, writeJUnit)
    }
  }

  /// Writes pieces as they come, a megabyte at a time.
  private func stream(
    to path: FilePath, _ overwrite: Bool, _ body: ((String) throws -> Void) throws -> Void
  ) throws {
    try writeAtomically(to: path, overwrite: overwrite) { write in
      var buffer: [UInt8] = []
      try body { piece in
        buffer += Array(piece.utf8)
        guard buffer.count > 1 << 20 else { return }
        try write(buffer)
        buffer.removeAll(keepingCapacity: true)
      }
      try write(buffer)
    }
  }
}
