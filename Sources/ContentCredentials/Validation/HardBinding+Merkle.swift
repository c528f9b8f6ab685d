extension HardBinding {
  /// Checks the Merkle maps of a BMFF hash: each covers the content of one `mdat` box.
  ///
  /// All of the media data are at hand, so the tree is built from its leaves up to the row that the map holds, and
  /// the proofs in the file's `uuid` boxes are not needed. Nodes are hashed in pairs; one without a partner moves up
  /// as it is.
  ///
  /// - Returns: what does not hold; nil when all maps match.
  ///
  /// Source: C2PA 2.2 §18.6.2
  func merkleFault(
    _ maps: [CBOR], _ boxes: [BMFFLayout.Box], _ algorithm: HashAlgorithm
  ) -> (code: String, text: String)? {
    let media = boxes.filter { $0.type == "mdat" }
    guard maps.count == media.count else { return ("mismatch", "not every media box has its Merkle tree") }
    for (index, map) in maps.enumerated() {
      guard let row = map["hashes"]?.array?.compactMap(\.bytes), !row.isEmpty,
        let count = map["count"]?.int, count > 0, count <= 1 << 20, row.count <= count
      else { return ("malformed", "a Merkle map lacks its row of hashes") }
      let place = map["localId"]?.int ?? index
      guard media.indices.contains(place) else { return ("malformed", "a Merkle map names no media box") }
      // The first 16 bytes of the box are hashed with the file's other bytes.
      let box = media[place]
      let content = min(box.range.lowerBound + 16, box.range.upperBound)..<box.range.upperBound
      guard let blocks = Self.blocks(of: content, map) else {
        return ("malformed", "a Merkle map does not divide its media box")
      }
      guard blocks.count == count else { return ("mismatch", "the media data have another number of blocks") }
      let own = map["alg"]?.text.flatMap { HashAlgorithm(rawValue: $0) } ?? algorithm
      var nodes = blocks.map { own.hash(file[$0]) }
      while nodes.count > row.count {
        nodes = stride(from: 0, to: nodes.count, by: 2).map { left in
          left + 1 < nodes.count ? own.hash(nodes[left] + nodes[left + 1]) : nodes[left]
        }
      }
      guard nodes.count == row.count, zip(nodes, row).allSatisfy({ $0.elementsEqual($1) }) else {
        return ("mismatch", "the media data are not those that were signed")
      }
    }
    return nil
  }

  /// The leaves: blocks of one size but for the last, blocks of given sizes, or the whole.
  private static func blocks(of content: Range<Int>, _ map: CBOR) -> [Range<Int>]? {
    var sizes: [Int] = []
    if let fixed = map["fixedBlockSize"]?.int {
      guard fixed > 0, content.count / fixed < 1 << 20 else { return nil }
      return stride(from: content.lowerBound, to: content.upperBound, by: fixed).map {
        $0..<min($0 + fixed, content.upperBound)
      }
    }
    if let variable = map["variableBlockSizes"]?.array {
      sizes = variable.compactMap(\.int)
      guard sizes.count == variable.count, sizes.allSatisfy({ $0 >= 0 && $0 <= content.count }) else {
        return nil
      }
    } else {
      sizes = [content.count]
    }
    var blocks: [Range<Int>] = []
    var position = content.lowerBound
    for size in sizes {
      guard size <= content.upperBound - position else { return nil }
      blocks.append(position..<position + size)
      position += size
    }
    return position == content.upperBound ? blocks : nil
  }
}
