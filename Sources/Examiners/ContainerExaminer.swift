import ImageFormats
public import Scanning

/// Says what an audit must know of the container: an extension that is another format's, and bytes after the
/// picture's end that nothing explains.
public struct ContainerExaminer: Examiner {
  public let kind = ExaminerKind.provenance
  package static let extensionMethod = "container.extension"
  package static let trailerMethod = "container.trailer"

  public init() {}

  public func examine(_ examination: Examination) throws -> Findings {
    var evidence: [Evidence] = []
    let file = examination.file
    let matches = file.extensionMatches != false
    evidence.append(
      Evidence(
        method: Self.extensionMethod, class: .context, result: matches ? .absent : .found,
        strength: matches ? nil : .weak,
        summary: matches
          ? "the name's extension belongs to the content"
          : "the content is \(file.format?.rawValue ?? "unknown"), which the name's extension does not say",
        detail: .fileSize(.init(bytes: file.bytes.count))))
    let container = try examination.container()
    let trailer = Trailer(of: file, container)
    let known = trailer.map(\.kind) ?? nil
    evidence.append(
      Evidence(
        method: Self.trailerMethod, class: .context, result: trailer == nil ? .absent : .found,
        strength: trailer == nil ? nil : .weak,
        summary: trailer.map { trailer in
          "\(trailer.range.count) bytes after the picture's end: \(trailer.kind ?? "of no known kind")"
        } ?? "no bytes after the picture's end",
        detail: known.map { .trailer(.init(kind: $0)) } ?? .none,
        location: trailer.map { EvidenceLocation(bytes: $0.range) }))
    return Findings(evidence: evidence)
  }
}

/// Bytes after the picture's end, and what they are.
struct Trailer {
  let range: Range<Int>
  /// Nil for bytes of no known kind.
  let kind: String?

  /// Nil where the file ends with its picture.
  init?(of file: ImageFile, _ container: ContainerMap) {
    guard let range = container.trailing, !range.isEmpty else { return nil }
    self.range = range
    kind = Self.kind(of: range, in: file.bytes, container)
  }

  private static func kind(of range: Range<Int>, in bytes: [UInt8], _ container: ContainerMap) -> String? {
    func word(_ offset: Int, _ text: String) -> Bool {
      offset >= range.lowerBound && offset + text.utf8.count <= range.upperBound
        && bytes[offset...].starts(with: text.utf8)
    }
    if bytes[range].allSatisfy({ $0 == 0 }) { return "padding" }
    if word(range.upperBound - 4, "SEFT") { return "Samsung's trailer" }
    if word(range.lowerBound + 4, "ftyp") { return "a film (motion photo)" }
    // CIPA DC-007: further pictures follow the first, each a JPEG of its own; so do gain maps.
    let index = container.segments.first { $0.name == "APP2" && $0.identifier == "MPF" }
    let end = index?.children.map(\.range.upperBound).max() ?? 0
    guard bytes[range].starts(with: [0xFF, 0xD8, 0xFF]), end > range.lowerBound else { return nil }
    let rest = min(end, range.upperBound)..<range.upperBound
    if rest.isEmpty { return "further pictures (MPF, gain map)" }
    return Self.kind(of: rest, in: bytes, container).map { "further pictures (MPF, gain map), then \($0)" }
  }
}
