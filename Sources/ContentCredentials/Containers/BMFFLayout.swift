/// ISO BMFF (AVIF, HEIC, MP4, MOV, M4A): the store lies in a top-level `uuid` box (C2PA 2.2 A.5).
package enum BMFFLayout {
  package static let storeUUID: [UInt8] = [
    0xD8, 0xFE, 0xC3, 0xD6, 0x1B, 0x0E, 0x48, 0x3C, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7E, 0xC4, 0x81,
  ]

  /// A box of the file's tree, for the paths of `c2pa.hash.bmff`.
  package struct Box: Sendable {
    package var type: FourCC
    package var range: Range<Int>
    package var payload: Range<Int>
    package var children: [Box] = []
  }

  /// Boxes that hold boxes; those with a version and flags before their children have the larger skip.
  private static let containers: [FourCC: Int] = [
    "moov": 0, "trak": 0, "mdia": 0, "minf": 0, "stbl": 0, "dinf": 0, "edts": 0, "mvex": 0, "moof": 0,
    "traf": 0, "mfra": 0, "udta": 0, "iprp": 0, "ipco": 0, "meta": 4,
  ]

  /// The box tree, at most 8 deep and 100 000 boxes long.
  ///
  /// - Returns: nil when the boxes do not fill the file.
  package static func boxes(of file: [UInt8]) -> [Box]? {
    var budget = 100_000
    return boxes(in: 0..<file.count, file, depth: 0, &budget)
  }

  private static func boxes(
    in range: Range<Int>, _ file: [UInt8], depth: Int, _ budget: inout Int
  ) -> [Box]? {
    var boxes: [Box] = []
    var position = range.lowerBound
    while position < range.upperBound {
      budget -= 1
      guard budget > 0, range.upperBound - position >= 8, let short = file.bigEndian(4, at: position),
        let type = file.bigEndian(4, at: position + 4)
      else { return nil }
      let header = short == 1 ? 16 : 8
      let length =
        switch short {
        case 0: range.upperBound - position
        case 1: file.bigEndian(8, at: position + 8) ?? 0
        default: short
        }
      guard length >= header, length <= range.upperBound - position else { return nil }
      var box = Box(
        type: FourCC(UInt32(type)), range: position..<position + length,
        payload: position + header..<position + length)
      if depth < 8, let skip = containers[box.type], box.payload.count >= skip {
        // A container that does not divide into boxes stays a leaf: QuickTime's `meta` has no version.
        let inner = box.payload.lowerBound + skip..<box.payload.upperBound
        box.children = self.boxes(in: inner, file, depth: depth + 1, &budget) ?? []
      }
      boxes.append(box)
      position = box.range.upperBound
    }
    return boxes
  }

  /// The top-level boxes, without their children; stops at damage.
  static func topLevel(of file: [UInt8]) -> [Box] {
    var boxes: [Box] = []
    var position = 0
    while let short = file.bigEndian(4, at: position), let type = file.bigEndian(4, at: position + 4) {
      let header = short == 1 ? 16 : 8
      let length =
        short == 0 ? file.count - position : short == 1 ? file.bigEndian(8, at: position + 8) ?? 0 : short
      guard length >= header, length <= file.count - position else { break }
      boxes.append(
        Box(
          type: FourCC(UInt32(type)), range: position..<position + length,
          payload: position + header..<position + length))
      position += length
    }
    return boxes
  }

  /// The UUID of XMP (ISO/IEC 16684-1, annex on storage).
  private static let xmpUUID: [UInt8] = [
    0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC,
  ]

  /// Boxes that hold no pixels and change none.
  static func metadata(of file: [UInt8]) -> [NamedBox] {
    topLevel(of: file).filter { box in
      box.type == "free" || box.type == "skip"
        || box.type == "uuid" && file[box.payload].starts(with: xmpUUID)
    }.map { NamedBox(name: $0.type.description, range: $0.range) }
  }
}
