/// What a block of metadata is, told by its own first bytes.
///
/// Converters carry blocks from format to format under names of their own: ImageMagick turns a JPEG's APP11
/// into a PNG text `Raw profile type app11`, and a GIF's `XMP DataXMP` into `xmp dataxmp`. The names differ
/// from program to program and version to version; the content does not.
enum ContentKind: Equatable {
  /// A TIFF structure, or `Exif` and two zeros before one.
  case exif
  /// A packet, in UTF-8, UTF-16 or UTF-32, blanks before it aside; `start` is where it begins.
  case xmp(start: Int)
  /// IPTC-IIM datasets.
  case iptc(start: Int)
  /// Photoshop's image resources.
  case photoshop(start: Int)
  /// A C2PA manifest store: a JUMBF superbox of type `c2pa`.
  case credentials(start: Int)
  /// The store in the packets that JPEG's APP11 divides it into.
  case credentialPackets

  /// nil when the bytes begin like none of these.
  init?(_ bytes: ArraySlice<UInt8>) {
    let head = Array(bytes.prefix(160))
    let photoshop = head.matches("Photoshop 3.0\0", at: 0) ? 14 : 0
    if EXIFReader.header(in: head, 0..<head.count, within: 0) != nil {
      self = .exif
    } else if head.matches("http://ns.adobe.com/xap/1.0/\0", at: 0) {
      self = .xmp(start: 29)
    } else if XMPEncoding.beginsPacket(bytes) {
      self = .xmp(start: 0)
    } else if head.count >= photoshop + 5, head[photoshop] == 0x1C, (1...9).contains(head[photoshop + 1]) {
      self = .iptc(start: photoshop)
    } else if head.fourCC(photoshop) == "8BIM" {
      self = .photoshop(start: photoshop)
    } else if head.matches("JP", at: 0), Self.isStore(head, at: 8) {
      self = .credentialPackets
    } else if let start = [0, 3].first(where: { Self.isStore(head, at: $0) }) {
      self = .credentials(start: start)
    } else {
      return nil
    }
  }

  /// Whether a superbox with a description box of type `c2pa` begins here.
  ///
  /// Source: ISO/IEC 19566-5 annex A; C2PA 2.2 §11.1.4.
  static func isStore(_ head: [UInt8], at offset: Int) -> Bool {
    head.matches("jumb", at: offset + 4) && head.matches("jumd", at: offset + 12)
      && head.matches("c2pa", at: offset + 16)
  }
}

extension MetadataBuilder {
  /// Adds a block by what it is.
  ///
  /// - Parameters:
  ///   - content: the block.
  ///   - place: its bytes in the file; the part that holds it where it is compressed or written as text.
  ///   - isPlain: whether `content` lies in the file as it is.
  /// - Returns: false when it is of no known kind.
  @discardableResult
  mutating func addContent(
    _ content: ArraySlice<UInt8>, source: String, at place: Range<Int>, isPlain: Bool
  ) -> Bool {
    guard let kind = ContentKind(content) else { return false }
    // EXIF may hold Photoshop's resources that hold EXIF, and many tags may point to one place.
    guard contentDepth < 4, contentCount < 256 else {
      warn("limit.nesting", place, "metadata within metadata are not read further")
      return true
    }
    contentDepth += 1
    contentCount += 1
    defer { contentDepth -= 1 }
    // Slices of the file keep its offsets, so that what is found can be told by its bytes.
    let buffer = isPlain ? bytes : Array(content)
    let range = isPlain ? place : 0..<buffer.count
    let container = isPlain ? nil : place
    func after(_ start: Int) -> Range<Int> {
      min(range.lowerBound + start, range.upperBound)..<range.upperBound
    }
    switch kind {
    case .exif: addEXIF(buffer, range, source: source, container: container)
    case .xmp(let start):
      addXMP(buffer[after(start)], source: source, at: isPlain ? after(start) : place)
    case .iptc(let start): addIPTC(buffer, after(start), container: container)
    case .photoshop(let start): addPhotoshop(buffer, after(start), container: container)
    case .credentials(let start): addStore(Array(buffer[after(start)]), source: source, at: place)
    case .credentialPackets:
      if let store = CarriedStore.joined(Array(buffer[range])) { addStore(store, source: source, at: place) }
    }
    return true
  }

  private mutating func addStore(_ store: [UInt8], source: String, at place: Range<Int>) {
    guard store.count <= limits.maxTextBytes, metadata.carriedStores.count < 16 else { return }
    metadata.carriedStores.append(CarriedStore(source: source, byteRange: place, content: store))
  }
}

/// A C2PA manifest store in a place that the format does not give it, where a converter left it.
///
/// It was bound to the file that it was taken from, so it can be bound to this one by accident only.
public struct CarriedStore: Sendable, Hashable {
  /// Where it was found: `Raw profile type app11`, `application c2pa_gif`, `eXIf tag 52545`.
  public var source: String
  /// The part of the file that holds it.
  public var byteRange: Range<Int>
  /// The store itself, from its superbox's header.
  public var content: [UInt8]

  /// The packets of JPEG's APP11, put together: `JP`, instance, sequence number and the superbox's header
  /// begin each of them.
  ///
  /// Converters write the packets one after the other without their lengths, so each next one is looked for
  /// by its header, which is known in full.
  ///
  /// Source: ISO/IEC 19566-5 annex D.
  static func joined(_ packets: [UInt8]) -> [UInt8]? {
    guard packets.count > 24, ContentKind.isStore(packets, at: 8), let length = packets.u32(8) else {
      return nil
    }
    let instance = packets[2..<4]
    let box = packets[8..<16]
    var store = Array(packets[8..<16])
    var start = 16
    while start < packets.count {
      let next = nextPacket(packets, from: start, instance: instance, box: box)
      store += packets[start..<(next ?? packets.count)]
      guard let next else { break }
      start = next + 16
    }
    // Padding after the last packet is no part of the store.
    return length > 8 && length < store.count ? Array(store.prefix(length)) : store
  }

  private static func nextPacket(
    _ packets: [UInt8], from start: Int, instance: ArraySlice<UInt8>, box: ArraySlice<UInt8>
  ) -> Int? {
    var place = start
    while let found = packets.firstIndex(of: "JP", in: place..<packets.count) {
      if found + 16 <= packets.count, packets[(found + 2)..<(found + 4)].elementsEqual(instance),
        packets[(found + 8)..<(found + 16)].elementsEqual(box)
      {
        return found
      }
      place = found + 1
    }
    return nil
  }
}
