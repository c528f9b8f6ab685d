/// Something in a file that tells of the picture's origin.
///
/// A sign declares; it never proves. Anybody can write metadata, and anybody can strip it. The one exception
/// has ``Standing/verified``: a statement whose signature was checked against the picture's pixels.
public struct ProvenanceSign: Sendable, Hashable {
  /// What a sign says of the origin.
  public enum Origin: String, Sendable, Hashable {
    /// A generative model made the whole picture.
    case generated
    /// A generative model made or changed a part of it.
    case edited
    /// A camera or scanner captured it.
    case captured
    /// A person made it with ordinary tools.
    case humanMade
  }

  /// How hard the sign is to come by without its cause.
  public enum Strength: String, Sendable, Hashable, Comparable, CaseIterable {
    /// Many files of other origins carry it too.
    case weak
    /// Points to its cause, with known exceptions.
    case medium
    /// A format made for this purpose and hard to hit by accident.
    case strong

    public static func < (left: Strength, right: Strength) -> Bool {
      allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
    }
  }

  /// Who stands behind a sign.
  public enum Standing: String, Sendable, Hashable {
    /// Nobody: the file declares it.
    case declared
    /// A signature over the pixels, by a key that is known to be the producer's.
    case verified
    /// It helps to read the rest and says nothing of the origin.
    case context
  }

  /// The rule that found it: `comfyui`, `iptc.digitalSourceType`.
  public var rule: String
  public var standing: Standing
  public var strength: Strength
  /// Nil for ``Standing/context``.
  public var origin: Origin?
  /// The producer's usual name, such as `ComfyUI`; nil where the sign names none.
  public var generator: String?
  /// One sentence for people, worded "declares".
  public var summary: String
  /// What the file says, shortened by ``Quotation``.
  public var quotation: String?
  /// More of what was said: model, version, prompt, seed, quoted alike.
  public var detail: [String: String]
  public var place: FieldPlace
  /// Why it is worth less than it looks.
  public var reason: String?

  public init(
    rule: String, standing: Standing = .declared, strength: Strength, origin: Origin?,
    generator: String? = nil, summary: String, quotation: String? = nil, detail: [String: String] = [:],
    place: FieldPlace, reason: String? = nil
  ) {
    self.rule = rule
    self.standing = standing
    self.strength = strength
    self.origin = origin
    self.generator = generator
    self.summary = summary
    self.quotation = quotation
    self.detail = detail
    self.place = place
    self.reason = reason
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
