import ImageFormats

/// Whether a file ends before what its structure announces, and what that means for the store in it.
enum FileEnding {
  /// The part that the file's end cuts off, empty where a part is missing altogether; nil for a file that is whole as far as
  /// can be known. Pictures are walked once, whoever asks.
  static func cut(of file: ImageFile, _ container: AssetLayout.Container) -> Range<Int>? {
    if let map = try? file.container() { return map.cut }
    return start(of: file.bytes, container).map { min($0, file.bytes.count)..<file.bytes.count }
  }

  /// Whether missing bytes may have held a store.
  static func mayLackStore(_ file: ImageFile, _ container: AssetLayout.Container) -> Bool {
    if let map = try? file.container() { return map.mayLackMetadata }
    return cut(of: file, container) != nil
  }

  // MARK: Films, sounds, documents

  /// Where the part begins that is not whole, in files of which no picture's reader makes a map.
  private static func start(of file: [UInt8], _ container: AssetLayout.Container) -> Int? {
    switch container {
    case .riff: riffStart(file)
    case .bmff, .jxl: boxStart(file)
    case .id3: id3Start(file)
    case .pdf: pdfStart(file)
    case .tiff: file.count < 16 ? 0 : nil
    case .jpeg: file.count < 3 ? 0 : nil
    case .png, .gif: nil
    case .unknown: isBeginning(file) ? 0 : nil
    case .sidecar: nil
    }
  }

  /// Sizes that streams leave open, as they cannot be known before the end.
  private static let openSizes: Set<Int> = [0, 0xFFFF_FFFF]

  private static func riffStart(_ file: [UInt8]) -> Int? {
    guard let size = file.littleEndian(4, at: 4), !openSizes.contains(size), size + 8 > file.count else {
      return nil
    }
    let (chunks, end) = RIFFLayout.chunks(of: file)
    // A lone byte that is missing pads the last chunk, and some writers leave it out.
    let isPadding = size + 7 == file.count && end == file.count && (chunks.last?.data.count ?? 0) & 1 == 1
    return isPadding ? nil : end
  }

  private static func boxStart(_ file: [UInt8]) -> Int? {
    let boxes = BMFFLayout.topLevel(of: file)
    let end = boxes.last?.range.upperBound ?? 0
    let rest = file.count - end
    guard rest > 0 else {
      // Without one of these nothing is described that could be shown or played.
      let isDescribed = boxes.contains { ["moov", "moof", "meta", "jxlc", "jxlp"].contains($0.type) }
      return isDescribed ? nil : end
    }
    guard rest >= 8, let short = file.bigEndian(4, at: end) else { return end }
    if short == 1, rest < 16 { return end }
    let length = short == 1 ? file.bigEndian(8, at: end + 8) ?? 0 : short
    // Bytes that are no box may follow the last one.
    let isNamed = file[end + 4..<end + 8].allSatisfy { (0x20...0x7E).contains($0) || $0 == 0xA9 }
    return isNamed && length > rest ? end : nil
  }

  /// What is behind the tag is sound, of which nobody knows how long it was.
  private static func id3Start(_ file: [UInt8]) -> Int? {
    guard file.count >= 10 else { return 0 }
    let bytes = file[6..<10]
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
    return 10 + bytes.reduce(0) { $0 << 7 | Int($1) } > file.count ? 0 : nil
  }

  /// A document ends with a mark, and one for the network says in its beginning how long it is.
  private static func pdfStart(_ file: [UInt8]) -> Int? {
    guard file.firstIndex(of: "%%EOF", in: max(0, file.count - 4096)..<file.count) != nil else {
      return file.count
    }
    let head = 0..<min(1024, file.count)
    guard let place = file.firstIndex(of: "/Linearized", in: head),
      let length = file.firstIndex(of: "/L ", in: place..<head.upperBound)
    else { return nil }
    let digits = file[(length + 3)..<head.upperBound].drop { $0 == 0x20 }.prefix {
      (0x30...0x39).contains($0)
    }
    guard let announced = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
    return announced > file.count ? file.count : nil
  }

