import ImageFormats

/// The bytes of a C2PA manifest store in a file, found by structure: the bare letters `c2pa` are no store.
///
/// Source: C2PA 2.2 appendix A.
enum CredentialStore {
  /// The store and the bytes of the file that hold it; nil if there is none.
  static func find(_ file: ImageFile, _ container: ContainerMap) -> (bytes: [UInt8], range: Range<Int>)? {
    let found: (bytes: [UInt8], range: Range<Int>)?
    switch container.format {
    case .png: found = plain(file, container.segments(named: "caBX").first?.payload)
    case .webp: found = plain(file, container.segments(named: "C2PA").first?.payload)
    case .jpeg: found = applicationSegments(file, container)
    case .avif, .heic: found = uuidBox(file, container)
    case .jxl: found = container.segments(named: "jumb").first.flatMap { plain(file, $0.range) }
    case .gif, .tiff, .bmp: found = nil
    }
    guard let found, isStore(found.bytes) else { return nil }
    return found
  }

  private static func plain(_ file: ImageFile, _ range: Range<Int>?) -> (bytes: [UInt8], range: Range<Int>)? {
    range.map { (Array(file.bytes[$0]), $0) }
  }

  /// APP11: `JP`, instance u16, packet u32, then the box header again in every packet, then its share.
  private static func applicationSegments(
    _ file: ImageFile, _ container: ContainerMap
  ) -> (bytes: [UInt8], range: Range<Int>)? {
    var store: [UInt8] = []
    var range: Range<Int>?
    for segment in container.segments where segment.name == "APP11" && segment.identifier == "JP" {
      guard segment.payload.count > 16 else { continue }
      store += file.bytes[segment.payload].dropFirst(range == nil ? 8 : 16)
      range = (range?.lowerBound ?? segment.offset)..<segment.range.upperBound
    }
    return range.map { (store, $0) }
  }

  /// FullBox header, purpose with its zero, u64 offset, store.
  private static func uuidBox(
    _ file: ImageFile, _ container: ContainerMap
  ) -> (bytes: [UInt8], range: Range<Int>)? {
    let boxes = container.segments.filter { $0.identifier == "d8fec3d6-1b0e-483c-9297-5828877ec481" }
    for box in boxes {
      guard
        let jumb = Array(file.bytes[box.payload.prefix(128)]).firstRange(of: Array("jumb".utf8), first: 0x6A)
      else { continue }
      let start = box.payload.lowerBound + jumb.lowerBound - 4
      guard start >= box.payload.lowerBound else { continue }
      return (Array(file.bytes[start..<box.payload.upperBound]), box.range)
    }
    return nil
  }

  /// Superbox `jumb` with a description box of type `c2pa`.
  private static func isStore(_ bytes: [UInt8]) -> Bool {
    bytes.count > 32 && bytes[4..<8].elementsEqual("jumb".utf8) && bytes[12..<16].elementsEqual("jumd".utf8)
      && bytes[16..<20].elementsEqual("c2pa".utf8)
  }
}

/// The assertions and claims of a store, in file order.
struct CredentialBoxes {
  /// A content box with the labels that lead to it.
  struct Content {
    var labels: [String]
    /// `cbor`, `json`.
    var type: String
    var range: Range<Int>
  }

  private(set) var contents: [Content] = []
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    walk(0..<bytes.count, labels: [], depth: 0)
  }

  private mutating func walk(_ range: Range<Int>, labels: [String], depth: Int) {
    guard depth < 12 else { return }
    var offset = range.lowerBound
    var labels = labels
    while offset + 8 <= range.upperBound, contents.count < 4096 {
      let length = bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
      let type = String(decoding: bytes[(offset + 4)..<(offset + 8)], as: UTF8.self)
      let end = length == 0 ? range.upperBound : offset + length
      guard length == 0 || length >= 8, end <= range.upperBound else { return }
      let payload = (offset + 8)..<end
      switch type {
      case "jumb": walk(payload, labels: labels, depth: depth + 1)
      case "jumd":
        // Sixteen bytes of type, one of toggles, then the label up to a zero.
        guard payload.count > 17 else { return }
        labels.append(
          String(decoding: bytes[payload].dropFirst(17).prefix { $0 != 0 }.prefix(256), as: UTF8.self))
      default: contents.append(Content(labels: labels, type: type, range: payload))
      }
      offset = end
    }
  }
}
