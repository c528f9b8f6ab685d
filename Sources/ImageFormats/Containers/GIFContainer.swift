extension ContainerWalk {
  /// GIF: header, logical screen with its palette, blocks, and a trailer.
  ///
  /// Source: GIF89a specification, CompuServe 1990.
  mutating func gif() {
    guard bytes.count >= 13 else {
      warnCut("gif.truncated", from: 0, 0..<bytes.count, "the file ends within its header")
      return
    }
    segments.append(Segment(name: "header", range: 0..<6, payload: 0..<6))
    var offset = 13 + Self.paletteBytes(bytes[10])
    guard offset <= bytes.count else {
      warnCut("gif.truncated", from: 13, 13..<bytes.count, "the file ends within its palette")
      return
    }
    segments.append(Segment(name: "screen", range: 6..<offset, payload: 6..<13))
    while offset < bytes.count {
      guard admit(at: offset) else { return }
      let start = offset
      switch bytes[offset] {
      case 0x3B:
        segments.append(
          Segment(name: "trailer", range: offset..<(offset + 1), payload: (offset + 1)..<(offset + 1)))
        end(at: offset + 1)
        return
      case 0x2C:
        guard offset + 11 <= bytes.count else {
          warnCut(
            "gif.truncated", from: offset, offset..<bytes.count, "the file ends within a picture's header")
          return
        }
        let data = offset + 10 + Self.paletteBytes(bytes[offset + 9])
        guard let after = skipBlocks(from: data + 1, of: "picture", at: start) else { return }
        segments.append(Segment(name: "picture", range: start..<after, payload: (start + 1)..<(start + 10)))
        offset = after
      case 0x21:
        guard let label = offset + 1 < bytes.count ? bytes[offset + 1] : nil,
          let after = skipBlocks(from: offset + 2, of: "extension", at: start)
        else {
          if offset + 1 >= bytes.count {
            warnCut("gif.truncated", from: start, start..<bytes.count, "the file ends within an extension")
          }
          return
        }
        segments.append(
          Segment(
            name: Self.extensionName(label), identifier: label == 0xFF ? application(start + 2) : nil,
            range: start..<after, payload: (start + 2)..<after))
        offset = after
      default:
        warn("gif.block", offset..<(offset + 1), "no block begins with this byte")
        return
      }
    }
    warnCut("gif.truncated", from: bytes.count, bytes.count..<bytes.count, "the file ends without a trailer")
  }

  static func paletteBytes(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1) }

  private static func extensionName(_ label: UInt8) -> String {
    switch label {
    case 0xF9: "control"
    case 0xFE: "comment"
    case 0xFF: "application"
    case 0x01: "plainText"
    default: "extension \(label)"
    }
  }

  /// The eleven characters of an application extension, such as `XMP DataXMP`.
  private func application(_ offset: Int) -> String? {
    guard offset + 12 <= bytes.count, bytes[offset] == 11 else { return nil }
    return TextDecoding.latin1(bytes[(offset + 1)..<(offset + 12)])
  }

  /// Past a chain of sub-blocks of up to 255 bytes and the empty one that ends it.
  private mutating func skipBlocks(from offset: Int, of kind: String, at start: Int) -> Int? {
    var offset = offset
    while offset < bytes.count {
      let length = Int(bytes[offset])
      offset += 1 + length
      if length == 0 { return offset }
    }
    warnCut(
      "gif.truncated", from: start, start..<bytes.count,
      "the \(kind) at byte \(start) does not end within the file")
    return nil
  }
}

/// The content of a chain of GIF sub-blocks that begins at an offset.
func gifBlocks(_ bytes: [UInt8], from offset: Int, limit: Int) -> [UInt8] {
  var (offset, content) = (offset, [UInt8]())
  while offset < bytes.count, bytes[offset] > 0, content.count < limit {
    let end = min(offset + 1 + Int(bytes[offset]), bytes.count)
    content += bytes[(offset + 1)..<end]
    offset = end
  }
  return content
}
