import Diagnostics
import Foundation
public import ImageFormats

/// What metadata say of how, when and where a picture was taken: what a fact-checker asks first.
///
/// Every value is a statement that anybody could have written.
public struct CaptureFacts: Sendable, Hashable, Encodable {
  public let make: String?
  public let model: String?
  public let lens: String?
  public let exposureSeconds: Double?
  public let fNumber: Double?
  public let iso: Int?
  public let focalLengthMillimetres: Double?
  /// 1...8 as EXIF numbers them; nil where none is stated.
  public let orientation: Int?
  public let software: String?
  /// Every date that is stated, in order of its carrier.
  public let dates: [Time]
  public let position: Position?
  /// Bytes of a maker's private note, which is not read here.
  public let makerNoteBytes: Int?

  /// A stated time.
  public struct Time: Sendable, Hashable, Encodable {
    /// Carrier and field, such as `EXIF DateTimeOriginal`.
    public let field: String
    /// ISO 8601 where the field has that form; else as it stands.
    public let value: String
    /// Whether a zone is stated; without one it is the camera's local time.
    public let hasZone: Bool
  }

  /// Where the camera was.
  public struct Position: Sendable, Hashable, Encodable {
    /// Degrees, north and east positive.
    public let latitude: Double
    public let longitude: Double
    /// Above the sea.
    public let altitudeMetres: Double?
    /// Where the camera looked, from north clockwise.
    public let directionDegrees: Double?
    /// RFC 5870.
    public let geo: String
  }

  public init(_ metadata: ImageMetadata) {
    let blocks = metadata.exifBlocks
    func text(_ tag: Int) -> String? {
      blocks.lazy.compactMap { $0.text(tag).flatMap(Self.plain) }.first
    }
    func number(_ tag: Int, _ directory: String? = nil) -> Double? {
      blocks.lazy.compactMap { $0.entry(tag, in: directory).flatMap { Self.numbers($0.value).first } }.first
    }
    func xmp(_ namespace: String, _ name: String) -> String? {
      metadata.xmpValues(namespace: namespace, name: name).lazy.compactMap(Self.plain).first
    }
    make = text(EXIF.Tag.make) ?? xmp(XMPNamespace.tiff, "Make")
    model = text(EXIF.Tag.model) ?? xmp(XMPNamespace.tiff, "Model")
    lens = text(EXIF.Tag.lensModel)
    exposureSeconds = number(EXIF.Tag.exposureTime, "Exif")
    fNumber = number(EXIF.Tag.fNumber, "Exif")
    iso = number(EXIF.Tag.isoSpeed, "Exif").flatMap { Int(exactly: $0.rounded()) }
    focalLengthMillimetres = number(EXIF.Tag.focalLength, "Exif")
    orientation = blocks.lazy.compactMap { $0.integer(EXIF.Tag.orientation, in: "IFD0") }.first
    software = text(EXIF.Tag.software) ?? xmp(XMPNamespace.xmp, "CreatorTool")
    makerNoteBytes = blocks.lazy.compactMap { $0.makerNote?.byteRange.count }.first
    dates = Self.dates(metadata)
    position = blocks.lazy.compactMap(Self.position).first ?? Self.position(xmp: metadata)
  }

  /// `MAKER MODEL`, without saying the maker twice.
  public var camera: String? {
    guard let model else { return make }
    guard let make, !model.lowercased().hasPrefix(make.lowercased()) else { return model }
    return "\(make) \(model)"
  }

  // MARK: Times

