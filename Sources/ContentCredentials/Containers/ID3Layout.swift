import ImageFormats

/// Sound with an ID3 tag in front (MP3, also FLAC): the store is the object of a `GEOB` frame (C2PA 2.2 A.3.9).
///
/// Source: ID3 tag version 2.4.0, structure and native frames
enum ID3Layout {
  /// Media types under which writers keep the store.
  private static let mediaTypes = ["application/c2pa", "application/x-c2pa-manifest-store"]

  static func locate(in file: [UInt8], _ layout: inout AssetLayout) {
    for range in objects(of: file) {
      layout.stores.append(.init(bytes: file[range], container: range))
    }
  }

  /// Where the stores lie: frames of the tag at the file's start, up to damage.
  private static func objects(of file: [UInt8]) -> [Range<Int>] {
    guard file.count >= 10, let size = synchsafe(file, at: 6) else { return [] }
    let (version, flags) = (file[3], file[5])
    // Unsynchronised tags hold other bytes than the store's; versions up to 2.2 have frames of another form.
    guard (3...4).contains(version), flags & 0x80 == 0 else { return [] }
    let end = min(10 + size, file.count)
    var position = 10
    if flags & 0x40 != 0 {
      guard let extended = version == 4 ? synchsafe(file, at: 10) : file.bigEndian(4, at: 10).map({ $0 + 4 })
      else { return [] }
      position += extended
    }
    var objects: [Range<Int>] = []
    while position + 10 <= end, file[position] != 0,
      let length = version == 4 ? synchsafe(file, at: position + 4) : file.bigEndian(4, at: position + 4),
      length > 0, length <= end - position - 10
    {
      let body = position + 10..<position + 10 + length
      // Compressed, encrypted or unsynchronised frames hold other bytes too.
      let isPlain = file[position + 9] == 0
      if isPlain, file[position..<position + 4].elementsEqual("GEOB".utf8),
        let object = object(in: body, file)
      {
        objects.append(object)
      }
      position = body.upperBound
    }
    return objects
  }

  /// The object of a `GEOB` frame whose type is that of stores: encoding, type, name and description stand before it.
  private static func object(in body: Range<Int>, _ file: [UInt8]) -> Range<Int>? {
    let isWide = file[body.lowerBound] == 1 || file[body.lowerBound] == 2
    guard let typeEnd = file.firstIndex(of: 0, in: body.lowerBound + 1..<body.upperBound) else { return nil }
    let type = String(decoding: file[body.lowerBound + 1..<typeEnd], as: UTF8.self).lowercased()
    guard mediaTypes.contains(type) else { return nil }
    var position = typeEnd + 1
    for _ in 0..<2 {
      guard let end = textEnd(from: position, in: body, isWide: isWide, file) else { return nil }
      position = end
    }
    return position < body.upperBound ? position..<body.upperBound : nil
  }

  /// Behind the end of a text.
  private static func textEnd(from start: Int, in body: Range<Int>, isWide: Bool, _ file: [UInt8]) -> Int? {
    guard isWide else { return file.firstIndex(of: 0, in: start..<body.upperBound).map { $0 + 1 } }
    var position = start
    while position + 1 < body.upperBound {
      if file[position] == 0, file[position + 1] == 0 { return position + 2 }
      position += 2
    }
    return nil
  }

  /// A number of four bytes with seven bits each; nil where one has its highest bit.
  private static func synchsafe(_ file: [UInt8], at offset: Int) -> Int? {
    guard offset + 4 <= file.count else { return nil }
    let bytes = file[offset..<offset + 4]
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
    return bytes.reduce(0) { $0 << 7 | Int($1) }
  }
}
