/// What a request asks for, and of whom: its target and its field Host in one form, whichever way they came.
///
/// Source: RFC 9112, 3.2
package struct RequestTarget: Sendable, Equatable {
  /// Path and query, from the slash on; `*` where the server as a whole is meant.
  package let path: String
  /// A name or an address, and a port where one was given; nil where a request of HTTP/1.0 has none. The target's, where it
  /// is a whole address: Host is passed over then, as what stands before this server may have done the same.
  package let authority: String?

  /// - Parameters:
  ///   - target: the second word of the request's first line.
  ///   - hosts: the values of all fields Host.
  ///   - needsHost: whether there has to be one: from HTTP/1.1 on.
  /// - Throws: ``Problem`` 400 for no or several fields Host, one that is no name, and a target of another form.
  package init(_ target: String, hosts: [String], needsHost: Bool) throws(Problem) {
    guard hosts.count <= 1 else {
      throw Self.host("the request has \(hosts.count) fields Host", "send one")
    }
    guard !needsHost || !hosts.isEmpty else {
      throw Self.host("the request has no field Host", "send one with the server's name")
    }
    if let host = hosts.first, !host.isEmpty, !Self.isAuthority(host) {
      throw Self.host(
        "the field Host holds no name and no address", "send the server's name, and its port behind a colon")
    }
    if target.hasPrefix("/") || target == "*" {
      (path, authority) = (target, hosts.first)
      return
    }
    let parts = Self.address(target)
    guard let parts, Self.isAuthority(parts.authority) else {
      throw Problem(
        .badRequest, "serve.target", "the request's target is neither a path nor an address of http or https",
        remedy: "begin it with a slash, or with http:// and the server's name")
    }
    (path, authority) = (parts.path, parts.authority)
  }

  private static func host(_ message: String, _ remedy: String) -> Problem {
    Problem(.badRequest, "serve.host.field", message, remedy: remedy)
  }

  /// The parts of an address of HTTP; nil where it is none.
  private static func address(_ target: String) -> (authority: String, path: String)? {
    for scheme in ["http://", "https://"] where target.prefix(scheme.count).lowercased() == scheme {
      let rest = target.dropFirst(scheme.count)
      let authority = rest.prefix { !"/?#".contains($0) }
      let path = rest.dropFirst(authority.count).prefix { $0 != "#" }
      return (String(authority), path.hasPrefix("/") ? String(path) : "/\(path)")
    }
    return nil
  }

  /// A name or an address, with or without a port; nobody's name and password before it.
  private static func isAuthority(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
    func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }
    if rest.first == UInt8(ascii: "[") {
      let inside = rest.dropFirst().prefix { $0 != UInt8(ascii: "]") }
      rest = rest.dropFirst(inside.count + 1)
      let isNumber = inside.allSatisfy {
        isDigit($0) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 | 0x20 || $0 == 0x3A || $0 == 0x2E
      }
      guard !inside.isEmpty, isNumber, rest.popFirst() != nil else { return false }
    } else {
      let name = rest.prefix { isDigit($0) || isLetter($0) || "-._~!$&'()*+,;=%".utf8.contains($0) }
      guard !name.isEmpty else { return false }
      rest = rest.dropFirst(name.count)
    }
    guard rest.popFirst() == UInt8(ascii: ":") else {
      return rest.isEmpty && text.utf8.last != UInt8(ascii: ":")
    }
    return rest.allSatisfy(isDigit)
  }
}
