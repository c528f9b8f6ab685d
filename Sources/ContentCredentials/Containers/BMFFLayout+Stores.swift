/// The `uuid` boxes of C2PA and the one store that they make.
///
/// Each has a purpose. `manifest` holds a whole store. An update splits it: the store that was there becomes
/// `original`, and the manifests that were added stand in an `update` box at the end; together they are the store.
/// `merkle` boxes hold proofs. The purpose lies outside every hash: a box with another one is damaged, not absent.
///
/// Source: C2PA 2.2 A.5.1
extension BMFFLayout {
  private enum Purpose: String { case manifest, original, update, merkle }

  static func locate(in file: [UInt8], _ layout: inout AssetLayout) {
    var found: [Purpose: [AssetLayout.LocatedStore]] = [:]
    var damaged: [AssetLayout.LocatedStore] = []
    var start: Int?
    for box in topLevel(of: file) where box.type == "uuid" && file[box.payload].starts(with: storeUUID) {
      start = start ?? box.range.lowerBound
      // UUID, version and flags, then the purpose ending in NUL and the offset of the Merkle boxes.
      let body = file[box.payload].dropFirst(20)
      let end = body.firstIndex(of: 0) ?? body.endIndex
      let purpose = Purpose(rawValue: String(decoding: body[..<end], as: UTF8.self))
      let content = body.endIndex - end > 9 ? body[(end + 9)...] : []
      if let purpose, purpose == .merkle || !content.isEmpty {
        found[purpose, default: []].append(.init(bytes: content, container: box.range))
      } else if let inner = StoreHead.first(in: Array(body)) {
        damaged.append(.init(bytes: body.dropFirst(inner), container: box.range))
      }
    }
    guard let start else { return }
    func fault(_ text: String) { layout.faults.append(MalformedStructure(text, at: start)) }

    let originals = found[.original] ?? []
    let updates = found[.update] ?? []
    layout.stores = found[.manifest] ?? []
    switch (originals.count, updates.count) {
    case (0, 0): break
    case (1, 1): layout.stores.append(joined(originals[0], updates[0]))
    default:
      // The statement is still shown; what is missing or double may have withdrawn it.
      layout.stores.append((originals + updates)[0])
      let lacksUpdate = updates.isEmpty && originals.count == 1
      fault(
        originals.isEmpty
          ? "the store's update stands without the original"
          : updates.isEmpty
            ? "the store's original stands without its update" : "the store has more than two parts")
      layout.faults[layout.faults.count - 1].isMissingUpdate = lacksUpdate
    }
    if layout.stores.isEmpty {
      fault("a C2PA box has no purpose that the standard knows")
      layout.stores = Array(damaged.prefix(1))
    }
  }

  /// The original's superbox with the update's manifests behind its own.
  private static func joined(
    _ original: AssetLayout.LocatedStore, _ update: AssetLayout.LocatedStore
  ) -> AssetLayout.LocatedStore {
    let (first, second) = (JUMBFParser.parse(original.bytes), JUMBFParser.parse(update.bytes))
    guard first.faults.isEmpty, let store = first.boxes.first, let added = second.boxes.first else {
      return original
    }
    // A damaged update is passed on whole, so that the parser of the joined store says what is wrong.
    let manifests =
      second.faults.isEmpty
      ? added.children.flatMap { update.bytes[$0.range] } : Array(update.bytes[added.payload])
    var joined = original
    joined.bytes = JUMBFWriter.box("jumb", original.bytes[store.payload] + manifests)[...]
    return joined
  }
}
