public import ImageFormats
public import Images

/// One finding: what a method looked for, whether it found it, where, and how much it is worth.
///
/// Evidence of different classes is never added up. ``Verdict`` weighs it by rank, and every report
/// shows it apart.
public struct Evidence: Sendable, Hashable {
  /// What stands behind a finding; in falling order of what it can prove.
  public enum Class: String, Sendable, Hashable, Codable, CaseIterable {
    /// A signature that was checked, binds this file's bytes and chains to a trusted signer.
    case verified
    /// A statement in the file that anybody could have written: it declares, it does not prove.
    case declared
    /// A mark decoded from the pixels.
    case watermark
    /// A measurement with known error rates.
    case statistical
    /// A circumstance that helps to read the rest and decides nothing.
    case context
  }

  /// Whether the method found what it looks for. Finding nothing is no error.
  public enum Result: String, Sendable, Hashable, Codable, CaseIterable {
    case found, absent, notEvaluated
  }

  /// How hard the finding is to come by without its cause.
  public enum Strength: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Shared by many files of other origins; for context.
    case weak
    /// Points to its cause, with known exceptions.
    case medium
    /// A format made for this purpose and hard to hit by accident.
    case strong

    public static func < (left: Strength, right: Strength) -> Bool { left.rank < right.rank }

    private var rank: Int {
      switch self {
      case .weak: 0
      case .medium: 1
      case .strong: 2
      }
    }
  }

  /// What a finding says of the picture's origin.
  public typealias Origin = PictureOrigin

  /// How something that was signed is not as it was signed any more.
  public enum Alteration: String, Sendable, Hashable, Codable, CaseIterable {
    /// The file's bytes are not those that were signed.
    case changed
    /// The file ends early: bytes that were signed are missing.
    case cut
    /// The signature was made for another file.
    case foreign
    /// The signed statement is not the one that was signed.
    case statement
    /// The signed statement can no longer be read whole.
    case damaged

    /// The verdict's sentence for a file that shows it.
    public var sentence: String {
      switch self {
      case .changed: "Altered: signed, and its bytes were changed after signing"
      case .cut: "Altered: signed, and cut off: the file ends early"
      case .foreign: "Altered: it carries the signature of another file"
      case .statement: "Altered: its signature is broken, as the signed statement was changed"
      case .damaged: "Altered: its signed statement is damaged and cannot be checked"
      }
    }
  }

  /// The method's stable name, dotted: `provenance.comfyui`, `credentials.c2pa`, `watermark.dwtDct`.
  public var method: String
  public var `class`: Class
  public var result: Result
  /// Nil unless something was found.
  public var strength: Strength?
  /// What was found, in one sentence for people; a declaration reads "declares", never "is".
  public var summary: String
  /// What it says of the origin; nil where it says nothing of it. Encoded as `detail.origin`.
  public var origin: Origin?
  /// What was done to something signed; nil where nothing was found of that kind. Encoded as `detail.alteration`.
  public var alteration: Alteration?
  /// Who or what is named as the maker, such as `ComfyUI`. Encoded as `detail.generator`.
  public var generator: String?
  /// What the file says, shortened and without control characters; nil where nothing is quoted. Encoded as
  /// `detail.quotation`.
  public var quotation: String?
  /// Values for programs: numbers measured, fields quoted.
  public var detail: Detail
  /// Of a line that was read: what no type of ``Detail`` knows, kept as it is.
  var unknown: [String: DetailValue] = [:]
  /// Where in the file; nil when it concerns the whole.
  public var location: EvidenceLocation?
  /// Why the method was not evaluated, or why the finding is worth less than it looks.
  public var reason: String?

  public init(
    method: String, class: Class, result: Result, strength: Strength? = nil, summary: String,
    origin: Origin? = nil, generator: String? = nil, quotation: String? = nil, detail: Detail = .none,
    location: EvidenceLocation? = nil, reason: String? = nil, alteration: Alteration? = nil
  ) {
    self.method = method
    self.class = `class`
    self.result = result
    self.strength = strength
    self.summary = summary
    self.origin = origin
    self.generator = generator
    self.quotation = quotation
    self.detail = detail
    self.location = location
    self.reason = reason
    self.alteration = alteration
  }
}

/// A place in the file, in its structure or in the picture.
public struct EvidenceLocation: Sendable, Hashable, Codable {
  /// Offset of the first byte, from the start of the file.
  public var byteOffset: Int?
  /// Number of bytes.
  public var byteLength: Int?
  /// The place's name: `tEXt parameters`, `APP1 Exif UserComment`, a JUMBF label.
  public var path: String?
  /// A region of the decoded picture.
  public var region: PixelRegion?

  public init(bytes: Range<Int>? = nil, path: String? = nil, region: PixelRegion? = nil) {
    byteOffset = bytes?.lowerBound
    byteLength = bytes?.count
    self.path = path
    self.region = region
  }
}
