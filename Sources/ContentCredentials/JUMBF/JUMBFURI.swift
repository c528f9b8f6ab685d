/// A `self#jumbf=` reference to a box of the store.
///
/// Source: C2PA 2.2 §8.3.
package struct JUMBFURI: Hashable, Sendable {
  /// The manifest's label; nil when the reference is relative to the manifest it stands in.
  package var manifest: String?
  /// Labels below the manifest: `c2pa.assertions`, `c2pa.actions.v2`.
  package var path: [String]

  package init(manifest: String?, path: [String]) {
    self.manifest = manifest
    self.path = path
  }

  /// Nil when the text is no JUMBF reference.
  ///
  /// `self#jumbf=c2pa/urn:…` without its leading slash is read as absolute, as Microsoft's signer writes it.
  package init?(_ text: String) {
    let prefix = "self#jumbf="
    guard text.utf8.starts(with: prefix.utf8) else { return nil }
    let parts = text.utf8.dropFirst(prefix.utf8.count).split(separator: UInt8(ascii: "/")).map(Substring.init)
    guard let first = parts.first else { return nil }
    if first == "c2pa" {
      guard parts.count >= 2 else { return nil }
      manifest = String(parts[1])
      path = parts.dropFirst(2).map(String.init)
    } else {
      manifest = nil
      path = parts.map(String.init)
    }
  }

  package var label: String { path.last ?? manifest ?? "" }

  package func absolute(in label: String) -> JUMBFURI {
    JUMBFURI(manifest: manifest ?? label, path: path)
  }

  package var text: String {
    let path = path.joined(separator: "/")
    guard let manifest else { return "self#jumbf=\(path)" }
    return path.isEmpty ? "self#jumbf=/c2pa/\(manifest)" : "self#jumbf=/c2pa/\(manifest)/\(path)"
  }
}
