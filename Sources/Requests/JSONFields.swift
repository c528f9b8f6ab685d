import Foundation
package import Scanning

/// Any JSON, for documents that are put together and objects that are looked through.
package typealias JSONValue = DetailValue

extension JSONValue {
  package static func of(_ text: String) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
  }
}

/// A JSON object that somebody sent: every name in it has to be known, every value to be of its kind.
package struct JSONFields {
  private var values: [String: JSONValue]

  /// - Throws: ``Problem`` for what is no JSON object.
  package init(_ bytes: [UInt8]) throws(Problem) {
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)),
      case .object(let values) = value
    else {
      throw Problem(
        .badRequest, "serve.json", "the content is no JSON object", remedy: "send an object as JSON")
    }
    self.values = values
  }

  package mutating func text(_ name: String, among known: [String]? = nil) throws(Problem) -> String? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    guard case .string(let text) = value, known?.contains(text) != false else {
      throw .value(name, known.map { "give one of \($0.joined(separator: ", "))" } ?? "give a text")
    }
    return text
  }

  package mutating func whole(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    guard case .integer(let whole) = value, range.contains(whole) else {
      throw .value(name, "give a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return whole
  }

  package mutating func number(_ name: String, in range: ClosedRange<Double>) throws(Problem) -> Double? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    let number: Double? =
      switch value {
      case .integer(let whole): Double(whole)
      case .number(let number): number
      default: nil
      }
    guard let number, range.contains(number) else {
      throw .value(name, "give a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// An object within this one.
  package mutating func object(_ name: String) throws(Problem) -> JSONFields? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    guard case .object(let values) = value else { throw .value(name, "give an object") }
    return JSONFields(values: values)
  }

  /// Objects in a list, as many as `range` has.
  package mutating func objects(_ name: String, _ range: ClosedRange<Int>) throws(Problem) -> [JSONFields]? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    let remedy = "give a list of \(range.lowerBound) to \(range.upperBound) objects"
    guard case .array(let list) = value, range.contains(list.count) else { throw .value(name, remedy) }
    var objects: [JSONFields] = []
    for item in list {
      guard case .object(let values) = item else { throw .value(name, remedy) }
      objects.append(JSONFields(values: values))
    }
    return objects
  }

  private init(values: [String: JSONValue]) { self.values = values }

  /// - Throws: ``Problem`` that names what nobody asked for.
  package func finish() throws(Problem) {
    guard let name = values.keys.sorted().first else { return }
    throw Problem(
      .badRequest, "serve.name", "there is no value of the name '\(name.prefix(80))'",
      remedy: "see /openapi.json for the names", location: .init(path: String(name.prefix(80))))
  }
}
