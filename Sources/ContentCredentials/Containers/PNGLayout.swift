import ImageFormats

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

  /// Chunks that hold no pixels and change none.
  static func metadata(of file: [UInt8]) -> [NamedBox] {
    chunks(of: file).chunks.filter { ["eXIf", "tEXt", "zTXt", "iTXt", "tIME"].contains($0.type) }
      .map { NamedBox(name: $0.type.description, range: $0.range) }
  }

  /// The keyword and text of a text chunk, inflated within bounds; nil for other chunks and damaged texts.
  ///
  /// Source: PNG (Third Edition), W3C 2025, §11.3.3.
  static func text(
    of chunk: Chunk, in file: [UInt8], limit: Int, where isWanted: (String) -> Bool = { _ in true }
  ) -> (keyword: String, text: [UInt8])? {
    let data = file[chunk.data]
    guard ["tEXt", "zTXt", "iTXt"].contains(chunk.type), let end = data.prefix(80).firstIndex(of: 0) else {
      return nil
    }
    let keyword = String(decoding: data[..<end], as: UTF8.self)
    guard isWanted(keyword) else { return nil }
    var body = data[(end + 1)...]
    switch chunk.type {
    case "tEXt": return (keyword, Array(body.prefix(limit)))
    case "zTXt":
      guard body.popFirst() == 0 else { return nil }
      return (keyword, Inflate.inflate(body, limit: limit, keep: limit).content)
    default:
      guard let isCompressed = body.popFirst(), body.popFirst() != nil else { return nil }
      // A language and a translated keyword, each ended by a zero.
      for _ in 0..<2 {
        guard let end = body.firstIndex(of: 0) else { return nil }
        body = body[(end + 1)...]
      }
      return (
        keyword,
        isCompressed == 0
          ? Array(body.prefix(limit)) : Inflate.inflate(body, limit: limit, keep: limit).content
      )
    }
  }
}
