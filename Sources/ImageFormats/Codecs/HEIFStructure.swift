/// The picture that a HEIF file's boxes describe, without its codec.
///
/// Source: ISO/IEC 23008-12 §6.5, §9.3; ISO/IEC 14496-12 §8.11, §12.1.3.
struct HEIFStructure {
  /// As shown: after the picture's own crop and quarter turns.
  private(set) var size: (width: Int, height: Int)?
  private(set) var bitDepth: Int?
  /// Such as `HEVC (hvc1)`; of a grid that of its tiles.
  private(set) var coding: String?
  /// Whether usual builds of libheif cannot decode it.
  private(set) var isUncommon = false
  /// Whether the boxes fit into each other and the items into the file.
  private(set) var isWhole: Bool

  private let bytes: [UInt8]

  /// nil without any box that describes a picture.
  init?(_ file: ImageFile) {
    guard let container = try? file.container() else { return nil }
    bytes = file.bytes
    isWhole = container.warnings.isEmpty
    if let meta = container.segments.first(where: { $0.name == "meta" }) {
      readStill(meta, file.limits)
    } else if let track = container.first(named: "stsd") {
      readSequence(track)
    } else {
      return nil
    }
  }

  private mutating func readStill(_ meta: Segment, _ limits: ReadLimits) {
    let items = HEIFItems(bytes: bytes, meta: meta, limits: limits)
    if !items.faults.isEmpty { isWhole = false }
    guard let primary = items.primary, let item = items.items.first(where: { $0.identifier == primary })
    else {
      isWhole = false
      return
    }
    var type = item.type
    if ["grid", "iden", "iovl", "tmap"].contains(type) {
      // A derived picture is coded as what it is made of.
      let source = HEIFReferences(bytes, meta).first(of: "dimg", from: primary)
      if let tile = items.items.first(where: { $0.identifier == source }) { type = tile.type }
    }
    name(type)
    readProperties(of: primary, in: meta)
  }

  private mutating func name(_ type: String) {
    let names = [
      "hvc1": "HEVC", "hev1": "HEVC", "av01": "AV1", "avc1": "H.264", "vvc1": "VVC", "evc1": "EVC",
      "lhv1": "L-HEVC",
      "jpeg": "JPEG", "j2k1": "JPEG 2000", "unci": "uncompressed samples", "mski": "a mask",
    ]
    coding = names[type].map { "\($0) (\(type))" } ?? "'\(type)'"
    isUncommon = !["hvc1", "hev1", "av01", "grid", "iden", "iovl"].contains(type)
  }

  /// Size, depth, crop and turns from the properties that `ipma` gives to the item.
  private mutating func readProperties(of item: Int, in meta: Segment) {
    guard let iprp = meta.children.first(where: { $0.name == "iprp" }),
      let properties = iprp.children.first(where: { $0.name == "ipco" })?.children
    else { return }
    for association in iprp.children where association.name == "ipma" {
      for index in indices(of: item, in: association) where index >= 1 && index <= properties.count {
        apply(properties[index - 1])
      }
    }
  }

  private mutating func apply(_ property: Segment) {
    let start = property.payload.lowerBound
    switch property.name {
    case "ispe":
      if let width = bytes.u32(start + 4), let height = bytes.u32(start + 8), property.payload.count >= 12 {
        size = (width, height)
      }
    case "pixi":
      if property.payload.count >= 6, bytes[start + 4] > 0 { bitDepth = Int(bytes[start + 5]) }
    case "irot":
      if let known = size, property.payload.count >= 1, bytes[start] & 1 == 1 {
        size = (known.height, known.width)
      }
    case "clap":
      let values = (0..<4).compactMap { bytes.u32(start + 4 * $0) }
      if values.count == 4, values[1] > 0, values[3] > 0, let known = size {
        let (width, height) = (values[0] / values[1], values[2] / values[3])
        if width >= 1, width <= known.width, height >= 1, height <= known.height { size = (width, height) }
      }
    default: break
    }
  }

  /// The properties of an item, counted from 1, in the order in which they apply.
  private func indices(of item: Int, in box: Segment) -> [Int] {
    let (start, end) = (box.payload.lowerBound, box.payload.upperBound)
    guard box.payload.count >= 8, let count = bytes.u32(start + 4) else { return [] }
    let wideItem = bytes[start] > 0 ? 4 : 2
    let wideIndex = bytes[start + 3] & 1 == 1
    var offset = start + 8
    for _ in 0..<count {
      guard offset + wideItem < end,
        let identifier = wideItem == 4 ? bytes.u32(offset) : bytes.u16(offset)
      else { return [] }
      let associations = Int(bytes[offset + wideItem])
      offset += wideItem + 1
      let size = associations * (wideIndex ? 2 : 1)
      guard offset + size <= end else { return [] }
      if identifier == item {
        return (0..<associations).map { index in
          wideIndex ? (bytes.u16(offset + 2 * index) ?? 0) & 0x7FFF : Int(bytes[offset + index] & 0x7F)
        }
      }
      offset += size
    }
    return []
  }

  /// A sequence without a still picture: the first sample entry names the codec and the size.
  private mutating func readSequence(_ box: Segment) {
    let entry = box.payload.lowerBound + 8
    guard entry + 36 <= box.payload.upperBound, let type = bytes.fourCC(entry + 4),
      let width = bytes.u16(entry + 32), let height = bytes.u16(entry + 34)
    else { return }
    name(type)
    coding = "an image sequence of \(coding ?? type) without a still picture"
    isUncommon = true
    if width > 0, height > 0 { size = (width, height) }
  }
}

/// The `iref` box: which items refer to which.
struct HEIFReferences {
  struct Reference {
    /// `dimg`, `auxl`, `cdsc`, `thmb`.
    var type: String
    var from: Int
    var to: [Int]
  }

  /// Item numbers of four bytes instead of two.
  private(set) var isWide = false
  private(set) var references: [Reference] = []

  init(_ bytes: [UInt8], _ meta: Segment) {
    guard let box = meta.children.first(where: { $0.name == "iref" }), box.payload.count >= 4 else { return }
    isWide = bytes[box.payload.lowerBound] > 0
    let size = isWide ? 4 : 2
    func number(_ offset: Int) -> Int? { isWide ? bytes.u32(offset) : bytes.u16(offset) }
    for child in box.children {
      let start = child.payload.lowerBound
      guard let from = number(start), let count = bytes.u16(start + size),
        size + 2 + count * size <= child.payload.count
      else { continue }
      references.append(
        Reference(
          type: child.name, from: from, to: (0..<count).compactMap { number(start + size + 2 + $0 * size) }))
    }
  }

  func first(of type: String, from item: Int) -> Int? {
    references.first { $0.type == type && $0.from == item }?.to.first
  }
}
