/// PNG: the store is the data of a `caBX` chunk (C2PA 2.2 A.3.2).
package enum PNGLayout {
  package static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  package static let storeChunk: FourCC = "caBX"

  package struct Chunk {
    package var type: FourCC
    /// Length, type, data and checksum.
    package var range: Range<Int>
    package var data: Range<Int> { range.lowerBound + 8..<range.upperBound - 4 }
  }

  /// The chunks up to the end of the file or the first that does not fit.
  package static func chunks(of file: [UInt8]) -> (chunks: [Chunk], end: Int) {
    var chunks: [Chunk] = []
    var position = signature.count
    while let length = file.bigEndian(4, at: position), let type = file.bigEndian(4, at: position + 4),
      length <= file.count - position - 12
    {
      let chunk = Chunk(type: FourCC(UInt32(type)), range: position..<position + 12 + length)
      chunks.append(chunk)
      position = chunk.range.upperBound
      if chunk.type == "IEND" { break }
    }
    return (chunks, position)
  }

  static func locate(in file: [UInt8], _ layout: inout AssetLayout) {
    for chunk in chunks(of: file).chunks where chunk.type == storeChunk {
      layout.stores.append(.init(bytes: file[chunk.data], container: chunk.range))
    }
  }

  static func boxes(of file: [UInt8]) -> [NamedBox] {
    let (chunks, end) = chunks(of: file)
    var boxes = [NamedBox(name: "PNGh", range: 0..<min(signature.count, file.count))]
    boxes += chunks.map {
      NamedBox(name: $0.type == storeChunk ? NamedBox.store : $0.type.description, range: $0.range)
    }
    if end < file.count { boxes.append(NamedBox(name: NamedBox.stray, range: end..<file.count)) }
    return boxes
  }
}
