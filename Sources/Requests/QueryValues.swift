internal import Scanning

/// What stands behind an address's question mark, by name: every name in it has to be known, and none stands twice.
package struct QueryValues: Sendable {
  private var values: [String: String] = [:]

  package init() {}

  /// - Parameters:
  ///   - pairs: names and values, decoded.
  ///   - known: the names that somebody asks for.
  /// - Throws: ``Problem`` that names what nobody asks for, or what stands twice.
  package init(_ pairs: some Sequence<(String, String)>, known: Set<String>) throws(Problem) {
    for (name, value) in pairs {
      guard known.contains(name) else {
        throw Problem(
          .badRequest, "serve.query",
          "the address has a value of the name '\(name.prefix(80))', which nobody asks for",
          remedy: "see /openapi.json for the names", location: EvidenceLocation(path: String(name.prefix(80)))
        )
      }
      guard values.updateValue(value, forKey: name) == nil else {
        throw Problem(
          .badRequest, "serve.query", "the address has two values of the name '\(name)'",
          remedy: "give one, with commas where several are taken", location: EvidenceLocation(path: name))
      }
    }
  }

  package subscript(name: String) -> String? { values[name] }

  /// - Throws: ``Problem`` for a value that is none of those.
  package func choice<Value: RawRepresentable & CaseIterable>(
    _ name: String, _ type: Value.Type
  ) throws(Problem) -> Value? where Value.RawValue == String {
    guard let text = values[name] else { return nil }
    guard let value = Value(rawValue: text) else {
      throw .value(name, "give one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }

  package func whole(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
    guard let text = values[name] else { return nil }
    guard let whole = Int(text), range.contains(whole) else {
      throw .value(name, "give a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return whole
  }

  package func number(_ name: String, in range: ClosedRange<Double>) throws(Problem) -> Double? {
    guard let text = values[name] else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw .value(name, "give a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  package func flag(_ name: String) throws(Problem) -> Bool {
    guard let text = values[name] else { return false }
    guard let flag = Bool(text) else { throw .value(name, "give true or false") }
    return flag
  }
}
