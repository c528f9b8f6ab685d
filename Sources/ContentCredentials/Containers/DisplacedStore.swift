import ImageFormats

/// A manifest store in a file that has none where its format keeps it.
///
/// Tools that rewrite pictures carry stores along in other forms, and one damaged byte in front of a store moves it out
/// of its place. What it says was said of some file, and a reader who is told "no Content Credentials" would not
/// learn of it; but as it lies it is bound to nothing.
enum DisplacedStore {
  /// Searches the whole file, then texts that hold other programs' profiles in hexadecimal digits.
  static func find(in file: [UInt8], _ container: AssetLayout.Container) -> AssetLayout.LocatedStore? {
    if let start = StoreHead.first(in: file) {
      var store = unpack(file, from: start, container)
      store.place = place(of: start, in: file, container)
      return store
    }
    return container == .png ? textProfile(in: file) : nil
  }

  private static func unpack(
    _ file: [UInt8], from start: Int, _ container: AssetLayout.Container
  ) -> AssetLayout.LocatedStore {
    switch container {
    case .gif where start > 0: return subBlocks(file, from: start)
    default: return segments(file, from: start)
    }
  }

  // MARK: Forms

  /// The content of GIF sub-blocks: a size byte stands before each 255 bytes.
  private static func subBlocks(_ file: [UInt8], from start: Int) -> AssetLayout.LocatedStore {
    var bytes: [UInt8] = []
    var position = start - 1
    while position < file.count, file[position] > 0 {
      let end = min(position + 1 + Int(file[position]), file.count)
      bytes += file[position + 1..<end]
      position = end
    }
    return .init(bytes: bytes[...], container: start - 1..<min(position + 1, file.count))
  }

  /// The store as it lies, or in pieces of JPEG segments: each repeats the store's first eight bytes behind its own
  /// header. Lengths and numbers of segments are not asked for, as one of them may be what is damaged.
  private static func segments(_ file: [UInt8], from start: Int) -> AssetLayout.LocatedStore {
    let head = file[start..<start + 8]
    let total = StoreHead.length(of: file[start...]) ?? file.count - start
    var bytes: [UInt8] = []
    var position = start
    while bytes.count < total, let next = repetition(of: head, in: file, after: position, within: 65_536) {
      // `JP`, instance and number stand before the repetition; in a JPEG file a marker and a length too.
      let isMarked = next >= 12 && (file[next - 12] == 0xFF || file[next - 11] == 0xEB)
      let end = max(position, next - (isMarked ? 12 : 8))
      bytes += file[position..<end]
      position = next + 8
    }
    // A length of 64 bits may be any number.
    let end = position + min(max(0, total - bytes.count), file.count - position)
    bytes += file[position..<end]
    return .init(bytes: bytes[...], container: start..<end)
  }

  private static func repetition(
    of head: ArraySlice<UInt8>, in file: [UInt8], after position: Int, within reach: Int
  ) -> Int? {
    let range = min(position + 8, file.count)..<min(position + reach, file.count)
    var start = range.lowerBound
    while let place = file.firstIndex(of: "jumb", in: start..<range.upperBound) {
      if place - 4 >= range.lowerBound, file[place - 4..<place + 4].elementsEqual(head) { return place - 4 }
      start = place + 1
    }
    return nil
  }

  /// A PNG text `Raw profile type …`, as ImageMagick and GraphicsMagick write what PNG has no chunk for.
  private static func textProfile(in file: [UInt8]) -> AssetLayout.LocatedStore? {
    // Some kilobytes inflate to as many megabytes: the texts of one file share what may be spent on them.
    var rest = 64 << 20
    for chunk in PNGLayout.chunks(of: file).chunks where rest > 0 {
      guard
        let (keyword, text) = PNGLayout.text(
          of: chunk, in: file, limit: min(32 << 20, rest),
          where: { $0.lowercased().hasPrefix("raw profile type") })
      else { continue }
      rest -= text.count
      let bytes = hexadecimal(text)
      guard let start = StoreHead.first(in: bytes) else { continue }
      var store = segments(bytes, from: start)
      store.container = chunk.range
      store.place = "the text \(keyword) at byte \(chunk.range.lowerBound)"
      return store
    }
    return nil
  }

  /// Digits after a line break, a name, a length and another line break.
  private static func hexadecimal(_ text: [UInt8]) -> [UInt8] {
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    var high: UInt8?
    for character in lines.dropFirst(2).joined() {
      guard let digit = Character(UnicodeScalar(character)).hexDigitValue else { continue }
      if let first = high {
        bytes.append(first << 4 | UInt8(digit))
        high = nil
      } else {
        high = UInt8(digit)
      }
    }
    return bytes
  }

  // MARK: Names

  /// Where a byte lies, for people.
  private static func place(
    of offset: Int, in file: [UInt8], _ container: AssetLayout.Container
  ) -> String {
    let part: String? =
      switch container {
      case .png: PNGLayout.chunks(of: file).chunks.first { $0.range.contains(offset) }?.type.description
      case .riff: RIFFLayout.chunks(of: file).chunks.first { $0.range.contains(offset) }?.type.description
      case .bmff, .jxl: BMFFLayout.topLevel(of: file).first { $0.range.contains(offset) }?.type.description
      case .gif:
        GIFLayout.blocks(of: file).blocks.first { $0.range.contains(offset) }.flatMap { block in
          block.application.map {
            String(decoding: $0.prefix(11).prefix { $0 > 0x1F && $0 < 0x7F }, as: UTF8.self)
          }
        }
      default: nil
      }
    return part.map { "\($0) at byte \(offset)" } ?? "byte \(offset)"
  }
}
