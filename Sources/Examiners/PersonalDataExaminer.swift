import ImageFormats
public import Scanning

/// Looks for personal data in metadata; names fields, never their contents.
public struct PersonalDataExaminer: Examiner {
  public let kind = ExaminerKind.provenance
  package static let method = "privacy.metadata"

  public init() {}

  public func examine(_ examination: Examination) throws -> Findings {
    let metadata = try examination.metadata()
    let positions = Self.positions(in: metadata)
    let names = Self.names(in: metadata)
    let parts = [
      positions.isEmpty ? nil : "a geographic position (\(positions.joined(separator: ", ")))",
      names.isEmpty ? nil : "fields that name persons (\(names.joined(separator: ", ")))",
    ].compactMap { $0 }
    var detail = Evidence.Detail.PersonalData()
    detail.gps = positions
    detail.personalNames = names
    return Findings(evidence: [
      Evidence(
        method: Self.method, class: .context, result: parts.isEmpty ? .absent : .found,
        strength: parts.isEmpty ? nil : .weak,
        summary: parts.isEmpty
          ? "no position and no personal name in the metadata"
          : "the metadata hold \(parts.joined(separator: "; "))",
        detail: .personalData(detail))
    ])
  }

  private static func positions(in metadata: ImageMetadata) -> [String] {
    var fields: [String] = []
    // Tags 2 and 4 are latitude and longitude (CIPA DC-008, 4.6.6).
    for exif in metadata.exifBlocks
    where exif.entries.contains(where: { $0.directory == "GPS" && [2, 4].contains($0.tag) }) {
      fields.append("EXIF GPS")
    }
    for name in ["GPSLatitude", "GPSLongitude"]
    where !metadata.xmpValues(namespace: XMPNamespace.exif, name: name).isEmpty {
      fields.append("XMP exif:\(name)")
    }
    return MarksExaminer.unique(fields)
  }

  private static func names(in metadata: ImageMetadata) -> [String] {
    var fields: [String] = []
    for exif in metadata.exifBlocks {
      if exif.text(EXIF.Tag.artist)?.isEmpty == false { fields.append("EXIF Artist") }
      if exif.text(EXIF.Tag.xpAuthor)?.isEmpty == false { fields.append("EXIF XPAuthor") }
      // CameraOwnerName (CIPA DC-008, 4.6.5).
      if exif.text(0xA430)?.isEmpty == false { fields.append("EXIF CameraOwnerName") }
    }
    for (namespace, prefix, name) in [
      (XMPNamespace.dc, "dc", "creator"), (XMPNamespace.iptcExtension, "Iptc4xmpExt", "PersonInImage"),
      (XMPNamespace.iptcExtension, "Iptc4xmpExt", "AIPromptWriterName"),
    ] where !metadata.xmpValues(namespace: namespace, name: name).isEmpty {
      fields.append("XMP \(prefix):\(name)")
    }
    // By-line (IPTC-IIM 4.2, 2:80).
    if metadata.iptc.contains(where: { $0.record == 2 && $0.dataset == 80 && !$0.text.isEmpty }) {
      fields.append("IPTC By-line")
    }
    return MarksExaminer.unique(fields)
  }
}
