/// One piece of text that a file carries beside its pixels, whatever wrote it there.
///
/// Rules read fields, not containers: an Automatic1111 text is the same text in a PNG chunk, in an EXIF
/// comment or in a JPEG comment segment.
public struct MetadataField: Sendable, Hashable {
  /// The structure that holds the field.
  public enum Carrier: String, Sendable, Hashable {
    /// PNG tEXt, zTXt or iTXt; the name is the keyword.
    case text
    /// An EXIF tag; the name is the tag's usual one, such as `UserComment`.
    case exif
    /// An XMP property; the name is its local name, such as `CreatorTool`.
    case xmp
    /// An IPTC-IIM data set; the name is the usual one, such as `Credit`.
    case iptc
    /// A JPEG COM segment, a GIF comment; without a name.
    case comment
    /// A JPEG APP segment of no known kind; the name is its identifier.
    case segment
    /// Bytes after the picture's end; the name is the block's.
    case trailer
    /// Text hidden in the pixels; the name is the scheme's.
    case pixels
  }

  public let carrier: Carrier
  public let name: String
  /// The XMP namespace's address; nil for other carriers.
  public let namespace: String?
  public let value: String
  public let place: FieldPlace
  /// Name without case, blanks, hyphens and underscores, so that `Negative Prompt`, `negative_prompt` and
  /// `negative-prompt` are one.
  public let foldedName: String
  /// What the field is for; nil where it is for nothing that rules know.
  public let role: FieldRole?

  public init(carrier: Carrier, name: String, namespace: String? = nil, value: String, place: FieldPlace) {
    self.carrier = carrier
    self.name = name
    self.namespace = namespace
    self.value = value
    self.place = place
    foldedName = Self.fold(name)
    role = Self.roles[foldedName]
  }

  static func fold(_ name: some StringProtocol) -> String {
    let ignored: Set<UInt8> = [0x20, 0x2D, 0x5F, 0x2E, 0x3A]
    return String(decoding: name.lowercased().utf8.filter { !ignored.contains($0) }, as: UTF8.self)
  }

  /// The value without blanks and NULs around it.
  public var trimmed: String { value.trimmedBlanks }
}

/// What a field is for, across carriers: rules that match whole values look only where such a value belongs.
public enum FieldRole: Sendable, Hashable {
  /// The program that wrote the picture: EXIF `Software`, XMP `CreatorTool`, PNG `Software`, IIM
  /// `OriginatingProgram`.
  case software
  /// The maker or model of a device: EXIF `Make` and `Model`, their XMP twins.
  case device
  /// A person or service: `Artist`, `Author`, `creator`, `By-line`.
  case author
  /// `Credit` and its kin.
  case credit
  /// The source: PNG `Source`, photoshop `Source`, IIM `Source`.
  case source
  /// Free text: descriptions, captions, comments, titles.
  case prose
}

extension MetadataField {
  /// The roles by folded name. A name that is not here has no role: nothing is matched in it by whole value.
  private static let roles: [String: FieldRole] = [
    "software": .software, "creatortool": .software, "originatingprogram": .software,
    "processingsoftware": .software, "softwareagent": .software, "programversion": .software,
    "generator": .software, "producer": .software, "hostcomputer": .software,
    "make": .device, "model": .device, "uniquecameramodel": .device, "cameramodelname": .device,
    "artist": .author, "author": .author, "creator": .author, "byline": .author, "xpauthor": .author,
    "credit": .credit, "creditline": .credit,
    "source": .source,
    "description": .prose, "imagedescription": .prose, "captionabstract": .prose, "caption": .prose,
    "comment": .prose, "usercomment": .prose, "xpcomment": .prose, "xpsubject": .prose, "xptitle": .prose,
    "title": .prose, "headline": .prose, "objectname": .prose, "": .prose,
  ]

}

extension StringProtocol {
  /// Without blanks, line ends and NULs on either side.
  var trimmedBlanks: String {
    var scalars = Substring(self).unicodeScalars
    func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace || scalar.value == 0 }
    while let first = scalars.first, isBlank(first) { scalars.removeFirst() }
    while let last = scalars.last, isBlank(last) { scalars.removeLast() }
    return String(scalars)
  }
}
