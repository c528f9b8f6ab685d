/// The APP11 segments of manifest stores; JPEG 360 and JPEG XT boxes in the same marker are passed over.
///
/// Each segment names its scheme (`JP`), an instance and a number, and repeats the box's length and type. These 16 bytes
/// lie outside every hash, and software writes them in ways of its own: numbers that begin at 0 (Bing Image Creator) or
/// stand in the other byte order. The store is read in the order of the file, as c2pa-rs reads it, and what does not fit
/// is a fault of the container, never a reason to say that there is nothing.
///
/// Source: ISO/IEC 19566-5 D.2; C2PA 2.2 A.3.1
extension JPEGLayout {
  static func locate(in file: [UInt8], _ layout: inout AssetLayout) {
    for group in groups(in: segments(of: file, headOnly: true).segments, file) {
      guard let first = group.parts.first, let last = group.parts.last else { continue }
      var store: [UInt8] = []
      for (index, part) in group.parts.enumerated() {
        // Scheme, instance and number take 8 bytes; every continuation repeats the 8 bytes of length and type.
        store += file[part.payload].dropFirst(index == 0 ? 8 : 16)
      }
      layout.faults += group.faults(file).map { MalformedStructure($0, at: first.range.lowerBound) }
      layout.stores.append(
        .init(
          bytes: store[...], container: first.range.lowerBound..<last.range.upperBound))
    }
  }

  /// All segments that carry a part of a store.
  static func storeParts(in segments: [Segment], _ file: [UInt8]) -> [Segment] {
    groups(in: segments, file).flatMap(\.parts)
  }

  private struct Group {
    var parts: [Segment]
    /// False once a segment of another box followed: what comes after it is that one's.
    var isOpen = true

    func faults(_ file: [UInt8]) -> [String] {
      let starts = parts.map(\.payload.lowerBound)
      var faults: [String] = []
      if !zip(parts, parts.dropFirst()).allSatisfy({ $0.range.upperBound == $1.range.lowerBound }) {
        faults.append("APP11 segments of the store do not follow each other")
      }
      if !starts.allSatisfy({ file[$0..<$0 + 2].elementsEqual("JP".utf8) }) {
        faults.append("an APP11 segment of the store is not marked as JUMBF")
      }
      if !starts.allSatisfy({ file[$0 + 2..<$0 + 4] == file[starts[0] + 2..<starts[0] + 4] }) {
        faults.append("APP11 segments of the store have several instance numbers")
      }
      // A lone segment's number says nothing.
      let isCounted =
        Self.ascends(starts.compactMap { file.bigEndian(4, at: $0 + 4) })
        || Self.ascends(starts.compactMap { file.littleEndian(4, at: $0 + 4) })
      if !isCounted { faults.append("the numbers of the store's APP11 segments do not count them") }
      return faults
    }

    private static func ascends(_ numbers: [Int]) -> Bool {
      zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 }
    }
  }

  private static func groups(in segments: [Segment], _ file: [UInt8]) -> [Group] {
    var groups: [Group] = []
    for segment in segments where segment.marker == 0xEB && segment.payload.count >= 16 {
      let start = segment.payload.lowerBound
      let content = file[start + 8..<segment.payload.upperBound]
      if StoreHead.opens(content) {
        groups.append(Group(parts: [segment]))
        continue
      }
      guard let group = groups.last, group.isOpen, let first = group.parts.first?.payload.lowerBound else {
        continue
      }
      let isSameBox = content.prefix(8) == file[first + 8..<first + 16]
      let isSameInstance = file[start..<start + 4] == file[first..<first + 4]
      if !isSameBox && StoreHead.opensSuperbox(content) {
        groups[groups.count - 1].isOpen = false
      } else if isSameBox || isSameInstance {
        groups[groups.count - 1].parts.append(segment)
      }
    }
    return groups
  }
}
