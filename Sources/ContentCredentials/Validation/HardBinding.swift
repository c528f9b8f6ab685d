/// Whether an asset's bytes are those that a manifest was made for.
///
/// Source: C2PA 2.2 §15.12, §18.5–18.7.
struct HardBinding {
  let file: [UInt8]
  let layout: AssetLayout
  /// The store's place; empty when the store came beside the file.
  let store: Range<Int>?
  let algorithm: String?
  /// Whether update manifests stand above the bound one: the store has grown since the file was bound.
  var isUpdated = false

  struct Verdict {
    var code: StatusCode
    var label: String
    var explanation: String
    var isBound: Bool?
    /// Whether only the form of the binding is wrong: the bytes that it covers are those that were signed.
    var isBoundOtherwise = false
    var unbound: [UnboundRange] = []
    var notices: [StatusCode] = []
  }

  /// Ranges that the binding leaves out, each with what it holds as the file is now.
  private func described(_ ranges: [Range<Int>]) -> [UnboundRange] {
    guard !ranges.isEmpty else { return [] }
    let metadata = layout.metadata(of: file).sorted { $0.range.lowerBound < $1.range.lowerBound }
    return ranges.filter { !$0.isEmpty }.map { range in
      var position = range.lowerBound
      var names: [String] = []
      for part in metadata where part.range.contains(position) && position < range.upperBound {
        position = part.range.upperBound
        if names.last != part.name { names.append(part.name) }
      }
      let isCovered = position >= range.upperBound
      return UnboundRange(bytes: range, parts: isCovered ? names : [])
    }
  }

  func check(_ assertion: Manifest.Assertion) -> Verdict {
    let value = assertion.value ?? .null
    if assertion.kind == "c2pa.hash.data" { return dataHash(value, assertion.label) }
    if assertion.kind == "c2pa.hash.boxes" { return boxHash(value, assertion.label) }
    return bmffHash(value, assertion.label)
  }

  private func hasher(_ value: CBOR) -> HashAlgorithm? {
    HashAlgorithm(rawValue: value["alg"]?.text ?? algorithm ?? "")
  }

  /// The hash of ranges of the file, one behind the other.
  private func digest(of ranges: [Range<Int>], _ algorithm: HashAlgorithm) -> [UInt8] {
    var running = HashAlgorithm.Hasher(algorithm)
    for range in ranges { running.update(file[range]) }
    return running.finalize()
  }

  // MARK: hash.data

  private func dataHash(_ value: CBOR, _ label: String) -> Verdict {
    func verdict(_ code: String, _ text: String) -> Verdict {
      Verdict(code: .failure("assertion.dataHash.\(code)"), label: label, explanation: text, isBound: false)
    }
    guard let algorithm = hasher(value) else {
      return Verdict(
        code: .algorithmUnsupported, label: label, explanation: "no allowed hash algorithm is named")
    }
    guard let expected = value["hash"]?.bytes else {
      return verdict("malformed", "the data hash has no hash")
    }
    var exclusions: [Range<Int>] = []
    for item in value["exclusions"]?.array ?? [] {
      guard let start = item["start"]?.int, let length = item["length"]?.int, start >= 0, length >= 0 else {
        return verdict("malformed", "an excluded range is no range")
      }
      guard start <= file.count, length <= Int(Int32.max) else {
        return verdict("mismatch", "an excluded range lies past the end of the file")
      }
      exclusions.append(start..<start + length)
    }
    exclusions.sort { $0.lowerBound < $1.lowerBound }
    if isUpdated { exclusions = grown(exclusions) }
    guard exclusions.allSatisfy({ $0.upperBound <= file.count }) else {
      return verdict("mismatch", "an excluded range lies past the end of the file")
    }
    guard zip(exclusions, exclusions.dropFirst()).allSatisfy({ $0.upperBound <= $1.lowerBound }) else {
      return verdict("malformed", "excluded ranges overlap")
    }
    let starts = [0] + exclusions.map(\.upperBound)
    let ends = exclusions.map(\.lowerBound) + [file.count]
    let isSame = digest(of: zip(starts, ends).map { $0..<$1 }, algorithm).elementsEqual(expected)
    var unbound: [Range<Int>] = []
    let references = layout.stores.first?.references ?? []
    for range in exclusions where !range.isEmpty {
      guard let store, range.overlaps(store) else {
        // That a store's length is left out with the store leaves nothing of the picture unbound.
        if store == nil || !references.contains(range) { unbound.append(range) }
        continue
      }
      guard range.lowerBound >= store.lowerBound, range.upperBound <= store.upperBound else {
        var wide = verdict("mismatch", "the range excluded for the store covers more than the store")
        wide.isBoundOtherwise = isSame
        return wide
      }
    }
    guard isSame else {
      return verdict("mismatch", "the file's bytes are not those that were signed")
    }
    return Verdict(
      code: .success("assertion.dataHash.match"), label: label, explanation: "the file's bytes match",
      isBound: true, unbound: described(unbound),
      notices: unbound.isEmpty ? [] : [.informational("assertion.dataHash.additionalExclusionsPresent")])
  }

