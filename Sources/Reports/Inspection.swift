import Diagnostics
import Foundation
public import ImageFormats
import Provenance
import Scanning

/// The parts of a file and every text that it carries beside its pixels.
public struct Inspection: Sendable, Encodable {
  public let schema = "assay.inspect/1"
  public let file: String
  public let bytes: Int
  public let format: String
  public let width: Int?
  public let height: Int?
  /// What the metadata say of the capture.
  public let capture: CaptureFacts
  public let parts: [Part]
  /// Bytes after the picture's end.
  public let trailing: EvidenceLocation?
  public let fields: [Field]
  /// Every entry of every EXIF directory, texts too, in file order.
  public let exif: [EXIFEntry]
  /// What a maker's private note says; nil where there is none, or nobody here reads it.
  public let makerNote: MakerNote?
  public let warnings: [String]

  public struct Part: Sendable, Encodable {
    public let name: String
    public let identifier: String?
    public let offset: Int
    public let length: Int
    public let parts: [Part]?
  }

  public struct Field: Sendable, Encodable {
    public let carrier: String
    public let name: String
    public let namespace: String?
    public let value: String
    public let location: EvidenceLocation
  }

  /// One entry of an EXIF directory.
  public struct EXIFEntry: Sendable, Encodable {
    /// `IFD0`, `IFD1`, `Exif`, `GPS`, `Interop` or `SubIFD`.
    public let directory: String
    public let tag: Int
    /// As the standard calls it; nil for a tag that it does not have.
    public let name: String?
    /// Numbers with blanks between them, rationals as `1/200`; bytes in hexadecimal, the first 64 of them.
    /// Nil where the entry is there and empty.
    public let value: String?
    public let location: EvidenceLocation

    init(_ entry: EXIF.Entry) {
      directory = entry.directory
      tag = entry.tag
      name = EXIF.name(ofTag: entry.tag, in: entry.directory)
      location = EvidenceLocation(bytes: entry.byteRange)
      let text =
        switch entry.value {
        case .text(let text): text
        case .integers(let numbers): Self.list(numbers.map { String($0) })
        case .rationals(let numbers):
          Self.list(
            numbers.map { $0.denominator == 1 ? "\($0.numerator)" : "\($0.numerator)/\($0.denominator)" })
        case .reals(let numbers): Self.list(numbers.map { String($0) })
        case .bytes(let bytes): bytes.prefix(64).hexadecimal + (bytes.count > 64 ? "…" : "")
        }
      value = text.isEmpty ? nil : text
    }

    private static func list(_ numbers: [String]) -> String {
      numbers.prefix(64).joined(separator: " ") + (numbers.count > 64 ? " …" : "")
    }
  }

  /// A maker's private note as another program reads it.
  public struct MakerNote: Sendable, Encodable {
    /// The program and its version.
    public let reader: String
    /// Names as that program has them.
    public let fields: [String: String]

    public init(reader: String, fields: [String: String]) {
      self.reader = reader
      self.fields = fields
    }
  }

  /// - Parameter makerNote: asked where the file holds a maker's note.
  /// - Throws: `ImageFormatError` for a file of no known format; faults further in are ``warnings``.
  public init(_ file: ImageFile, makerNote: () -> MakerNote? = { nil }) throws(ImageFormatError) {
    let container = try file.container()
    let metadata = file.metadata(in: container)
    let header = try? file.header()
    let fields = MetadataFields(file: file, container: container, metadata: metadata)
    self.file = file.path?.display ?? "-"
    bytes = file.bytes.count
    format = container.format.rawValue
    width = header?.width
    height = header?.height
    capture = CaptureFacts(metadata)
    parts = container.segments.map(Part.init)
    trailing = container.trailing.map { EvidenceLocation(bytes: $0) }
    self.fields = fields.all.filter { !$0.value.isEmpty }.map { field in
      Field(
        carrier: field.carrier.rawValue, name: field.name, namespace: field.namespace, value: field.value,
        location: EvidenceLocation(bytes: field.place.bytes, path: field.place.path))
    }
    exif = metadata.exifBlocks.flatMap(\.entries).map(EXIFEntry.init)
    self.makerNote = metadata.exifBlocks.contains { $0.makerNote != nil } ? makerNote() : nil
    warnings = metadata.warnings.map(\.description)
  }

