/// TIFF: the store is the data of tag 0xCD41, type UNDEFINED, in any of the chained directories
/// (C2PA 2.2 A.3.5; from 2.4 in IFD0 too).
package enum TIFFLayout {
  package static let storeTag = 0xCD41

  static func locate(in file: [UInt8], _ layout: inout AssetLayout) {
    let little = file[0] == 0x49
    let big = file.starts(with: little ? [0x49, 0x49, 0x2B] : [0x4D, 0x4D, 0x00, 0x2B])
    func integer(_ size: Int, at index: Int) -> Int? {
      little ? file.littleEndian(size, at: index) : file.bigEndian(size, at: index)
    }
    let word = big ? 8 : 4
    let entrySize = big ? 20 : 12
    var next = integer(word, at: big ? 8 : 4)
    var visited = Set<Int>()
    while let directory = next, directory != 0, visited.insert(directory).inserted, visited.count <= 1024 {
      guard let count = integer(big ? 8 : 2, at: directory) else { return }
      let entries = directory + (big ? 8 : 2)
      guard count <= (file.count - entries) / entrySize else { return }
      for index in 0..<count {
        let entry = entries + index * entrySize
        guard integer(2, at: entry) == storeTag, let size = integer(word, at: entry + 4) else { continue }
        let valueField = entry + 4 + word
        let start = size <= word ? valueField : integer(word, at: valueField) ?? file.count
        guard start >= 0, start <= file.count, size <= file.count - start else {
          layout.faults.append(MalformedStructure("C2PA data of the TIFF lies outside the file", at: entry))
          continue
        }
        layout.stores.append(.init(bytes: file[start..<start + size], container: start..<start + size))
      }
      next = integer(word, at: entries + count * entrySize)
    }
  }
}
