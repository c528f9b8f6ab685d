import Foundation
package import Scanning

/// Any JSON, for documents that are put together and objects that are looked through.
package typealias JSONValue = DetailValue

extension JSONValue {
  package static func of(_ text: String) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
  }
}

/// A JSON object that somebody sent: every name in it has to be known and to stand there once, every value to be of its kind.
package struct JSONFields {
  private var values: [String: JSONValue]
  /// Where it stands in what was sent: `parts[2]`; empty for the whole.
  private var place = ""

  /// - Throws: ``Problem`` for what is no JSON object, and for a name that stands twice in one.
  package init(_ bytes: [UInt8]) throws(Problem) {
    // Decoders take UTF-16 for JSON too, which is UTF-8 with zeros by its looks; in UTF-8 a zero is no part of JSON.
    guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil,
      let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)),
      case .object(let values) = value
    else {
      throw Problem(
        .badRequest, "serve.json", "the content is no JSON object", remedy: "send an object as JSON")
    }
    // The decoder keeps one of two without a word; another reader on the way may keep the other.
    if let name = RepeatedNames.first(in: bytes) { throw .twice(name) }
    self.values = values
  }

  private init(values: [String: JSONValue], place: String) { (self.values, self.place) = (values, place) }

  private func path(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

  /// Something in this object is missing.
  package func lacking(_ remedy: String) -> Problem { .value(place, remedy) }

  package mutating func text(_ name: String, among known: [String]? = nil) throws(Problem) -> String? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    guard case .string(let text) = value, known?.contains(text) != false else {
      throw .value(path(name), known.map { "give one of \($0.joined(separator: ", "))" } ?? "give a text")
    }
    return text
  }

  package mutating func whole(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    guard case .integer(let whole) = value, range.contains(whole) else {
      throw .value(path(name), "give a whole number from \(range.lowerBound) to \(range.upperBound)")
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
      throw .value(path(name), "give a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// An object within this one.
  package mutating func object(_ name: String) throws(Problem) -> JSONFields? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    guard case .object(let values) = value else { throw .value(path(name), "give an object") }
    return JSONFields(values: values, place: path(name))
  }

  /// Objects in a list, as many as `range` has.
  package mutating func objects(_ name: String, _ range: ClosedRange<Int>) throws(Problem) -> [JSONFields]? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    let remedy = "give a list of \(range.lowerBound) to \(range.upperBound) objects"
    guard case .array(let list) = value, range.contains(list.count) else {
      throw .value(path(name), remedy)
    }
    var objects: [JSONFields] = []
    for (index, item) in list.enumerated() {
      let place = "\(path(name))[\(index)]"
      guard case .object(let values) = item else { throw .value(place, "give an object") }
      objects.append(JSONFields(values: values, place: place))
    }
    return objects
  }

  /// - Throws: ``Problem`` that names what nobody asked for.
  package func finish() throws(Problem) {
    guard let name = values.keys.sorted().first.map({ path(String($0.prefix(80))) }) else { return }
    throw Problem(
      .badRequest, "serve.name", "there is no value of the name '\(name)'",
      remedy: "see /openapi.json for the names", location: .init(path: name))
  }
}

/// Finds a name that stands twice in one object of a JSON text, which decoders do not tell.
enum RepeatedNames {
  /// - Parameter bytes: JSON that a decoder took.
  /// - Returns: the name; nil where all objects have each of theirs once.
  static func first(in bytes: [UInt8]) -> String? {
    /// Names so far in each object around; nil for a list.
    var around: [Set<String>?] = []
    var expectsName = false
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "{"):
        around.append([])
        expectsName = true
      case UInt8(ascii: "["):
        around.append(nil)
        expectsName = false
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        _ = around.popLast()
        expectsName = false
      case UInt8(ascii: ","): expectsName = around.last.map { $0 != nil } ?? false
      case UInt8(ascii: "\""):
        let start = index
        index += 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
          index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        if expectsName, !around.isEmpty {
          expectsName = false
          // `"a"` and `"\u0061"` are one name.
          let quoted = Data(bytes[start...min(index, bytes.count - 1)])
          let name = (try? JSONDecoder().decode(String.self, from: quoted)) ?? ""
          if around[around.count - 1]?.insert(name).inserted == false { return name }
        }
      default: break
      }
      index += 1
    }
    return nil
  }
}
