import ImageFormats

/// JPEG XL in its container form: the store is a top-level `jumb` box (C2PA 2.3 A.3.9).
package enum JXLLayout {
  package static let signature: [UInt8] = [
    0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20, 0x0D, 0x0A, 0x87, 0x0A,
  ]

  static func locate(in file: [UInt8], _ layout: inout AssetLayout) {
    for box in BMFFLayout.topLevel(of: file) where box.type == "jumb" && StoreHead.opens(file[box.range]) {
      layout.stores.append(.init(bytes: file[box.range], container: box.range))
    }
    if layout.stores.isEmpty { locateInSource(file, &layout) }
  }

  /// The store of the JPEG that the file was made from without loss: it is that file's, and bound to its bytes.
  private static func locateInSource(_ file: [UInt8], _ layout: inout AssetLayout) {
    guard let box = BMFFLayout.topLevel(of: file).first(where: { $0.type == "jbrd" }) else { return }
    do throws(JPEGWithin.Unread) {
      let head = try JPEGWithin(file[box.payload]).head
      var source = AssetLayout(of: head)
      source.stores = source.stores.map { store in
        var store = store
        store.container = box.range
        store.place = "the JPEG that it was made from (jbrd at byte \(box.range.lowerBound))"
        return store
      }
      layout.stores = source.stores
      layout.source = source.stores.isEmpty ? nil : .signed
    } catch {
      layout.source = .unread(error.words)
    }
  }

  /// Every box under its type, boxes of JUMBF under the store's name, as c2pa-rs names them.
  static func boxes(of file: [UInt8]) -> [NamedBox] {
    let found = BMFFLayout.topLevel(of: file)
    var boxes = found.map {
      NamedBox(name: $0.type == "jumb" ? NamedBox.store : $0.type.description, range: $0.range)
    }
    let end = found.last?.range.upperBound ?? 0
    if end < file.count { boxes.append(NamedBox(name: NamedBox.stray, range: end..<file.count)) }
    return boxes
  }

  /// Boxes that hold no pixels and change none.
  static func metadata(of file: [UInt8]) -> [NamedBox] {
    BMFFLayout.topLevel(of: file).filter { $0.type == "Exif" || $0.type == "xml " }
      .map { NamedBox(name: $0.type.description, range: $0.range) }
  }
}
