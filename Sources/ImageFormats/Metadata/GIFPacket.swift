/// XMP of a GIF that ImageMagick 6 has copied.
///
/// A GIF holds its packet without sub-blocks, so that each byte of it may be taken for a length. ImageMagick
/// reads the chain of blocks that comes of this and loses one character a block: the first `<` always, and
/// after it one in every 32 to 126. What is left is XML that a tolerant reader follows.
enum GIFPacket {
  /// The packet with its `<`, and with the words that matter mended where one of their letters is missing.
  ///
  /// - Returns: nil when the bytes are no such packet.
  static func restored(_ content: [UInt8]) -> [UInt8]? {
    guard content.matches("?xpacket", at: 0) || content.matches("x:xmpmeta", at: 0) else { return nil }
    var packet = [UInt8(ascii: "<")] + content
    // The 258 bytes that lead a reader of blocks to the end follow the packet.
    if let trailer = packet.firstIndex(of: 0x01, in: 0..<packet.count), trailer + 1 < packet.count,
      packet[trailer + 1] == 0xFF
    {
      packet.removeSubrange(trailer...)
    }
    if packet.count <= longestMended { for word in words { mend(word, in: &packet) } }
    return packet
  }

  /// Every letter of every word is looked for, which long packets would make costly.
  private static let longestMended = 256 << 10

  /// What a reader needs to find its way, names of properties, and IPTC's terms, the longer before those that
  /// they hold.
  private static let words = [
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "x:xmpmeta",
    "rdf:Description", "xmlns:rdf=", "xmlns:Iptc4xmpExt=", "Iptc4xmpExt:DigitalSourceType",
    DigitalSourceType.compositeWithTrainedAlgorithmicMedia.rawValue,
    "/\(DigitalSourceType.trainedAlgorithmicMedia)", "/\(DigitalSourceType.compositeSynthetic)",
    "/algorithmicMedia", "/\(DigitalSourceType.digitalCapture)", "DigitalSourceType", "photoshop:Credit",
    "xmp:CreatorTool",
    "TC260:AIGC",
  ].map { Array($0.utf8) }

  /// Puts back the one letter of a word that is missing, wherever it stands with all others.
  private static func mend(_ word: [UInt8], in packet: inout [UInt8]) {
    for missing in 1..<word.count {
      let broken = Array(word[..<missing] + word[(missing + 1)...])
      var index = 0
      while index + broken.count <= packet.count {
        guard packet[index] == broken[0] else {
          index += 1
          continue
        }
        if packet[index...].starts(with: word) {
          index += word.count
        } else if packet[index...].starts(with: broken) {
          packet.insert(word[missing], at: index + missing)
          index += word.count
        } else {
          index += 1
        }
      }
    }
  }

  /// The source type that stands in a packet whose brackets or quotes are among what was lost, so that a reader of
  /// XML does not find it: what follows the property's name, up to the next bracket or quote.
  static func sourceType(in packet: [UInt8]) -> XMPProperty? {
    let name: StaticString = "DigitalSourceType"
    guard let place = packet.firstIndex(of: name, in: 0..<packet.count) else { return nil }
    let marks = Set("<>='\" ".utf8)
    let start = packet[(place + name.utf8CodeUnitCount)...].prefix(200).drop { marks.contains($0) }
    let value = start.prefix { !marks.contains($0) }
    guard value.starts(with: "http".utf8) else { return nil }
    return XMPProperty(
      namespace: XMPNamespace.iptcExtension, name: "DigitalSourceType",
      value: String(decoding: value, as: UTF8.self),
      path: "Iptc4xmpExt:DigitalSourceType")
  }
}
