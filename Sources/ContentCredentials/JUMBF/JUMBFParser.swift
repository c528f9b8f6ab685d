/// Reads a JUMBF store from untrusted bytes and goes on after damage.
///
/// Depth and number of boxes are bounded. A length that leaves its container is a fault; the box is then read
/// up to the container's end, so that a report can still say what a damaged store claims.
package struct JUMBFParser {
  package struct Limits: Sendable {
    package var depth = 12
    package var boxes = 50_000
    package static let standard = Limits()
  }

  private let bytes: ArraySlice<UInt8>
  private let limits: Limits
  private var boxCount = 0
  private var faults: [MalformedStructure] = []

  /// The boxes side by side in a buffer, and everything that is wrong with them, first fault first.
  package static func parse(
    _ bytes: ArraySlice<UInt8>, limits: Limits = .standard
  ) -> (boxes: [JUMBFBox], faults: [MalformedStructure]) {
    var parser = JUMBFParser(bytes: bytes, limits: limits)
    let boxes = parser.boxes(in: bytes.startIndex..<bytes.endIndex, depth: 0)
    return (boxes, parser.faults)
  }

  private init(bytes: ArraySlice<UInt8>, limits: Limits) {
    self.bytes = bytes
    self.limits = limits
  }

  private mutating func boxes(in range: Range<Int>, depth: Int) -> [JUMBFBox] {
    var boxes: [JUMBFBox] = []
    var position = range.lowerBound
    while position < range.upperBound {
      // Containers pad a store with zeros; nothing else may follow it.
      if depth == 0, !boxes.isEmpty, bytes[position..<range.upperBound].allSatisfy({ $0 == 0 }) { break }
      guard let box = box(at: position, limit: range.upperBound, depth: depth) else { break }
      boxes.append(box)
      position = box.range.upperBound
    }
    return boxes
  }

  private mutating func box(at start: Int, limit: Int, depth: Int) -> JUMBFBox? {
    boxCount += 1
    guard boxCount <= limits.boxes else { return fault("too many JUMBF boxes", at: start) }
    guard depth < limits.depth else { return fault("JUMBF boxes nest too deeply", at: start) }
    guard limit - start >= 8, let length = bytes.bigEndian(4, at: start),
      let type = bytes.bigEndian(4, at: start + 4)
    else { return fault("JUMBF box header ends early", at: start) }

    var header = 8
    var end = limit
    switch length {
    case 0: break
    case 1:
      header = 16
      guard limit - start >= 16 else { return fault("JUMBF box header ends early", at: start) }
      end = boxEnd(start, length: bytes.bigEndian(8, at: start + 8), header: header, limit: limit)
    default: end = boxEnd(start, length: length, header: header, limit: limit)
    }
    guard end >= start + header else { return fault("JUMBF box is shorter than its header", at: start) }

    var box = JUMBFBox(type: FourCC(UInt32(type)), range: start..<end, payload: start + header..<end)
    if box.type == "jumb" { fill(&box, depth: depth) }
    return box
  }

  /// Where a box ends: its length held against its container; before `start + header` when it is too short.
  private mutating func boxEnd(_ start: Int, length: Int?, header: Int, limit: Int) -> Int {
    guard let length, length <= limit - start else {
      faults.append(MalformedStructure("JUMBF box length exceeds its container", at: start))
      return limit
    }
    return start + length
  }

  /// Reads the description and the content boxes of a superbox.
  private mutating func fill(_ box: inout JUMBFBox, depth: Int) {
    guard let first = self.box(at: box.payload.lowerBound, limit: box.payload.upperBound, depth: depth + 1),
      first.type == "jumd"
    else {
      faults.append(MalformedStructure("JUMBF superbox has no description", at: box.range.lowerBound))
      return
    }
    box.description = description(first.payload)
    box.children = boxes(in: first.range.upperBound..<box.payload.upperBound, depth: depth + 1)
  }

  private mutating func description(_ range: Range<Int>) -> JUMBFBox.Description? {
    guard range.count >= 17 else {
      faults.append(MalformedStructure("JUMBF description ends early", at: range.lowerBound))
      return nil
    }
    let type = JUMBFType(Array(bytes[range.lowerBound..<range.lowerBound + 16]))
    let toggles = bytes[range.lowerBound + 16]
    var label = ""
    if toggles & 0x02 != 0 {
      let text = bytes[range.lowerBound + 17..<range.upperBound]
      guard let end = text.firstIndex(of: 0),
        let decoded = String(validating: text[..<end], as: UTF8.self)
      else {
        faults.append(MalformedStructure("JUMBF label does not end or is not UTF-8", at: text.startIndex))
        return JUMBFBox.Description(type: type, label: "", toggles: toggles)
      }
      label = decoded
    }
    return JUMBFBox.Description(type: type, label: label, toggles: toggles)
  }

  private mutating func fault(_ message: String, at offset: Int) -> JUMBFBox? {
    faults.append(MalformedStructure(message, at: offset))
    return nil
  }
}