  /// One JSON object, ending in a line feed.
  public func json() throws -> String {
    try IndentedJSON.of(self, as: schema)
  }

  /// The same for people; values are shortened, runs of equal parts are counted.
  public func text() -> String {
    var lines = [TerminalText.escaping(file)]
    let size = width.flatMap { width in height.map { "\(width)×\($0), " } } ?? ""
    lines.append("\(format.uppercased()), \(size)\(bytes) bytes")
    let rows = capture.rows(makerNoteReader: makerNote?.reader)
    if !rows.isEmpty { lines += ["", "Capture, as the metadata say"] }
    let widest = rows.map(\.name.count).max() ?? 0
    for row in rows {
      let gap = String(repeating: " ", count: widest - row.name.count + 2)
      lines.append("  \(row.name)\(gap)\(TerminalText.escaping(row.value))")
    }
    lines += ["", "Parts"]
    lines += Self.rows(parts, indent: "  ")
    if let trailing, let start = trailing.byteOffset, let length = trailing.byteLength {
      lines.append("  " + Self.row(start, length, "bytes after the picture's end"))
    }
    if !fields.isEmpty { lines += ["", "Metadata"] }
    for field in fields {
      let place = TerminalText.escaping(field.location.path ?? field.name)
      lines.append("  \(place): \(Quotation.of(field.value, limit: 200))")
    }
    // Texts stand among the metadata above.
    let texts = Set(fields.compactMap { $0.carrier == "exif" ? $0.location.byteOffset : nil })
    let numbers = exif.filter { entry in
      entry.value != nil && entry.tag != EXIF.Tag.makerNote
        && !(entry.location.byteOffset.map(texts.contains) ?? false)
    }
    if !numbers.isEmpty { lines += ["", "EXIF numbers"] }
    for entry in numbers {
      let name = entry.name ?? "0x" + String(entry.tag, radix: 16, uppercase: true)
      let text = entry.value ?? ""
      let words = Int(text).flatMap { EXIFValueWords.of($0, tag: entry.tag, in: entry.directory) }
      let value = TerminalText.escaping(String(text.prefix(120))) + (words.map { " (\($0))" } ?? "")
      lines.append("  \(entry.directory) \(name): \(value)")
    }
    if let makerNote {
      lines += ["", "Maker's note, as \(TerminalText.escaping(makerNote.reader)) reads it"]
      for (name, value) in makerNote.fields.sorted(by: { $0.key < $1.key }) {
        lines.append("  \(TerminalText.escaping(name)): \(Quotation.of(value, limit: 200))")
      }
    }
    if !warnings.isEmpty { lines += ["", "Faults"] }
    lines += warnings.map { "  ! \(TerminalText.escaping($0))" }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func rows(_ parts: [Part], indent: String) -> [String] {
    var lines: [String] = []
    var index = 0
    while index < parts.count {
      let part = parts[index]
      var end = index + 1
      while end < parts.count, parts[end].name == part.name, parts[end].identifier == part.identifier,
        part.parts == nil, parts[end].parts == nil
      {
        end += 1
      }
      let label = TerminalText.escaping(
        part.name + (part.identifier.map { " \(Quotation.of($0, limit: 60))" } ?? ""))
      let count = end - index
      let length = parts[index..<end].reduce(0) { $0 + $1.length }
      lines.append(indent + row(part.offset, length, count > 1 ? "\(label) × \(count)" : label))
      if let children = part.parts { lines += rows(children, indent: indent + "  ") }
      index = end
    }
    return lines
  }

  private static func row(_ offset: Int, _ length: Int, _ label: String) -> String {
    func column(_ number: Int) -> String {
      let digits = String(number)
      return String(repeating: " ", count: max(0, 10 - digits.count)) + digits
    }
    return "\(column(offset)) \(column(length))  \(label)"
  }
}

extension Inspection.Part {
  fileprivate init(_ segment: Segment) {
    name = segment.name
    identifier = segment.identifier
    offset = segment.offset
    length = segment.length
    parts = segment.children.isEmpty ? nil : segment.children.map(Inspection.Part.init)
  }
}
