/// The first bytes of a manifest store, by which it is told from other JUMBF and from text that spells c2pa.
///
/// Thirty-eight bytes, of which 29 are always the same: box length, `jumb`, the description's length, `jumd`, the type
/// of C2PA stores, toggles, the label `c2pa` and its end. A box of JPEG 360 or JPEG XT shares at most twenty of them.
///
/// Source: C2PA 2.2 §11.1.4; ISO/IEC 19566-5 annexes A and B.
package enum StoreHead {
  /// Nil where any byte may stand.
  private static let pattern: [UInt8?] =
    anything(4) + FourCC("jumb").bytes + anything(4) + FourCC("jumd").bytes + JUMBFType.store.bytes + [nil]
    + Array("c2pa\0".utf8)
  private static let fixed = pattern.count { $0 != nil }
  /// How many of the fixed bytes may be damaged: one flipped byte must not make a store look like nothing.
  private static let slack = 3
  /// From a store's first byte to the letters `jumd`, with a short and with a long length before them.
  private static let anchors = [12, 20]

  private static func anything(_ count: Int) -> [UInt8?] { [UInt8?](repeating: nil, count: count) }

  /// Whether bytes open a manifest store, a slightly damaged one included.
  package static func opens(_ bytes: ArraySlice<UInt8>) -> Bool {
    opens(bytes, longLength: false) || opens(bytes, longLength: true)
  }

  private static func opens(_ bytes: ArraySlice<UInt8>, longLength: Bool) -> Bool {
    // A length of 1 is followed by one of eight bytes, behind the type.
    let shift = longLength ? 8 : 0
    guard bytes.count >= pattern.count + shift,
      !longLength || bytes.bigEndian(4, at: bytes.startIndex) == 1
    else { return false }
    var matches = 0
    for (index, expected) in pattern.enumerated() {
      guard let expected else { continue }
      let place = bytes.startIndex + index + (index < 8 ? 0 : shift)
      if bytes[place] == expected { matches += 1 }
    }
    return matches >= fixed - slack
  }

  /// Whether bytes open a superbox of any type.
  static func opensSuperbox(_ bytes: ArraySlice<UInt8>) -> Bool {
    anchors.contains { bytes.dropFirst($0).starts(with: FourCC("jumd").bytes) }
  }

  /// The bytes that a store says it is long; nil where its length cannot be.
  package static func length(of bytes: ArraySlice<UInt8>) -> Int? {
    guard let short = bytes.bigEndian(4, at: bytes.startIndex) else { return nil }
    guard let length = short == 1 ? bytes.bigEndian(8, at: bytes.startIndex + 8) : short else { return nil }
    return length >= pattern.count ? length : nil
  }

  /// The first place in a buffer where a store opens, whatever stands around it.
  ///
  /// - Complexity: one search for the letters `jumd`.
  package static func first(in bytes: [UInt8], from start: Int = 0) -> Int? {
    var position = start
    while let anchor = bytes.firstIndex(of: "jumd", in: position..<bytes.count) {
      for distance in anchors where anchor - distance >= start {
        let place = anchor - distance
        if opens(bytes[place...], longLength: distance == 20) { return place }
      }
      position = anchor + 1
    }
    return nil
  }
}
