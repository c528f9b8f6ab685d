public import ImageFormats
public import Scanning

/// Something in a file that tells of the picture's origin.
///
/// A sign declares; it never proves. Anybody can write metadata, and anybody can strip it. The one exception
/// is of class `verified`: a statement whose signature was checked against the picture's pixels.
public struct ProvenanceSign: Sendable, Hashable {
  public typealias Origin = PictureOrigin
  public typealias Strength = Evidence.Strength
  typealias Part = Evidence.Detail.Statement.Part

  /// The rule that found it: `comfyui`, `iptc.digitalSourceType`.
  public var rule: String
  /// `declared`, `verified` by a key that is known to be the producer's, or `context`.
  public var standing: Evidence.Class
  public var strength: Strength
  /// Nil where it says nothing of it.
  public var origin: Origin?
  /// The producer's usual name, such as `ComfyUI`; nil where the sign names none.
  public var generator: String?
  /// One sentence for people, worded "declares".
  public var summary: String
  /// What the file says, shortened by ``Quotation``.
  public var quotation: String?
  /// More of what was said: model, version, prompt, seed, quoted alike.
  public var detail: Evidence.Detail
  public var place: FieldPlace
  /// Why it is worth less than it looks.
  public var reason: String?

  init(
    rule: String, standing: Evidence.Class = .declared, strength: Strength, origin: Origin?,
    generator: String? = nil, summary: String, quotation: String? = nil, detail: [Part: String] = [:],
    label: Evidence.Detail.AIGCLabel? = nil, place: FieldPlace, reason: String? = nil
  ) {
    self.rule = rule
    self.standing = standing
    self.strength = strength
    self.origin = origin
    self.generator = generator
    self.summary = summary
    self.quotation = quotation
    self.detail = label.map(Evidence.Detail.aigcLabel) ?? (detail.isEmpty ? .none : .statement(.init(detail)))
    self.place = place
    self.reason = reason
  }

  public var evidence: Evidence {
    Evidence(
      method: "provenance.\(rule)", class: standing, result: .found, strength: strength, summary: summary,
      origin: origin, generator: generator, quotation: quotation, detail: detail,
      location: EvidenceLocation(bytes: place.bytes, path: place.path), reason: reason)
  }
}

/// Where a field stands: `tEXt parameters` and its bytes in the file.
public struct FieldPlace: Sendable, Hashable {
  public var path: String
  /// Offsets in the file; nil where the text was put together from several pieces.
  public var bytes: Range<Int>?

  public init(path: String, bytes: Range<Int>? = nil) {
    self.path = path
    self.bytes = bytes
  }
}