  /// The ranges as they lie now: that of the store as large as the store is, those behind it moved by the growth.
  ///
  /// An update manifest is added without binding the file again (C2PA 2.2 §11.2.1); only the range that begins where
  /// the store begins and is not larger than it is taken for the store's.
  private func grown(_ exclusions: [Range<Int>]) -> [Range<Int>] {
    guard let store, let own = exclusions.first(where: { $0.lowerBound == store.lowerBound }),
      own.count <= store.count
    else { return exclusions }
    let growth = store.count - own.count
    return exclusions.map { range in
      if range == own { return store }
      guard range.lowerBound >= own.upperBound, range.upperBound <= file.count - growth else { return range }
      return range.lowerBound + growth..<range.upperBound + growth
    }
  }

  // MARK: hash.boxes

  private func boxHash(_ value: CBOR, _ label: String) -> Verdict {
    func verdict(_ code: String, _ text: String) -> Verdict {
      Verdict(code: .failure("assertion.boxesHash.\(code)"), label: label, explanation: text, isBound: false)
    }
    guard let entries = value["boxes"]?.array, let boxes = layout.boxes(of: file) else {
      return verdict("malformed", "there are no boxes to compare")
    }
    var next = 0
    var unbound: [Range<Int>] = []
    for entry in entries {
      guard let names = entry["names"]?.array?.compactMap(\.text), let first = names.first else {
        return verdict("malformed", "an entry names no box")
      }
      let begin = next
      for name in names {
        guard next < boxes.count, boxes[next].name == name else {
          return verdict("mismatch", "the box \(name) is not where it was")
        }
        next += 1
      }
      if first == NamedBox.store { continue }
      let range = boxes[begin].range.lowerBound..<boxes[next - 1].range.upperBound
      guard let holes = Self.holes(entry, boxes[begin..<next]) else {
        return verdict("malformed", "an excluded range of the box \(first) is no range in it")
      }
      if entry["excluded"]?.bool == true {
        unbound.append(range)
        continue
      }
      guard
        let algorithm = HashAlgorithm(
          rawValue: entry["alg"]?.text ?? value["alg"]?.text ?? self.algorithm ?? "")
      else {
        return Verdict(
          code: .algorithmUnsupported, label: label, explanation: "no allowed hash algorithm is named")
      }
      unbound += holes
      let starts = [range.lowerBound] + holes.map(\.upperBound)
      let ends = holes.map(\.lowerBound) + [range.upperBound]
      guard let hash = entry["hash"]?.bytes,
        digest(of: zip(starts, ends).map { $0..<$1 }, algorithm).elementsEqual(hash)
      else { return verdict("mismatch", "the box \(first) is not the one that was signed") }
    }
    guard next == boxes.count else { return verdict("unknownBox", "the file has a box that was not signed") }
    return Verdict(
      code: .success("assertion.boxesHash.match"), label: label, explanation: "the file's boxes match",
      isBound: true, unbound: described(unbound),
      notices: unbound.isEmpty ? [] : [.informational("assertion.boxesHash.additionalExclusionsPresent")])
  }

  /// The ranges that an entry leaves out of its boxes, ascending and apart; nil where one lies outside.
  ///
  /// Source: C2PA 2.3 §18.7, exclusions
  private static func holes(_ entry: CBOR, _ boxes: ArraySlice<NamedBox>) -> [Range<Int>]? {
    var holes: [Range<Int>] = []
    for item in entry["exclusions"]?.array ?? [] {
      let index = item["boxIndex"]?.int ?? 0
      guard let start = item["start"]?.int, let length = item["length"]?.int, index >= 0, index < boxes.count
      else { return nil }
      let box = boxes[boxes.startIndex + index].range
      guard start >= 0, start <= box.count, length >= 0, length <= box.count - start else { return nil }
      holes.append(box.lowerBound + start..<box.lowerBound + start + length)
    }
    holes.sort { $0.lowerBound < $1.lowerBound }
    let isApart = zip(holes, holes.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }
    return isApart ? holes : nil
  }

  // MARK: hash.bmff