  /// Whether all that is there begins a kind of file that can carry a store.
  private static func isBeginning(_ file: [UInt8]) -> Bool {
    let heads: [[UInt8]] =
      [PNGLayout.signature, JXLLayout.signature, [0xFF, 0xD8, 0xFF]]
      + ["RIFF", "GIF89a", "GIF87a", "II*\0", "MM\0*", "II+\0", "MM\0+", "ID3", "%PDF-"].map {
        Array($0.utf8)
      }
    if !file.isEmpty, heads.contains(where: { $0.starts(with: file) }) { return true }
    guard file.count < 12 else { return false }
    // The length of a first box.
    if file.count < 8, file.first == 0 { return true }
    return file.starts(with: Array("RIFF".utf8))
      || file.count > 4 && Array("ftyp".utf8).starts(with: file.dropFirst(4).prefix(4))
  }

  // MARK: Stores

  /// Whether a store lacks bytes because the file ends, in contrast to one that was damaged.
  ///
  /// A damaged length may lead beyond the file as well. Then what it makes of the bytes in between tells: in a store that
  /// was cut off, box follows box up to the file's end, and the bytes that are missing are more than those that follow.
  static func cutsOff(
    _ store: AssetLayout.LocatedStore, of layout: AssetLayout, in file: [UInt8], at cut: Range<Int>
  ) -> Bool {
    let rest = file.count - store.container.upperBound
    let length = StoreHead.length(of: store.bytes)
    let missing = (length ?? 0) - store.bytes.count
    if missing <= 0, layout.faults.contains(where: \.isMissingUpdate) {
      return !holdsWholeStore(file, from: store.container.lowerBound + (length ?? 0))
    }
    // Stores of former states may lie in the file beside the one that the directory names.
    if layout.lacksDirectory, store.place != nil { return true }
    guard length != nil else { return rest == 0 }
    guard missing > 0 else {
      // A checksum, or the empty block that ends a chain, follows the store.
      let trailer = layout.container == .png ? 4 : layout.container == .gif ? 1 : 0
      return missing == 0 && store.place != nil && rest < trailer
    }
    guard store.container.upperBound >= cut.lowerBound else { return false }
    if layout.container == .jpeg {
      guard rest == 0 || isUnfinishedPiece(at: store.container.upperBound, missing, file) else {
        return false
      }
    } else {
      // A damaged length leaves out of the store what still follows it.
      guard rest == 0 else { return false }
    }
    return isChainOfManifests(store.bytes)
  }

  /// Whether a JPEG segment that goes on with a store begins here and does not end within the file.
  ///
  /// Marker, length, scheme, instance, number and the repeated head of the box take twenty bytes; the content is no longer than what
  /// the store lacks.
  private static func isUnfinishedPiece(at start: Int, _ missing: Int, _ file: [UInt8]) -> Bool {
    let marker: [UInt8] = [0xFF, 0xEB]
    guard marker.starts(with: file[start...].prefix(2)) else { return false }
    guard let length = file.bigEndian(2, at: start + 2) else { return true }
    return length - 18 <= missing && length > file.count - start - 2
  }

  /// The same of a store that came in a file of its own.
  static func cutsOff(sidecar store: ArraySlice<UInt8>) -> Bool {
    guard let length = StoreHead.length(of: store) else { return false }
    return length > store.count && isChainOfManifests(store)
  }

  /// Whether the content of a store is a description and superboxes up to the last byte, the last of them unfinished or
  /// missing.
  private static func isChainOfManifests(_ store: ArraySlice<UInt8>) -> Bool {
    var position = store.startIndex + (store.bigEndian(4, at: store.startIndex) == 1 ? 16 : 8)
    var expected = "jumd"
    while position + 8 <= store.endIndex {
      guard store[position + 4..<position + 8].elementsEqual(expected.utf8),
        let length = store.bigEndian(4, at: position), length >= 8
      else { return false }
      guard length <= store.endIndex - position else { return true }
      position += length
      expected = "jumb"
    }
    return true
  }

  private static func holdsWholeStore(_ file: [UInt8], from start: Int) -> Bool {
    guard start < file.count, let place = StoreHead.first(in: file, from: start) else { return false }
    return StoreHead.length(of: file[place...]).map { $0 <= file.count - place } ?? false
  }
}
