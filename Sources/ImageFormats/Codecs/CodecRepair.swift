/// Copies of valid files that installed libraries read where they refuse the file itself.
///
/// Nothing of the coded picture is changed; only what stands around it is written in the way that older
/// versions know.
enum CodecRepair {
  /// A copy that may be read where the file was refused; nil when there is nothing to change.
  static func copy(of file: ImageFile, format: ImageFormat) -> ImageFile? {
    switch format {
    case .avif, .heic: heif(file)
    case .webp: webp(file)
    case .png, .jpeg, .gif, .tiff, .jxl, .bmp: nil
    }
  }

  /// References of one target each, and a `meta` box that says how long it is.
  ///
  /// Since iOS 18, Exif and the gain map of an iPhone's pictures refer to two items, the primary one and the
  /// tone-mapped one; libheif before 1.18 takes that for an attack. The new `meta` box stands at the file's
  /// end, so that every offset stays right, and the old one is marked as free space.
  private static func heif(_ file: ImageFile) -> ImageFile? {
    guard let container = try? file.container(),
      let meta = container.segments.first(where: { $0.name == "meta" }), meta.length <= 64 << 20
    else { return nil }
    let bytes = file.bytes
    let references = HEIFReferences(bytes, meta)
    let primary = HEIFItems(bytes: bytes, meta: meta, limits: file.limits).primary
    var isChanged = false
    // Derived pictures have several sources by design.
    let single = references.references.map { reference in
      guard reference.to.count > 1, reference.type != "dimg", reference.type != "base" else {
        return reference
      }
      isChanged = true
      let target = reference.to.first { $0 == primary } ?? reference.to[0]
      return HEIFReferences.Reference(type: reference.type, from: reference.from, to: [target])
    }
    let hasLength = bytes.u32(meta.offset) != 0
    guard isChanged || !hasLength else { return nil }
    if !isChanged {
      var copy = bytes
      copy.replaceSubrange(meta.offset..<(meta.offset + 4), with: bigEndian(meta.length, 4))
      return file.replacing(copy)
    }
    let first = meta.children.first?.offset ?? meta.payload.upperBound
    var content = Array(bytes[meta.payload.lowerBound..<first])
    for child in meta.children {
      content +=
        child.name == "iref"
        ? box("iref", references: single, isWide: references.isWide) : Array(bytes[child.range])
    }
    var copy = bytes
    copy.replaceSubrange((meta.offset + 4)..<(meta.offset + 8), with: "free".utf8)
    if !hasLength { copy.replaceSubrange(meta.offset..<(meta.offset + 4), with: bigEndian(meta.length, 4)) }
    copy += bigEndian(content.count + 8, 4) + Array("meta".utf8) + content
    return file.replacing(copy)
  }

  private static func box(
    _ name: String, references: [HEIFReferences.Reference], isWide: Bool
  ) -> [UInt8] {
    let size = isWide ? 4 : 2
    var content: [UInt8] = [isWide ? 1 : 0, 0, 0, 0]
    for reference in references {
      content += bigEndian(8 + size + 2 + size * reference.to.count, 4) + Array(reference.type.utf8)
      content += bigEndian(reference.from, size) + bigEndian(reference.to.count, 2)
      for target in reference.to { content += bigEndian(target, size) }
    }
    return bigEndian(content.count + 8, 4) + Array(name.utf8) + content
  }

  /// The chunks that make up the picture, without those of other kinds, which libwebp before 1.3 does not
  /// skip in a file without the extended header.
  private static func webp(_ file: ImageFile) -> ImageFile? {
    guard let container = try? file.container() else { return nil }
    let known: Set<String> = ["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF"]
    let chunks = container.segments.filter { known.contains($0.name) }
    guard chunks.contains(where: { ["VP8 ", "VP8L", "ANMF"].contains($0.name) }) else { return nil }
    // Without the extended header nothing but the one picture may stand.
    let isExtended = chunks.first?.name == "VP8X"
    let kept = isExtended ? chunks : Array(chunks.filter { $0.name == "VP8 " || $0.name == "VP8L" }.prefix(1))
    var content = Array("WEBP".utf8)
    for chunk in kept { content += file.bytes[chunk.range] }
    let copy = Array("RIFF".utf8) + bigEndian(content.count, 4).reversed() + content
    return copy.count == file.bytes.count ? nil : file.replacing(copy)
  }

  private static func bigEndian(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
