/// One leaf of an XMP packet.
public struct XMPProperty: Sendable, Hashable {
  /// The namespace of the innermost property, such as `http://iptc.org/std/Iptc4xmpExt/2008-02-29/`.
  public var namespace: String
  /// Its local name, such as `DigitalSourceType`.
  public var name: String
  public var value: String
  /// The way to it with the prefixes of the packet, items counted from 1: `xmpMM:History[2]/stEvt:action`.
  public var path: String
}

/// One XMP packet and what it says.
public struct XMPPacket: Sendable, Hashable {
  /// Where it was found: `APP1`, `iTXt`, `zTXt`, `tEXt`, `XMP `, `mime item`, `tag 700`.
  public var source: String
  /// Its bytes in the file; the whole chunk where it is compressed, all segments where it is spread.
  public var byteRange: Range<Int>
  /// In document order; attribute and element forms read alike.
  public var properties: [XMPProperty]

  /// The values of a property, in order; items of a list are one value each.
  public func values(namespace: String, name: String) -> [String] {
    properties.filter { $0.name == name && $0.namespace == namespace }.map(\.value)
  }
}

/// Namespaces that Assay looks at.
public enum XMPNamespace {
  public static let rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  public static let xml = "http://www.w3.org/XML/1998/namespace"
  /// Of the wrapper; its `xmptk` names the toolkit that wrote the packet.
  public static let meta = "adobe:ns:meta/"
  public static let xmp = "http://ns.adobe.com/xap/1.0/"
  static let xmpMM = "http://ns.adobe.com/xap/1.0/mm/"
  public static let dc = "http://purl.org/dc/elements/1.1/"
  public static let dcterms = "http://purl.org/dc/terms/"
  public static let exif = "http://ns.adobe.com/exif/1.0/"
  public static let tiff = "http://ns.adobe.com/tiff/1.0/"
  public static let photoshop = "http://ns.adobe.com/photoshop/1.0/"
  static let iptcCore = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
  public static let iptcExtension = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
  public static let tc260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
}