  private static func dates(_ metadata: ImageMetadata) -> [Time] {
    var times: [Time] = []
    // DateTime, -Original and -Digitized, each with its offset (CIPA DC-008, 4.6.5).
    let tags = [
      (0x9003, 0x9011, "DateTimeOriginal"), (0x9004, 0x9012, "DateTimeDigitized"),
      (0x0132, 0x9010, "DateTime"),
    ]
    for exif in metadata.exifBlocks {
      for (tag, offsetTag, name) in tags {
        guard let text = exif.text(tag).flatMap(plain) else { continue }
        let offset = exif.text(offsetTag).flatMap(plain)
        let zone = offset?.wholeMatch(of: #/[+-]\d{2}:\d{2}|Z/#) == nil ? nil : offset
        let stamp = iso(text)
        times.append(
          Time(
            field: "EXIF \(name)", value: (stamp ?? text) + (stamp == nil ? "" : zone ?? ""),
            hasZone: stamp != nil && zone != nil))
      }
      // GPSDateStamp and GPSTimeStamp, which are UTC (4.6.6).
      if let day = exif.text(0x1D, in: "GPS").flatMap(plain), let entry = exif.entry(0x07, in: "GPS") {
        let parts = numbers(entry.value)
        if parts.count >= 3, parts.allSatisfy({ $0 >= 0 && $0 < 62 }) {
          let clock = parts.prefix(3).map { ($0 < 10 ? "0" : "") + String(Int($0)) }.joined(separator: ":")
          times.append(
            Time(field: "EXIF GPS", value: day.replacing(":", with: "-") + "T" + clock + "Z", hasZone: true))
        }
      }
    }
    for (namespace, prefix, name) in [
      (XMPNamespace.xmp, "xmp", "CreateDate"), (XMPNamespace.photoshop, "photoshop", "DateCreated"),
      (XMPNamespace.xmp, "xmp", "ModifyDate"), (XMPNamespace.xmp, "xmp", "MetadataDate"),
    ] {
      for value in metadata.xmpValues(namespace: namespace, name: name).compactMap(plain) {
        let hasZone = value.firstMatch(of: #/T.*(?:Z|[+-]\d{2}:\d{2})$/#) != nil
        times.append(Time(field: "XMP \(prefix):\(name)", value: value, hasZone: hasZone))
      }
    }
    // Date Created and Time Created (IPTC-IIM 4.2, 2:55 and 2:60).
    func iptc(_ dataset: Int) -> String? {
      metadata.iptc.first { $0.record == 2 && $0.dataset == dataset }.flatMap { plain($0.text) }
    }
    if let day = iptc(55) {
      let time = iptc(60)
      let hasZone = time?.contains { $0 == "+" || $0 == "-" } ?? false
      times.append(
        Time(field: "IPTC DateCreated", value: day + (time.map { "T" + $0 } ?? ""), hasZone: hasZone))
    }
    var seen = Set<Time>()
    return times.filter { seen.insert($0).inserted }
  }

  /// EXIF writes `2020:05:01 12:00:00`.
  private static func iso(_ text: String) -> String? {
    guard let match = text.firstMatch(of: #/^(\d{4})[:-](\d{2})[:-](\d{2})[ T](\d{2}:\d{2}:\d{2})/#) else {
      return nil
    }
    return "\(match.1)-\(match.2)-\(match.3)T\(match.4)"
  }

  // MARK: Place

  private static func position(_ exif: EXIF) -> Position? {
    func degrees(_ tag: Int, _ reference: Int, _ negative: String, _ bound: Double) -> Double? {
      guard let entry = exif.entry(tag, in: "GPS") else { return nil }
      let parts = numbers(entry.value)
      guard !parts.isEmpty, parts.count <= 3, parts.allSatisfy({ $0 >= 0 }) else { return nil }
      let value = zip(parts, [1, 60, 3_600]).reduce(0.0) { $0 + $1.0 / $1.1 }
      let isNegative = exif.text(reference, in: "GPS")?.uppercased().hasPrefix(negative) ?? false
      return value <= bound ? (isNegative ? -value : value) : nil
    }
    guard let latitude = degrees(2, 1, "S", 90), let longitude = degrees(4, 3, "W", 180) else { return nil }
    let height = exif.entry(6, in: "GPS").flatMap { numbers($0.value).first }
    let isBelow = exif.integer(5, in: "GPS") == 1
    return position(
      latitude, longitude, height.map { isBelow ? -$0 : $0 },
      exif.entry(17, in: "GPS").flatMap { numbers($0.value).first })
  }

  /// XMP writes `52,30.5N` or `52,30,30N`.
  private static func position(xmp metadata: ImageMetadata) -> Position? {
    func degrees(_ name: String, _ bound: Double) -> Double? {
      guard let text = metadata.xmpValues(namespace: XMPNamespace.exif, name: name).first,
        let last = text.last
      else { return nil }
      let parts = text.dropLast().split(separator: ",").map { Double($0) }
      guard !parts.isEmpty, parts.count <= 3, parts.allSatisfy({ $0 != nil }) else { return nil }
      let value = zip(parts.compactMap(\.self), [1, 60, 3_600]).reduce(0.0) { $0 + $1.0 / $1.1 }
      guard value <= bound, "NSEWnsew".contains(last) else { return nil }
      return "SWsw".contains(last) ? -value : value
    }
    guard let latitude = degrees("GPSLatitude", 90), let longitude = degrees("GPSLongitude", 180) else {
      return nil
    }
    return position(latitude, longitude, nil, nil)
  }

  private static func position(
    _ latitude: Double, _ longitude: Double, _ altitude: Double?, _ direction: Double?
  ) -> Position {
    // Six decimals are a tenth of a metre: no receiver in a camera knows more.
    // Adding zero makes plain zero of the negative one that a reference below the sea makes of zero.
    func rounded(_ value: Double, _ scale: Double) -> Double { (value * scale).rounded() / scale + 0 }
    let (north, east) = (rounded(latitude, 1e6), rounded(longitude, 1e6))
    let height = altitude.flatMap { $0.isFinite ? rounded($0, 10) : nil }
    return Position(
      latitude: north, longitude: east, altitudeMetres: height,
      directionDegrees: direction.flatMap { (0...360).contains($0) ? rounded($0, 10) : nil },
      geo: "geo:\(north),\(east)" + (height.map { ",\($0)" } ?? ""))
  }

  // MARK: Values

  private static func plain(_ text: String) -> String? {
    let plain = text.trimmingCharacters(in: .whitespacesAndNewlines.union(CharacterSet(charactersIn: "\0")))
    return plain.isEmpty ? nil : String(plain.prefix(200))
  }

  /// Finite numbers only.
  private static func numbers(_ value: EXIF.Value) -> [Double] {
    switch value {
    case .integers(let values): values.map(Double.init)
    case .rationals(let values): values.compactMap(\.value).filter(\.isFinite)
    case .reals(let values): values.filter(\.isFinite)
    case .text, .bytes: []
    }
  }

  // MARK: For people

  /// Name and value, a line each; what is not stated has none.
  ///
  /// - Parameter makerNoteReader: the program that read the maker's note, if one did.
  public func rows(makerNoteReader: String? = nil) -> [(name: String, value: String)] {
    var rows: [(String, String)] = []
    if let camera { rows.append(("camera", camera)) }
    if let lens { rows.append(("lens", lens)) }
    var exposure: [String] = []
    if let exposureSeconds, exposureSeconds > 0 {
      exposure.append(
        exposureSeconds < 0.5
          ? "1/\(Int((1 / exposureSeconds).rounded())) s" : "\(Self.short(exposureSeconds)) s")
    }
    if let fNumber, fNumber > 0 { exposure.append("f/\(Self.short(fNumber))") }
    if let iso { exposure.append("ISO \(iso)") }
    if let focalLengthMillimetres, focalLengthMillimetres > 0 {
      exposure.append("\(Self.short(focalLengthMillimetres)) mm")
    }
    if !exposure.isEmpty { rows.append(("exposure", exposure.joined(separator: ", "))) }
    if let orientation { rows.append(("orientation", Self.words(orientation))) }
    if let software { rows.append(("software", software)) }
    for time in dates {
      rows.append((time.field, time.value + (time.hasZone ? "" : " (no zone stated)")))
    }
    if let position {
      rows.append(("position", "\(position.latitude), \(position.longitude)  \(position.geo)"))
      if let altitude = position.altitudeMetres { rows.append(("altitude", "\(Self.short(altitude)) m")) }
      if let direction = position.directionDegrees { rows.append(("direction", "\(Self.short(direction))°")) }
    }
    if let makerNoteBytes {
      let size = "\(makerNoteBytes) byte\(makerNoteBytes == 1 ? "" : "s")"
      rows.append(
        (
          "maker's note",
          makerNoteReader.map { "\(size), read by \($0)" }
            ?? "\(size), left out: exiftool, which reads it, is not installed"
        ))
    }
    return rows
  }

  private static func short(_ value: Double) -> String {
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() && abs(rounded) < 1e9 ? String(Int(rounded)) : String(rounded)
  }

  /// What EXIF's number asks a viewer to do.
  private static func words(_ orientation: Int) -> String {
    let words = EXIFValueWords.of(orientation, tag: EXIF.Tag.orientation, in: "IFD0")
    return "\(orientation)" + (words.map { " (\($0))" } ?? "")
  }
}
