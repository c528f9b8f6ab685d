/// JPEG XL: the store is a top-level `jumb` box whose description is of type `c2pa` (C2PA 2.3 A.3).
enum JXLLayout {
  static func locate(in file: [UInt8], _ layout: inout AssetLayout) {
    for box in BMFFLayout.topLevel(of: file) where box.type == "jumb" {
      // Other superboxes hold other things, such as 360° metadata.
      guard file.count >= box.payload.lowerBound + 12,
        file[(box.payload.lowerBound + 4)..<(box.payload.lowerBound + 12)].elementsEqual("jumdc2pa".utf8)
      else { continue }
      layout.stores.append(.init(bytes: file[box.range], container: box.range))
    }
  }
}
