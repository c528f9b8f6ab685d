/// Small files of each format, built from parts, for what no writer would make.
enum FileBuilder {
  static func bigEndian(_ value: Int, _ size: Int = 4) -> [UInt8] {
    (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func join(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } }

  static func littleEndian(_ value: Int, _ size: Int = 4) -> [UInt8] { bigEndian(value, size).reversed() }

  /// A JPEG of these segments, without a picture.
  static func jpeg(_ segments: [(marker: UInt8, content: [UInt8])]) -> [UInt8] {
    var file: [UInt8] = [0xFF, 0xD8]
    for segment in segments {
      file += [0xFF, segment.marker]
      file += bigEndian(segment.content.count + 2, 2)
      file += segment.content
    }
    return file + [0xFF, 0xD9]
  }

  /// A PNG of 1 by 1 pixel and these chunks, whose checksums are zero.
  static func png(_ chunks: [(name: String, content: [UInt8])]) -> [UInt8] {
    let header: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    for (name, content) in [("IHDR", header)] + chunks + [("IEND", [])] {
      file += bigEndian(content.count)
      file += Array(name.utf8)
      file += content
      file += [0, 0, 0, 0]
    }
    return file
  }

  /// A WebP of these chunks.
  ///
  /// - Parameter uncounted: chunks that RIFF's size leaves out.
  static func webp(
    _ chunks: [(name: String, content: [UInt8])], uncounted: [(name: String, content: [UInt8])] = []
  ) -> [UInt8] {
    func bytes(_ chunks: [(name: String, content: [UInt8])]) -> [UInt8] {
      var out: [UInt8] = []
      for (name, content) in chunks {
        out += Array(name.utf8)
        out += littleEndian(content.count)
        out += content
        if content.count & 1 == 1 { out.append(0) }
      }
      return out
    }
    let body: [UInt8] = Array("WEBP".utf8) + bytes(chunks)
    var file: [UInt8] = Array("RIFF".utf8)
    file += littleEndian(body.count)
    file += body
    return file + bytes(uncounted)
  }

  /// A GIF of 1 by 1 pixel and these application extensions, in sub-blocks.
  static func gif(_ extensions: [(name: String, content: [UInt8])]) -> [UInt8] {
    var file = Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]
    for (name, content) in extensions {
      file += [0x21, 0xFF, 11] + Array(name.utf8)
      var rest = content[...]
      while !rest.isEmpty {
        let block = rest.prefix(255)
        file += [UInt8(block.count)] + block
        rest = rest.dropFirst(255)
      }
      file.append(0)
    }
    return file + [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]
  }

  static func box(_ name: String, _ content: [UInt8]) -> [UInt8] {
    bigEndian(content.count + 8) + Array(name.utf8) + content
  }

  /// A HEIF file of one picture without data, of that coding and 64 by 48 pixels, and further items in `idat`.
  static func heif(
    brand: String = "heic", coding: String = "hvc1", items: [(type: String, content: [UInt8])] = [],
    metaHasSize: Bool = true
  ) -> [UInt8] {
    let all = [(type: coding, content: [UInt8](repeating: 0, count: 4))] + items
    var entries: [UInt8] = []
    var places: [UInt8] = []
    var data: [UInt8] = []
    for (index, item) in all.enumerated() {
      let name: [UInt8] = item.type == "mime" ? [0] + Array("application/rdf+xml".utf8) + [0] : [0]
      entries += box(
        "infe", join([2, 0, 0, 0], bigEndian(index + 1, 2), [0, 0], Array(item.type.utf8), name))
      places += join(bigEndian(index + 1, 2), [0, 1, 0, 0], bigEndian(1, 2), bigEndian(data.count))
      places += bigEndian(item.content.count)
      data += item.content
    }
    let ispe = box("ispe", join([0, 0, 0, 0], bigEndian(64), bigEndian(48)))
    let pixi = box("pixi", [0, 0, 0, 0, 3, 8, 8, 8])
    let ipma = box("ipma", join([0, 0, 0, 0], bigEndian(1), bigEndian(1, 2), [2, 0x81, 0x02]))
    let hdlr = join([UInt8](repeating: 0, count: 8), Array("pict".utf8), [UInt8](repeating: 0, count: 13))
    let content = join(
      [0, 0, 0, 0], box("hdlr", hdlr), box("pitm", [0, 0, 0, 0, 0, 1]),
      box("iinf", join([0, 0, 0, 0], bigEndian(all.count, 2), entries)),
      box("iloc", join([1, 0, 0, 0, 0x44, 0x00], bigEndian(all.count, 2), places)),
      box("iprp", join(box("ipco", join(ispe, pixi)), ipma)), box("idat", data))
    var meta = box("meta", content)
    if !metaHasSize { meta.replaceSubrange(0..<4, with: [0, 0, 0, 0]) }
    let name = Array(brand.utf8)
    return join(box("ftyp", join(name, [0, 0, 0, 0], Array("mif1".utf8), name)), meta)
  }

  /// A TIFF structure of one directory.
  static func tiff(_ entries: [(tag: Int, type: Int, value: [UInt8])]) -> [UInt8] {
    var directory = bigEndian(entries.count, 2)
    var values: [UInt8] = []
    let start = 8 + 2 + 12 * entries.count + 4
    for entry in entries {
      let size = [1: 1, 2: 1, 3: 2, 4: 4, 7: 1][entry.type] ?? 1
      directory += join(
        bigEndian(entry.tag, 2), bigEndian(entry.type, 2), bigEndian(entry.value.count / size))
      if entry.value.count <= 4 {
        directory += entry.value + [UInt8](repeating: 0, count: 4 - entry.value.count)
      } else {
        directory += bigEndian(start + values.count)
        values += entry.value
      }
    }
    return join(Array("MM\0*".utf8), bigEndian(8), directory, [0, 0, 0, 0], values)
  }

  /// An EXIF block whose software has this name.
  static func exif(software: String) -> [UInt8] { tiff([(0x0131, 2, Array(software.utf8) + [0])]) }

  /// A zlib stream that stores its content as it is.
  static func stored(_ content: [UInt8]) -> [UInt8] {
    var (a, b) = (1, 0)
    for byte in content {
      a = (a + Int(byte)) % 65521
      b = (b + a) % 65521
    }
    return join(
      [0x78, 0x01, 0x01], littleEndian(content.count, 2), littleEndian(~content.count, 2), content,
      bigEndian(b << 16 | a))
  }

  static let term = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

  /// A packet that declares AI.
  static let packet = """
    <?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF \
    xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' \
    xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'><Iptc4xmpExt:DigitalSourceType>\(term)\
    </Iptc4xmpExt:DigitalSourceType></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>
    """

  /// IPTC-IIM with one credit line.
  static func credit(_ text: String) -> [UInt8] {
    join([0x1C, 2, 110], bigEndian(text.utf8.count, 2), Array(text.utf8))
  }

  /// A C2PA store of nothing.
  static let store: [UInt8] = {
    let code: [UInt8] = [0, 0x11, 0, 0x10, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71, 3]
    return box("jumb", box("jumd", join(Array("c2pa".utf8), code, Array("c2pa".utf8), [0])))
  }()

  /// A PNG text that ImageMagick writes of a profile.
  static func rawProfile(_ kind: String, title: String? = nil, _ content: [UInt8]) -> (String, [UInt8]) {
    let digits = content.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return (
      "tEXt", Array("Raw profile type \(kind)\0\n\(title ?? kind)\n    \(content.count)\n\(digits)\n".utf8)
    )
  }
}