  private func bmffHash(_ value: CBOR, _ label: String) -> Verdict {
    func verdict(_ code: String, _ text: String) -> Verdict {
      Verdict(code: .failure("assertion.bmffHash.\(code)"), label: label, explanation: text, isBound: false)
    }
    guard let algorithm = hasher(value) else {
      return Verdict(
        code: .algorithmUnsupported, label: label, explanation: "no allowed hash algorithm is named")
    }
    guard let rules = value["exclusions"]?.array, let boxes = BMFFLayout.boxes(of: file) else {
      return verdict("malformed", "the binding or the file's boxes cannot be read")
    }
    let maps = value["merkle"]?.array ?? []
    guard let expected = value["hash"]?.bytes else {
      return maps.isEmpty
        ? verdict("malformed", "the binding has no hash")
        : Verdict(
          code: .generalError, label: label,
          explanation:
            "only the store was judged: a film in fragments is not compared with it")
    }
    if !maps.isEmpty, let fault = merkleFault(maps, boxes, algorithm) {
      return verdict(fault.code, fault.text)
    }
    var excluded: [Range<Int>] = []
    var unbound: [Range<Int>] = []
    for rule in rules {
      guard let path = rule["xpath"]?.text else { return verdict("malformed", "an exclusion has no path") }
      for box in Self.boxes(boxes, at: path) where matches(box, rule) {
        let isStore = box.type == "uuid" && file[box.payload].starts(with: BMFFLayout.storeUUID)
        // The standard leaves these out itself.
        let isExpected = isStore || ["/ftyp", "/mfra"].contains(path)
        guard let subsets = rule["subset"]?.array else {
          excluded.append(box.range)
          if !isExpected { unbound.append(box.range) }
          continue
        }
        for subset in subsets {
          guard let offset = subset["offset"]?.int, let length = subset["length"]?.int, offset >= 0,
            length >= 0
          else { return verdict("malformed", "a subset is no range") }
          let start = min(offset, box.range.count)
          // A length of zero reaches to the end of the box.
          let end = length == 0 ? box.range.count : start + min(length, box.range.count - start)
          excluded.append(box.range.lowerBound + start..<box.range.lowerBound + end)
          if !isExpected { unbound.append(box.range.lowerBound + start..<box.range.lowerBound + end) }
        }
      }
    }
    excluded.sort { $0.lowerBound < $1.lowerBound }
    var running = HashAlgorithm.Hasher(algorithm)
    for box in boxes {
      if excluded.contains(where: {
        $0.lowerBound <= box.range.lowerBound && $0.upperBound >= box.range.upperBound
      }) {
        continue
      }
      // From version 2 on, each top-level box is hashed behind its offset, so that boxes cannot be moved.
      if label.hasPrefix("c2pa.hash.bmff.v") {
        var offset: [UInt8] = []
        offset.appendBigEndian(UInt64(box.range.lowerBound))
        running.update(offset[...])
      }
      var position = box.range.lowerBound
      for range in excluded where range.overlaps(box.range) {
        if range.lowerBound > position { running.update(file[position..<range.lowerBound]) }
        position = max(position, range.upperBound)
      }
      if position < box.range.upperBound { running.update(file[position..<box.range.upperBound]) }
    }
    guard running.finalize().elementsEqual(expected) else {
      return verdict("mismatch", "the file's boxes are not those that were signed")
    }
    return Verdict(
      code: .success("assertion.bmffHash.match"), label: label, explanation: "the file's boxes match",
      isBound: true, unbound: described(unbound),
      notices: unbound.isEmpty ? [] : [.informational("assertion.bmffHash.additionalExclusionsPresent")])
  }

  /// The boxes of a path such as `/moov/trak[2]/mdia`.
  private static func boxes(_ top: [BMFFLayout.Box], at path: String) -> [BMFFLayout.Box] {
    var level = top
    var found: [BMFFLayout.Box] = []
    for part in path.split(separator: "/").prefix(12) {
      let pieces = part.split(separator: "[")
      let name = FourCC(stringLiteral: String(pieces.first ?? ""))
      found = level.filter { $0.type == name }
      if pieces.count > 1, let index = Int(pieces[1].dropLast()) {
        found = index >= 1 && index <= found.count ? [found[index - 1]] : []
      }
      level = found.flatMap(\.children)
    }
    return found
  }

  /// The conditions that an exclusion puts on a box besides its path.
  private func matches(_ box: BMFFLayout.Box, _ rule: CBOR) -> Bool {
    if let length = rule["length"]?.int, length != box.range.count { return false }
    if let version = rule["version"]?.int, file[box.payload].first.map(Int.init) != version { return false }
    if let flags = rule["flags"]?.bytes {
      let actual = file[box.payload].dropFirst().prefix(3)
      let isExact = rule["exact"]?.bool ?? true
      let isMet = isExact ? actual.elementsEqual(flags) : zip(actual, flags).allSatisfy { $0 & $1 == $1 }
      guard actual.count == 3, isMet else { return false }
    }
    for item in rule["data"]?.array ?? [] {
      guard let offset = item["offset"]?.int, let value = item["value"]?.bytes, offset >= 0,
        offset <= box.range.count,
        file[(box.range.lowerBound + offset)..<box.range.upperBound].starts(with: value)
      else { return false }
    }
    return true
  }
}
