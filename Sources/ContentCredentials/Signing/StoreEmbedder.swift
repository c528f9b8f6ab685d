/// Puts a manifest store where its format keeps it; a store that was there goes.
enum StoreEmbedder {
  /// - Returns: the file and the range that the data hash leaves out.
  /// - Throws: ``CredentialError`` for formats other than PNG, JPEG and WebP, and for damaged files.
  static func embed(_ store: [UInt8], in file: [UInt8]) throws(CredentialError) -> ([UInt8], Range<Int>) {
    let file = try removingStores(from: file)
    switch AssetLayout.Container(of: file) {
    case .png:
      // Before IDAT, straight after IHDR (C2PA 2.5 A.3.2).
      guard let header = PNGLayout.chunks(of: file).chunks.first, header.type == "IHDR" else { throw damaged }
      let body = PNGLayout.storeChunk.bytes + store
      var chunk: [UInt8] = []
      chunk.appendBigEndian(UInt32(store.count))
      chunk += body
      chunk.appendBigEndian(crc32(body))
      return insert(chunk, in: file, at: header.range.upperBound)
    case .jpeg:
      let segments = JPEGLayout.segments(of: file, headOnly: true).segments
      let application = segments.dropFirst().prefix { $0.marker == 0xE0 }
      return insert(jpegSegments(store), in: file, at: application.last?.range.upperBound ?? 2)
    case .riff:
      var result = file
      if result.count % 2 == 1 { result.append(0) }
      let start = result.count
      result += RIFFLayout.storeChunk.bytes
      result += littleEndian(store.count)
      result += store
      if store.count % 2 == 1 { result.append(0) }
      result.replaceSubrange(4..<8, with: littleEndian(result.count - 8))
      // The padding byte is no part of the chunk: c2pa-rs hashes it.
      return (result, start..<start + 8 + store.count)
    default:
      throw CredentialError(
        "sign.format", "this format cannot be signed", remedy: "sign a PNG, JPEG or WebP file")
    }
  }

  private static let damaged = CredentialError(
    "sign.damaged", "the file's structure is damaged", remedy: "write the picture anew and sign that")

  private static func removingStores(from file: [UInt8]) throws(CredentialError) -> [UInt8] {
    var file = file
    // A store elsewhere is a part of something else, such as an EXIF block, and stays.
    for store in AssetLayout(of: file).stores.reversed() where store.place == nil {
      file.removeSubrange(store.container)
    }
    if AssetLayout.Container(of: file) == .riff, file.count < Int(UInt32.max) {
      file.replaceSubrange(4..<8, with: littleEndian(file.count - 8))
    }
    return file
  }

  private static func insert(_ bytes: [UInt8], in file: [UInt8], at index: Int) -> ([UInt8], Range<Int>) {
    (file[..<index] + bytes + file[index...], index..<index + bytes.count)
  }

  /// APP11 segments of at most 64 000 payload bytes; each repeats the length and type of the box.
  private static func jpegSegments(_ store: [UInt8]) -> [UInt8] {
    let size = 64_000
    var output: [UInt8] = []
    var sequence: UInt32 = 1
    for start in stride(from: 8, to: max(store.count, 9), by: size) {
      let part = store[start..<min(start + size, store.count)]
      output += [0xFF, 0xEB]
      output.appendBigEndian(UInt16(part.count + 18))
      output += [0x4A, 0x50, 0x02, 0x11]
      output.appendBigEndian(sequence)
      output += store[..<8]
      output += part
      sequence += 1
    }
    return output
  }

  private static func littleEndian(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// CRC-32 of ISO 3309, as PNG uses it.
  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { crc, byte in
      var crc = crc ^ UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
      return crc
    }
  }
}
