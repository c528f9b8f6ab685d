/// A four-character code, as in box and chunk types.
package struct FourCC: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  package let value: UInt32

  package init(_ value: UInt32) { self.value = value }

  package init(stringLiteral text: String) {
    value = text.utf8.reduce(0) { $0 << 8 | UInt32($1) }
  }

  package var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

  /// Four characters where they print, otherwise hexadecimal.
  package var description: String {
    let text = bytes.map { Character(UnicodeScalar($0)) }
    return text.allSatisfy { $0.isASCII && !$0.isNewline && $0 >= " " && $0 != "\u{7F}" }
      ? String(text) : "0x" + String(value, radix: 16)
  }
}

/// The 16-byte content type of a JUMBF superbox.
package struct JUMBFType: Hashable, Sendable {
  package var bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The C2PA and JUMBF types share all but their first four bytes.
  private init(prefix: FourCC) {
    bytes = prefix.bytes + [0x00, 0x11, 0x00, 0x10, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71]
  }

  package static let store = JUMBFType(prefix: "c2pa")
  package static let manifest = JUMBFType(prefix: "c2ma")
  /// Written by early tools for a manifest.
  static let legacyManifest = JUMBFType(prefix: "c2md")
  static let updateManifest = JUMBFType(prefix: "c2um")
  static let compressedManifest = JUMBFType(prefix: "c2cm")
  package static let assertionStore = JUMBFType(prefix: "c2as")
  package static let claim = JUMBFType(prefix: "c2cl")
  package static let signature = JUMBFType(prefix: "c2cs")
  package static let cbor = JUMBFType(prefix: "cbor")
  package static let json = JUMBFType(prefix: "json")
  package static let uuid = JUMBFType(prefix: "uuid")
  static let embeddedFile = JUMBFType([
    0x40, 0xCB, 0x0C, 0x32, 0xBB, 0x8A, 0x48, 0x9D, 0xA7, 0x0B, 0x2A, 0xD6, 0xF4, 0x7F, 0x43, 0x69,
  ])

  package static let manifests: Set<JUMBFType> = [manifest, legacyManifest, updateManifest]
}

/// A box of a JUMBF store; ranges index the buffer it was read from.
///
/// Source: ISO/IEC 19566-5; C2PA 2.2 §11.1.
package struct JUMBFBox: Sendable {
  package var type: FourCC
  /// The whole box, header included.
  package var range: Range<Int>
  /// What follows the 8- or 16-byte header: what a hashed URI covers.
  package var payload: Range<Int>
  /// Set on superboxes.
  package var description: Description?
  /// Content boxes of a superbox, its description box left out.
  package var children: [JUMBFBox] = []

  package struct Description: Sendable {
    package var type: JUMBFType
    package var label: String
    package var toggles: UInt8
  }

  package var label: String { description?.label ?? "" }

  package func child(_ type: FourCC) -> JUMBFBox? { children.first { $0.type == type } }

  /// Superboxes of one content type.
  func superboxes(_ type: JUMBFType) -> [JUMBFBox] {
    children.filter { $0.description?.type == type }
  }
}
