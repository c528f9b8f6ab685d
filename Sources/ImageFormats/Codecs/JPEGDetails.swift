/// How a JPEG file was compressed, read from its headers.
public struct JPEGDetails: Sendable, Hashable {
  /// One colour component of the frame.
  public struct Component: Sendable, Hashable {
    public var identifier: Int
    /// Sampling factors, 1...4.
    public var horizontal: Int
    public var vertical: Int
    /// The quantisation table's slot, 0...3.
    public var quantisationTable: Int
  }

  public enum HuffmanKind: String, Sendable, Hashable, Codable {
    /// Only the example tables of ITU-T T.81 annex K.
    case standard
    /// Tables made for this picture.
    case optimised
    /// Arithmetic coding, or no table in the file.
    case none
  }

  /// Quantisation tables by slot, 64 steps in natural (row by row) order; of a redefined slot the first.
  var quantisationTables: [Int: [Int]] = [:]
  public var components: [Component] = []
  /// `4:4:4`, `4:2:2`, `4:2:0`, `4:4:0`, `4:1:1`, `4:1:0`, `grey`, or all factors such as `3x1,1x1,1x1`.
  public var subsampling = ""
  /// 1...100 when the luma table is near libjpeg's table of that quality; nil when it is another maker's.
  public var estimatedQuality: Int?
  /// Whether that quality gives the luma table exactly.
  public var qualityIsExact = false
  public var isProgressive = false
  public var huffman = HuffmanKind.none
  public var scans = 0

  /// nil when the file has no frame header.
  init?(bytes: [UInt8], segments: [Segment]) {
    var tables = 0
    var standardTables = 0
    for segment in segments {
      switch segment.name {
      case "DQT": readQuantisation(bytes, segment.payload)
      case "DHT":
        for table in HuffmanTables.tables(bytes, segment.payload) {
          tables += 1
          if HuffmanTables.isStandard(table) { standardTables += 1 }
        }
      case "SOS": scans += 1
      case "SOF0", "SOF1", "SOF2", "SOF3", "SOF5", "SOF6", "SOF7", "SOF9", "SOF10", "SOF11", "SOF13", "SOF14",
        "SOF15":
        guard components.isEmpty else { continue }
        isProgressive = ["SOF2", "SOF6", "SOF10", "SOF14"].contains(segment.name)
        readFrame(bytes, segment.payload)
      default: break
      }
    }
    guard !components.isEmpty else { return nil }
    if tables > 0 { huffman = standardTables == tables ? .standard : .optimised }
    subsampling = Self.name(of: components)
    if let luma = quantisationTables[components[0].quantisationTable] {
      (estimatedQuality, qualityIsExact) = Self.quality(of: luma)
    }
  }

  private mutating func readFrame(_ bytes: [UInt8], _ payload: Range<Int>) {
    guard payload.count >= 6 else { return }
    let count = min(Int(bytes[payload.lowerBound + 5]), (payload.count - 6) / 3)
    for index in 0..<count {
      let place = payload.lowerBound + 6 + index * 3
      components.append(
        Component(
          identifier: Int(bytes[place]), horizontal: Int(bytes[place + 1] >> 4),
          vertical: Int(bytes[place + 1] & 15), quantisationTable: Int(bytes[place + 2])))
    }
  }

  private mutating func readQuantisation(_ bytes: [UInt8], _ payload: Range<Int>) {
    var offset = payload.lowerBound
    while offset < payload.upperBound {
      let (precision, slot) = (Int(bytes[offset] >> 4), Int(bytes[offset] & 15))
      let size = precision == 0 ? 1 : 2
      guard offset + 1 + 64 * size <= payload.upperBound else { return }
      var table = [Int](repeating: 0, count: 64)
      for k in 0..<64 {
        let place = offset + 1 + k * size
        table[Self.zigzag[k]] = size == 1 ? Int(bytes[place]) : bytes.u16(place) ?? 0
      }
      if quantisationTables[slot] == nil { quantisationTables[slot] = table }
      offset += 1 + 64 * size
    }
  }

