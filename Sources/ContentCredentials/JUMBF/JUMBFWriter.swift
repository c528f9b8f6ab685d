/// Builds JUMBF boxes from the inside out.
package enum JUMBFWriter {
  /// A box: length, type, content. Content past 4 GiB is refused by the callers' own limits.
  package static func box(_ type: FourCC, _ content: some Collection<UInt8>) -> [UInt8] {
    var box: [UInt8] = []
    box.reserveCapacity(content.count + 8)
    box.appendBigEndian(UInt32(content.count + 8))
    box += type.bytes
    box += content
    return box
  }

  /// A superbox with its description box, requestable and labelled.
  ///
  /// - Parameter salt: 16 or 32 random bytes that keep a small assertion's content from being guessed by its
  ///   hash; covered by the assertion's hash. C2PA 2.2 §8.4.2.3.
  package static func superbox(
    _ type: JUMBFType, label: String, salt: [UInt8]? = nil, content: some Collection<UInt8>
  ) -> [UInt8] {
    var description = type.bytes
    description.append(salt == nil ? 0x03 : 0x13)
    description += label.utf8
    description.append(0)
    if let salt { description += box("c2sh", salt) }
    return box("jumb", box("jumd", description) + content)
  }
}
