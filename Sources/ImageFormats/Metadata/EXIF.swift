/// An EXIF block: the entries of all its directories.
public struct EXIF: Sendable, Hashable {
  /// Numerator and denominator as stored; a denominator of zero stays.
  public struct Rational: Sendable, Hashable {
    public var numerator: Int
    public var denominator: Int
    /// nil for a denominator of zero.
    public var value: Double? { denominator == 0 ? nil : Double(numerator) / Double(denominator) }
  }

  public enum Value: Sendable, Hashable {
    case text(String)
    /// At most 4096 numbers.
    case integers([Int])
    case rationals([Rational])
    case reals([Double])
    /// Types BYTE and UNDEFINED; a view, not a copy.
    case bytes(ArraySlice<UInt8>)
  }

  public struct Entry: Sendable, Hashable {
    /// `IFD0`, `IFD1`, `Exif`, `GPS`, `Interop`, `SubIFD`.
    public var directory: String
    public var tag: Int
    public var value: Value
    /// The value's bytes in the file; the whole chunk where the block is compressed or written as text.
    public var byteRange: Range<Int>
  }

  /// What a camera's private note tells about its maker.
  public struct MakerNote: Sendable, Hashable {
    public var byteRange: Range<Int>
    /// By the note's own signature or structure, never by the Make tag; nil when it has none that is known.
    public var manufacturer: String?
  }

  public enum CommentEncoding: String, Sendable, Hashable, Codable {
    case ascii, unicode, jis, undefined
    /// Text without the eight bytes that name its encoding.
    case missing
  }

  /// Tag 37510.
  public struct UserComment: Sendable, Hashable {
    public var text: String
    /// As declared; the text itself is decoded by what it is.
    public var encoding: CommentEncoding
    public var byteRange: Range<Int>
  }

  /// Tags that Assay looks at by name.
  public enum Tag {
    public static let imageDescription = 0x010E
    public static let make = 0x010F
    public static let model = 0x0110
    public static let orientation = 0x0112
    public static let software = 0x0131
    public static let dateTime = 0x0132
    public static let artist = 0x013B
    public static let hostComputer = 0x013C
    public static let xmp = 0x02BC
    public static let copyright = 0x8298
    public static let exposureTime = 0x829A
    public static let fNumber = 0x829D
    public static let isoSpeed = 0x8827
    public static let dateTimeOriginal = 0x9003
    public static let makerNote = 0x927C
    public static let userComment = 0x9286
    public static let xpTitle = 0x9C9B
    public static let xpComment = 0x9C9C
    public static let xpAuthor = 0x9C9D
    public static let xpKeywords = 0x9C9E
    public static let xpSubject = 0x9C9F
    public static let focalLength = 0x920A
    public static let pixelWidth = 0xA002
    public static let pixelHeight = 0xA003
    public static let lensMake = 0xA433
    public static let lensModel = 0xA434
    public static let thumbnailOffset = 0x0201
    public static let thumbnailLength = 0x0202
  }

  public var byteOrder: ByteOrder
  /// The TIFF structure in the file, from its byte-order mark; the whole chunk where it is not stored plainly.
  public var byteRange: Range<Int>
  /// Where it was found: `APP1`, `eXIf`, `EXIF`, `Exif item`, `Raw profile type exif`, `TIFF`.
  public var source: String
  /// In file order.
  public var entries: [Entry]
  public var makerNote: MakerNote?
  public var userComment: UserComment?
  /// The embedded preview in the file.
  public var thumbnail: Range<Int>?

  /// The first entry of a tag, in a directory or anywhere.
  public func entry(_ tag: Int, in directory: String? = nil) -> Entry? {
    entries.first { $0.tag == tag && (directory == nil || $0.directory == directory) }
  }

  /// A text value; XP tags and bytes that hold text count as well.
  public func text(_ tag: Int, in directory: String? = nil) -> String? {
    switch entry(tag, in: directory)?.value {
    case .text(let text): text
    case .bytes(let bytes): TextDecoding.guess(TextDecoding.unpadded(bytes))
    default: nil
    }
  }

  /// The first of a tag's whole numbers.
  public func integer(_ tag: Int, in directory: String? = nil) -> Int? {
    switch entry(tag, in: directory)?.value {
    case .integers(let values): values.first
    case .bytes(let bytes): bytes.first.map(Int.init)
    default: nil
    }
  }

  /// 1...8; 1 where the tag is missing or has another value.
  public var orientation: Int {
    let value = integer(Tag.orientation, in: "IFD0") ?? 1
    return (1...8).contains(value) ? value : 1
  }
}
