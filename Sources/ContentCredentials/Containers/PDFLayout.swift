import ImageFormats

/// PDF: the store is an embedded file, a stream that a file specification calls `C2PA_Manifest` (C2PA 2.2 A.3.4).
///
/// Read is what lies open: a stream without a filter, and a specification outside of compressed objects. Where neither
/// can be seen the document counts as one that cannot be checked. Pictures in the document may carry stores of their
/// own, which are not the document's.
enum PDFLayout {
  static func locate(in file: [UInt8], _ layout: inout AssetLayout) {
    let stores = streams(of: file)
    guard !stores.isEmpty else { return }
    // What was added to a document later stands behind and counts: an update's store takes the place of the former.
    let named = stores.last { store in store.object.map { isManifest($0, file) } ?? false }
    guard let range = named?.range else { return }
    layout.stores.append(.init(bytes: file[range], container: range))
  }

  /// Streams that open a store, with the number of the object that each is.
  private static func streams(of file: [UInt8]) -> [(range: Range<Int>, object: Int?)] {
    var found: [(range: Range<Int>, object: Int?)] = []
    var position = 0
    while let start = StoreHead.first(in: file, from: position) {
      position = start + 1
      guard let head = streamHead(before: start, file) else { continue }
      let length = StoreHead.length(of: file[start...]) ?? file.count - start
      let end = start + min(max(length, 1), file.count - start)
      found.append((start..<end, object(of: head, file)))
      position = end
    }
    return found
  }

  /// Where the word `stream` stands that ends right before a byte; nil where it does not.
  private static func streamHead(before start: Int, _ file: [UInt8]) -> Int? {
    for lineEnd in ["stream\n", "stream\r\n", "stream\r"] {
      let head = start - lineEnd.utf8.count
      if head >= 0, file[head..<start].elementsEqual(lineEnd.utf8) { return head }
    }
    return nil
  }

  /// The number in `12 0 obj << … >>` in front of a stream.
  private static func object(of stream: Int, _ file: [UInt8]) -> Int? {
    let reach = max(0, stream - 2_048)..<stream
    var last: Int?
    var position = reach.lowerBound
    while let place = file.firstIndex(of: " obj", in: position..<reach.upperBound) {
      last = place
      position = place + 1
    }
    guard let last else { return nil }
    // The generation, then the number.
    let words = file[max(0, last - 24)..<last].split(whereSeparator: { !(0x30...0x39).contains($0) })
    guard words.count >= 2 else { return nil }
    return Int(String(decoding: words[words.count - 2], as: UTF8.self))
  }

  /// Whether a file specification of a manifest refers to an object.
  private static func isManifest(_ object: Int, _ file: [UInt8]) -> Bool {
    var position = 0
    while let place = file.firstIndex(of: "C2PA_Manifest", in: position..<file.count) {
      position = place + 1
      // The object's own text: from the last `obj` in front of it to its end.
      let from = max(0, place - 2_048)
      var begin = from
      while let next = file.firstIndex(of: " obj", in: begin..<place) { begin = next + 4 }
      let reach = place..<min(file.count, place + 2_048)
      let end = file.firstIndex(of: "endobj", in: reach) ?? reach.upperBound
      let text = String(decoding: file[begin..<end], as: UTF8.self)
      guard text.contains("AFRelationship") else { continue }
      let words = text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }).map(String.init)
      // `/EF << /F 4 0 R /UF 4 0 R >>`
      for index in words.indices.dropLast(3) where words[index] == "F" || words[index] == "UF" {
        if Int(words[index + 1]) == object, Int(words[index + 2]) != nil, words[index + 3] == "R" {
          return true
        }
      }
    }
    return false
  }
}
