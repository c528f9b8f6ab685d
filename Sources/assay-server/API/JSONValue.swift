import Foundation

/// Any JSON, for documents that are put together and objects that are looked through.
enum JSONValue: Sendable, Hashable, Codable {
  case null
  case flag(Bool)
  case whole(Int)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let whole = try? container.decode(Int.self) {
      self = .whole(whole)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([JSONValue].self) {
      self = .list(list)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .flag(let flag): try container.encode(flag)
    case .whole(let whole): try container.encode(whole)
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .list(let list): try container.encode(list)
    case .object(let object): try container.encode(object)
    }
  }

  static func of(_ text: String) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  init(stringLiteral value: String) { self = .text(value) }
  init(booleanLiteral value: Bool) { self = .flag(value) }
  init(integerLiteral value: Int) { self = .whole(value) }
  init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
  init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
}

/// A JSON object that somebody sent: every name in it has to be known, every value to be of its kind.
struct JSONFields {
  private var values: [String: JSONValue]

  /// - Throws: ``Problem`` for what is no JSON object.
  init(_ bytes: [UInt8]) throws(Problem) {
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)),
      case .object(let values) = value
    else {
      throw Problem(
        .badRequest, "serve.json", "the content is no JSON object", remedy: "send an object as JSON")
    }
    self.values = values
  }

  mutating func text(_ name: String, among known: [String]? = nil) throws(Problem) -> String? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    guard case .text(let text) = value, known?.contains(text) != false else {
      throw .value(name, known.map { "give one of \($0.joined(separator: ", "))" } ?? "give a text")
    }
    return text
  }

  mutating func whole(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    guard case .whole(let whole) = value, range.contains(whole) else {
      throw .value(name, "give a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return whole
  }

  mutating func number(_ name: String, in range: ClosedRange<Double>) throws(Problem) -> Double? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    let number: Double? =
      switch value {
      case .whole(let whole): Double(whole)
      case .number(let number): number
      default: nil
      }
    guard let number, range.contains(number) else {
      throw .value(name, "give a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// An object within this one.
  mutating func object(_ name: String) throws(Problem) -> JSONFields? {
    guard let value = values.removeValue(forKey: name), value != .null else { return nil }
    guard case .object(let values) = value else { throw .value(name, "give an object") }
    return JSONFields(values: values)
  }

  private init(values: [String: JSONValue]) { self.values = values }

  /// - Throws: ``Problem`` that names what nobody asked for.
  func finish() throws(Problem) {
    guard let name = values.keys.sorted().first else { return }
    throw Problem(
      .badRequest, "serve.name", "there is no value of the name '\(name.prefix(80))'",
      remedy: "see /openapi.json for the names", location: .init(path: String(name.prefix(80))))
  }
}
