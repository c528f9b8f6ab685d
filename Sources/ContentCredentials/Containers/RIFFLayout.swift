/// RIFF (WebP, WAV, AVI): the store is a `C2PA` chunk at the end (C2PA 2.2 A.3.6).
package enum RIFFLayout {
  package static let storeChunk: FourCC = "C2PA"

  package struct Chunk {
    package var type: FourCC
    /// Header, data and the padding byte after odd data.
    package var range: Range<Int>
    package var data: Range<Int>
  }

  package static func chunks(of file: [UInt8]) -> (chunks: [Chunk], end: Int) {
    var chunks: [Chunk] = []
    var position = 12
    while let type = file.bigEndian(4, at: position), let length = file.littleEndian(4, at: position + 4),
      length <= file.count - position - 8
    {
      let data = position + 8..<position + 8 + length
      let end = min(data.upperBound + length % 2, file.count)
      chunks.append(Chunk(type: FourCC(UInt32(type)), range: position..<end, data: data))
      position = end
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
    let form = file.bigEndian(4, at: 8).map { FourCC(UInt32($0)).description } ?? NamedBox.stray
    var boxes = [NamedBox(name: form, range: 0..<min(12, file.count))]
    boxes += chunks.map { NamedBox(name: $0.type.description, range: $0.range) }
    if end < file.count { boxes.append(NamedBox(name: NamedBox.stray, range: end..<file.count)) }
    return boxes
  }

  /// Chunks that hold no pixels and change none.
  static func metadata(of file: [UInt8]) -> [NamedBox] {
    chunks(of: file).chunks.filter { $0.type == "EXIF" || $0.type == "XMP " }
      .map { NamedBox(name: $0.type.description, range: $0.range) }
  }
}
