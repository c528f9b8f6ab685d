/// TIFF: the store is the data of tag 0xCD41, type UNDEFINED, in any of the chained directories
/// (C2PA 2.2 A.3.5; from 2.4 in IFD0 too).
package enum TIFFLayout {
  static let storeTag = 0xCD41
  /// XMP, IPTC and Photoshop's resources.
  private static let metadataTags: Set<Int> = [700, 33_723, 34_377]

  /// An entry of a directory.
  struct Entry {
    var tag: Int
    /// Where the entry begins.
    var offset: Int
    /// The field that counts the values; four bytes, eight in BigTIFF.
    var count: Range<Int>
    /// As many bytes as there are values, at their place; nil where they lie outside the file.
    var bytes: Range<Int>?
    /// Where they begin, in the file or beyond it.
    var start: Int
  }

  static func entries(of file: [UInt8]) -> [Entry] { directories(of: file).entries }

  /// The entries that matter, and whether a directory lies partly or wholly outside the file.
  private static func directories(of file: [UInt8]) -> (entries: [Entry], isCut: Bool) {
    let little = file[0] == 0x49
    let big = file.starts(with: little ? [0x49, 0x49, 0x2B] : [0x4D, 0x4D, 0x00, 0x2B])
    func integer(_ size: Int, at index: Int) -> Int? {
      little ? file.littleEndian(size, at: index) : file.bigEndian(size, at: index)
    }
    let word = big ? 8 : 4
    let entrySize = big ? 20 : 12
    var found: [Entry] = []
    var next = integer(word, at: big ? 8 : 4)
    var visited = Set<Int>()
    var isCut = next == nil
    while let directory = next, directory != 0, visited.insert(directory).inserted, visited.count <= 1024 {
      guard let count = integer(big ? 8 : 2, at: directory) else {
        isCut = true
        break
      }
      let entries = directory + (big ? 8 : 2)
      guard count <= (file.count - entries) / entrySize else {
        isCut = true
        break
      }
      for index in 0..<count {
        let entry = entries + index * entrySize
        guard let tag = integer(2, at: entry), tag == storeTag || metadataTags.contains(tag),
          let size = integer(word, at: entry + 4)
        else { continue }
        let valueField = entry + 4 + word
        let start = size <= word ? valueField : integer(word, at: valueField) ?? file.count
        let isInside = start >= 0 && start <= file.count && size <= file.count - start
        found.append(
          Entry(
            tag: tag, offset: entry, count: entry + 4..<valueField,
            bytes: isInside ? start..<start + size : nil, start: start))
      }
      next = integer(word, at: entries + count * entrySize)
    }
    return (found, isCut)
  }

  static func locate(in file: [UInt8], _ layout: inout AssetLayout) {
    let (entries, isCut) = directories(of: file)
    layout.lacksDirectory = isCut
    for entry in entries where entry.tag == storeTag {
      guard let bytes = entry.bytes else {
        layout.faults.append(
          MalformedStructure("C2PA data of the TIFF lies outside the file", at: entry.offset))
        // What there is of a store that the file's end cuts off; other stores may lie in the file, from before an update.
        if entry.start >= 0, entry.start < file.count, StoreHead.opens(file[entry.start...]) {
          layout.stores.append(.init(bytes: file[entry.start...], container: entry.start..<file.count))
        }
        continue
      }
      // c2pa-rs leaves the count out of the hash: it grows with the store.
      layout.stores.append(.init(bytes: file[bytes], container: bytes, references: [entry.count]))
    }
  }

  /// Values that hold no pixels and change none.
  static func metadata(of file: [UInt8]) -> [NamedBox] {
    entries(of: file).compactMap { entry in
      guard metadataTags.contains(entry.tag), let bytes = entry.bytes else { return nil }
      return NamedBox(name: "tag \(entry.tag)", range: bytes)
    }
  }
}
