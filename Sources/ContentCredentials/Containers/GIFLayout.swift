/// GIF: the store is an application extension `C2PA_GIF` before the first image (C2PA 2.2 A.3.7).
package enum GIFLayout {
  package static let identifier: [UInt8] = Array("C2PA_GIF".utf8) + [0x01, 0x00, 0x00]

  package struct Block {
    package var name: String
    package var range: Range<Int>
    /// Sub-blocks of an application extension, without their size bytes' block.
    package var application: ArraySlice<UInt8>?
  }

  package static func blocks(of file: [UInt8]) -> (blocks: [Block], end: Int) {
    guard file.count >= 13 else { return ([], 0) }
    var blocks = [
      Block(name: String(decoding: file[..<6], as: UTF8.self), range: 0..<6),
      Block(name: "LSD", range: 6..<13),
    ]
    var position = 13
    if file[10] & 0x80 != 0 {
      let size = 3 << (Int(file[10] & 7) + 1)
      guard size <= file.count - position else { return (blocks, position) }
      blocks.append(Block(name: "GCT", range: position..<position + size))
      position += size
    }
    while position < file.count, let block = block(at: position, file) {
      blocks.append(block)
      position = block.range.upperBound
      if block.name == "3B" { break }
    }
    return (blocks, position)
  }

  private static func block(at start: Int, _ file: [UInt8]) -> Block? {
    switch file[start] {
    case 0x3B: return Block(name: "3B", range: start..<start + 1)
    case 0x21:
      guard start + 2 < file.count, let end = subBlocksEnd(from: start + 2, file) else { return nil }
      let label = file[start + 1]
      let isApplication = label == 0xFF && file[start + 2] == 11 && end - start > 14
      return Block(
        name: "21" + hexByte(label), range: start..<end,
        application: isApplication ? file[start + 3..<end] : nil)
    case 0x2C:
      guard start + 10 <= file.count else { return nil }
      var data = start + 10
      let flags = file[start + 9]
      if flags & 0x80 != 0 { data += 3 << (Int(flags & 7) + 1) }
      guard data + 1 < file.count, let end = subBlocksEnd(from: data + 1, file) else { return nil }
      return Block(name: "2C", range: start..<end)
    default: return nil
    }
  }

  /// The index after a chain of sub-blocks and its terminator.
  private static func subBlocksEnd(from start: Int, _ file: [UInt8]) -> Int? {
    var position = start
    while position < file.count {
      let size = Int(file[position])
      position += 1 + size
      if size == 0 { return position }
    }
    return nil
  }

  private static func hexByte(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16, uppercase: true)
    return text.count == 1 ? "0" + text : text
  }

  static func locate(in file: [UInt8], _ layout: inout AssetLayout) {
    for block in blocks(of: file).blocks {
      guard let application = block.application, application.starts(with: identifier) else { continue }
      var store: [UInt8] = []
      var position = application.startIndex + identifier.count
      while position < application.endIndex, application[position] > 0 {
        let size = Int(application[position])
        store += application[position + 1..<position + 1 + size]
        position += 1 + size
      }
      layout.stores.append(.init(bytes: store[...], container: block.range))
    }
  }

  static func boxes(of file: [UInt8]) -> [NamedBox] {
    let (blocks, end) = blocks(of: file)
    var boxes: [NamedBox] = []
    for block in blocks {
      let isStore = block.application?.starts(with: identifier) == true
      // An image is three boxes: descriptor, colour table, data.
      if block.name == "2C" {
        boxes += imageBoxes(block.range, file)
      } else {
        boxes.append(NamedBox(name: isStore ? NamedBox.store : block.name, range: block.range))
      }
    }
    if end < file.count { boxes.append(NamedBox(name: NamedBox.stray, range: end..<file.count)) }
    return boxes
  }

  /// Comments and XMP hold no pixels and change none.
  static func metadata(of file: [UInt8]) -> [NamedBox] {
    blocks(of: file).blocks.filter { block in
      block.name == "21FE" || block.application?.starts(with: "XMP DataXMP".utf8) == true
    }.map { NamedBox(name: $0.name, range: $0.range) }
  }

  private static func imageBoxes(_ range: Range<Int>, _ file: [UInt8]) -> [NamedBox] {
    let descriptorEnd = range.lowerBound + 10
    let flags = file[descriptorEnd - 1]
    let tableEnd = descriptorEnd + (flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1))
    var boxes = [NamedBox(name: "2C", range: range.lowerBound..<descriptorEnd)]
    if tableEnd > descriptorEnd { boxes.append(NamedBox(name: "LCT", range: descriptorEnd..<tableEnd)) }
    boxes.append(NamedBox(name: "TBID", range: tableEnd..<range.upperBound))
    return boxes
  }
}
