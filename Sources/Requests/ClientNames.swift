/// Names that a client gives its files: words for answers, which open nothing.
package enum ClientNames {
  /// The last part of a name that may be a path of any system, shortened; `-` where nothing is left.
  package static func plain(_ name: String?) -> String {
    let last = name?.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
    let clean = String(last.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.prefix(200))
    return clean.isEmpty || clean == "." || clean == ".." ? "-" : clean
  }

  /// The names in their order, no two alike: telephones call every photograph alike, and what is found is shown by name.
  package static func apart(_ names: [String]) -> [String] {
    var taken: Set<String> = []
    return names.map { name in
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      let stem = parts.count > 1 ? parts.dropLast().joined(separator: ".") : name
      let ending = parts.count > 1 ? ".\(parts[parts.count - 1])" : ""
      var unlike = name
      var number = 2
      while !taken.insert(unlike).inserted {
        unlike = "\(stem) (\(number))\(ending)"
        number += 1
      }
      return unlike
    }
  }
}