  private static func name(of components: [Component]) -> String {
    if components.count == 1 { return "grey" }
    let factors = components.map { "\($0.horizontal)x\($0.vertical)" }
    let (luma, chroma) = (components[0], components.dropFirst().prefix(2))
    guard chroma.count == 2, chroma.allSatisfy({ $0.horizontal == 1 && $0.vertical == 1 }) else {
      return Set(factors).count == 1 ? "4:4:4" : factors.joined(separator: ",")
    }
    switch (luma.horizontal, luma.vertical) {
    case (1, 1): return "4:4:4"
    case (2, 1): return "4:2:2"
    case (2, 2): return "4:2:0"
    case (1, 2): return "4:4:0"
    case (4, 1): return "4:1:1"
    case (4, 2): return "4:1:0"
    default: return factors.joined(separator: ",")
    }
  }

  /// The quality whose table is nearest, when it is near at all.
  private static func quality(of table: [Int]) -> (Int?, Bool) {
    var best = (quality: 0, distance: Double.infinity)
    for (index, candidate) in libjpegTables.enumerated() {
      var distance = 0.0
      for k in 0..<64 { distance += abs(Double(table[k] - candidate[k])) / Double(candidate[k] + 1) }
      if distance < best.distance { best = (index + 1, distance) }
    }
    // A mean deviation over a quarter is another table, not a rounding.
    return best.distance <= 16 ? (best.quality, best.distance == 0) : (nil, false)
  }

  /// Where the k-th coefficient of a scan lies, row by row.
  static let zigzag: [Int] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14,
    21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46,
    53,
    60, 61, 54, 47, 55, 62, 63,
  ]

  /// The example luminance table of ITU-T T.81 table K.1, which libjpeg scales.
  private static let annexK: [Int] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17,
    22, 29,
    51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
    121,
    120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
  ]

  /// libjpeg's luminance tables of quality 1...100.
  private static let libjpegTables: [[Int]] = (1...100).map { quality in
    let scale = quality < 50 ? 5000 / quality : 200 - 2 * quality
    return annexK.map { min(max(($0 * scale + 50) / 100, 1), 255) }
  }
}

/// Huffman tables of a DHT segment.
enum HuffmanTables {
  /// Sixteen counts and the values, after the byte of class and slot.
  static func tables(_ bytes: [UInt8], _ payload: Range<Int>) -> [ArraySlice<UInt8>] {
    var (found, offset) = ([ArraySlice<UInt8>](), payload.lowerBound)
    while offset + 17 <= payload.upperBound {
      let values = bytes[(offset + 1)..<(offset + 17)].reduce(0) { $0 + Int($1) }
      guard offset + 17 + values <= payload.upperBound else { return found }
      found.append(bytes[(offset + 1)..<(offset + 17 + values)])
      offset += 17 + values
    }
    return found
  }

  /// Whether a table is one of the four of ITU-T T.81 annex K.3.
  static func isStandard(_ table: ArraySlice<UInt8>) -> Bool {
    standard.contains { $0.elementsEqual(table) }
  }

  private static let direct: [UInt8] = Array(0...11)

  private static let standard: [[UInt8]] = [
    [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0] + direct,
    [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0] + direct,
    [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D] + [
      0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22,
      0x71,
      0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62,
      0x72,
      0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36,
      0x37,
      0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
      0x59,
      0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A,
      0x83,
      0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2,
      0xA3,
      0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2,
      0xC3,
      0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1,
      0xE2,
      0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9,
      0xFA,
    ],
    [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77] + [
      0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13,
      0x22,
      0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62, 0x72,
      0xD1,
      0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x35,
      0x36,
      0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57,
      0x58,
      0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79,
      0x7A,
      0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
      0x9A,
      0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9,
      0xBA,
      0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9,
      0xDA,
      0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9,
      0xFA,
    ],
  ]
}
