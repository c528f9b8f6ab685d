/// Flattens the RDF of an XMP packet into properties.
///
/// Source: ISO 16684-1:2019 §7 (the serialisation of XMP).
enum RDFReader {
  /// What became of a packet.
  struct Result {
    var properties: [XMPProperty] = []
    /// Set when a bound cut the reading short.
    var limit: String?
  }

  /// An open element.
  private struct Element {
    var name: XMLTokens.Name
    var namespace: String
    var kind: Kind
    /// The number of namespace declarations before this element's own.
    var scope: Int
    var text = ""
    var hasChildren = false
    var hasValue = false
    var items = 0
  }

  private enum Kind {
    /// A property, which has a value or a structure.
    case property
    /// `rdf:li`, or a property numbered `rdf:_1`.
    case item
    /// `rdf:RDF`, `rdf:Description`, `rdf:Bag` and so on, and what wraps them.
    case frame
  }

  /// Reads a packet, in any encoding of ``XMPEncoding``.
  static func read(_ packet: ArraySlice<UInt8>, limits: ReadLimits) -> Result {
    var reader = Reader(limits: limits)
    var tokens = XMLTokens(XMPEncoding.utf8(packet))
    while let token = tokens.next() {
      switch token {
      case .start(let name, let attributes, let isEmpty):
        guard reader.open(name, attributes) else { return reader.result }
        if isEmpty { reader.close() }
      case .end(let name): reader.close(name)
      case .text(let text): reader.text(text)
      }
    }
    while !reader.stack.isEmpty { reader.close() }
    return reader.result
  }

  private struct Reader {
    let limits: ReadLimits
    var result = Result()
    var stack: [Element] = []
    var declarations: [(prefix: Substring, namespace: String)] = []

    init(limits: ReadLimits) { self.limits = limits }

    /// False when a bound is reached.
    mutating func open(_ name: XMLTokens.Name, _ attributes: [XMLTokens.Attribute]) -> Bool {
      guard stack.count < limits.maxNesting * 4 else {
        result.limit = "elements are nested deeper than \(limits.maxNesting * 4)"
        return false
      }
      guard result.properties.count < limits.maxSegments else {
        result.limit = "there are more than \(limits.maxSegments) properties"
        return false
      }
      let scope = declarations.count
      for attribute in attributes {
        if attribute.name.prefix == "xmlns" {
          declarations.append((attribute.name.local, attribute.value))
        } else if attribute.name.prefix.isEmpty, attribute.name.local == "xmlns" {
          declarations.append(("", attribute.value))
        }
      }
      let namespace = resolve(name.prefix)
      if !stack.isEmpty {
        stack[stack.count - 1].hasChildren = true
      }
      var kind = Kind.frame
      if namespace == XMPNamespace.rdf {
        if name.local == "li" || name.local.hasPrefix("_") {
          kind = .item
          if let list = stack.indices.last { stack[list].items += 1 }
        } else if name.local == "value" {
          kind = .property
        }
      } else if inRDF {
        kind = .property
      }
      stack.append(Element(name: name, namespace: namespace, kind: kind, scope: scope))
      guard inRDF else {
        // The wrapper names the toolkit that wrote the packet.
        if name.local == "xmpmeta", let toolkit = attributes.first(where: { $0.name.local == "xmptk" }) {
          result.properties.append(
            XMPProperty(
              namespace: namespace, name: "xmptk", value: toolkit.value, path: "\(name.prefix):xmptk"))
        }
        return true
      }
      for attribute in attributes where attribute.name.prefix != "xmlns" {
        read(attribute)
      }
      return true
    }

    /// Whether an `rdf:RDF` or `rdf:Description` is open.
    private var inRDF: Bool {
      stack.contains {
        $0.namespace == XMPNamespace.rdf && ($0.name.local == "RDF" || $0.name.local == "Description")
      }
    }

    /// An attribute is a property of its element, or the value of it.
    private mutating func read(_ attribute: XMLTokens.Attribute) {
      let name = attribute.name
      let namespace = resolve(name.prefix)
      if namespace == XMPNamespace.rdf || name.prefix.isEmpty && name.local != "xmlns" {
        // `rdf:resource` is the value; `rdf:about`, `rdf:parseType` and their like describe.
        if name.local == "resource" || name.local == "value" {
          stack[stack.count - 1].hasValue = true
          emit(value: attribute.value)
        }
        return
      }
      guard !name.prefix.isEmpty, namespace != XMPNamespace.xml else { return }
      stack[stack.count - 1].hasValue = true
      result.properties.append(
        XMPProperty(
          namespace: namespace, name: String(name.local), value: attribute.value,
          path: join(path, "\(name.prefix):\(name.local)")))
    }

    mutating func text(_ text: String) {
      if !stack.isEmpty { stack[stack.count - 1].text += text }
    }

    /// Closes the element of a name and those left open within; a stray end tag closes nothing.
    mutating func close(_ name: XMLTokens.Name) {
      guard let index = stack.lastIndex(where: { $0.name == name }) else { return }
      while stack.count > index { close() }
    }

    mutating func close() {
      guard let element = stack.last else { return }
      if element.kind != .frame, !element.hasChildren, !element.hasValue { emit(value: element.text) }
      declarations.removeLast(declarations.count - element.scope)
      stack.removeLast()
    }

    /// The open property or item has this value.
    private mutating func emit(value: String) {
      guard let property = stack.last(where: { $0.kind == .property && $0.namespace != XMPNamespace.rdf })
      else { return }
      result.properties.append(
        XMPProperty(
          namespace: property.namespace, name: String(property.name.local),
          value: trimmed(value), path: path))
    }

    /// White space around a value is layout, not content.
    private func trimmed(_ value: String) -> String {
      guard let first = value.utf8.first, let last = value.utf8.last, first <= 0x20 || last <= 0x20 else {
        return value
      }
      var text = value[...]
      while let c = text.unicodeScalars.first, c.value <= 0x20 { text = text.dropFirst() }
      while let c = text.unicodeScalars.last, c.value <= 0x20 { text = text.dropLast() }
      return String(text)
    }

    /// `xmpMM:History[2]/stEvt:action`.
    private var path: String {
      var path = ""
      for (index, element) in stack.enumerated() {
        switch element.kind {
        case .property where element.namespace != XMPNamespace.rdf:
          path = join(path, "\(element.name.prefix):\(element.name.local)")
        case .item: if index > 0 { path += "[\(stack[index - 1].items)]" }
        default: break
        }
      }
      return path
    }

    private func join(_ path: String, _ step: String) -> String { path.isEmpty ? step : path + "/" + step }

    /// The namespace of a prefix; the usual one where a broken packet declares none.
    private func resolve(_ prefix: Substring) -> String {
      if let found = declarations.last(where: { $0.prefix == prefix }) { return found.namespace }
      return Self.usual[prefix] ?? ""
    }

    private static let usual: [Substring: String] = [
      "rdf": XMPNamespace.rdf, "xml": XMPNamespace.xml, "xmp": XMPNamespace.xmp, "dc": XMPNamespace.dc,
      "xmpMM": XMPNamespace.xmpMM, "exif": XMPNamespace.exif, "tiff": XMPNamespace.tiff,
      "photoshop": XMPNamespace.photoshop, "Iptc4xmpExt": XMPNamespace.iptcExtension,
      "Iptc4xmpCore": XMPNamespace.iptcCore,
    ]
  }
}
