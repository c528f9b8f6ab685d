/// What stands in the value of a header such as `Content-Type`.
package enum HeaderValue {
  /// The media type in small letters, without its parameters; empty where there is none.
  package static func mediaType(_ header: String) -> String {
    header.prefix { $0 != ";" }.trimmingPrefix { $0 == " " }.lowercased()
      .split(separator: " ").first.map(String.init) ?? ""
  }

  /// A parameter of a header's value, in quotes or not.
  package static func parameter(_ name: String, in header: String) -> String? {
    var rest = header[...]
    while let semicolon = rest.firstIndex(of: ";") {
      rest = rest[rest.index(after: semicolon)...].drop { $0 == " " || $0 == "\t" }
      guard let equals = rest.firstIndex(of: "=") else { return nil }
      let key = rest[..<equals].lowercased()
      var value = ""
      rest = rest[rest.index(after: equals)...]
      if rest.first == "\"" {
        rest = rest.dropFirst()
        while let character = rest.first, character != "\"" {
          // Browsers write %22 for a quotation mark; a backslash stands for itself but before one.
          if character == "\\", rest.dropFirst().first == "\"" { rest = rest.dropFirst() }
          value.append(rest.removeFirst())
        }
      } else {
        value = String(rest.prefix { $0 != ";" && $0 != " " && $0 != "\t" })
      }
      if key == name { return value }
    }
    return nil
  }
}
