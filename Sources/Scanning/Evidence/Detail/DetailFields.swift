/// What a method found, as named values: the one list of a type's names, for writing and for reading.
package protocol DetailObject: Sendable, Hashable {
  init()
  /// Hands each value over under its name in `assay.scan/1`.
  mutating func exchange(with fields: inout DetailFields)
}

/// What a ``DetailValue`` can hold for a typed value, and back.
package protocol DetailConvertible {
  /// Nil for a value of another kind.
  init?(detail: DetailValue)
  var detailValue: DetailValue { get }
}

/// The keys of `detail` in a scan line, on their way into typed values or out of them.
///
/// One function of each type does both, so that what is written under a name is what is read there. A value that has no
/// name here, or is of another kind than its name asks for, stays among ``rest``: what a later version wrote is not lost.
package struct DetailFields {
  /// Reading: what nobody has taken yet. Writing: what was put in.
  package private(set) var rest: [String: DetailValue]
  private let isReading: Bool
  /// Whether every value that must be there was.
  private var isComplete = true

  /// The fields of a value.
  package static func written(_ object: some DetailObject) -> [String: DetailValue] {
    var (object, fields) = (object, DetailFields(rest: [:], isReading: false))
    object.exchange(with: &fields)
    return fields.rest
  }

  /// A value from those fields that are its own; nil where none is. They are taken out of `values`.
  package static func take<Object: DetailObject>(
    _ type: Object.Type, from values: inout [String: DetailValue]
  ) -> Object? {
    guard !values.isEmpty else { return nil }
    var (object, fields) = (Object(), DetailFields(rest: values, isReading: true))
    object.exchange(with: &fields)
    guard fields.rest.count < values.count else { return nil }
    values = fields.rest
    return object
  }

  /// A value that is written where it is known.
  package mutating func exchange<Value: DetailConvertible>(_ name: String, _ value: inout Value?) {
    if isReading {
      guard let found = rest[name].flatMap(Value.init(detail:)) else { return }
      value = found
      rest[name] = nil
    } else if let value {
      rest[name] = value.detailValue
    }
  }

  /// A value that is always there, for objects within others: without it the object is none.
  package mutating func exchange<Value: DetailConvertible>(_ name: String, _ value: inout Value) {
    var known: Value? = isReading ? nil : value
    exchange(name, &known)
    if let known { value = known } else { isComplete = false }
  }

  /// The same for a value that is null where it is not known.
  package mutating func exchange<Value: DetailConvertible>(nullable name: String, _ value: inout Value?) {
    if isReading, rest[name] == .null {
      rest[name] = nil
    } else if isReading || value != nil {
      exchange(name, &value)
      if value == nil { isComplete = false }
    } else {
      rest[name] = .null
    }
  }
}

extension DetailConvertible where Self: DetailObject {
  /// An object within another is read whole or not at all.
  package init?(detail: DetailValue) {
    guard case .object(let values) = detail else { return nil }
    self.init()
    guard DetailFields.fill(&self, from: values) else { return nil }
  }

  package var detailValue: DetailValue { .object(DetailFields.written(self)) }
}

extension DetailFields {
  fileprivate static func fill(_ object: inout some DetailObject, from values: [String: DetailValue]) -> Bool
  {
    var fields = DetailFields(rest: values, isReading: true)
    object.exchange(with: &fields)
    return fields.isComplete && fields.rest.isEmpty
  }
}

extension String: DetailConvertible {
  package init?(detail: DetailValue) {
    guard case .string(let text) = detail else { return nil }
    self = text
  }
  package var detailValue: DetailValue { .string(self) }
}

extension Int: DetailConvertible {
  package init?(detail: DetailValue) {
    guard case .integer(let value) = detail else { return nil }
    self = value
  }
  package var detailValue: DetailValue { .integer(self) }
}

extension Double: DetailConvertible {
  /// JSON may have made an integer of it, or null of what could not be measured.
  package init?(detail: DetailValue) {
    switch detail {
    case .number(let value): self = value
    case .integer(let value): self = Double(value)
    case .null: self = .nan
    default: return nil
    }
  }
  package var detailValue: DetailValue { isFinite ? .number(self) : .null }
}

extension Bool: DetailConvertible {
  package init?(detail: DetailValue) {
    guard case .boolean(let value) = detail else { return nil }
    self = value
  }
  package var detailValue: DetailValue { .boolean(self) }
}

extension Array: DetailConvertible where Element: DetailConvertible {
  /// Nil where one of the values is of another kind.
  package init?(detail: DetailValue) {
    guard case .array(let values) = detail else { return nil }
    let elements = values.compactMap(Element.init(detail:))
    guard elements.count == values.count else { return nil }
    self = elements
  }
  package var detailValue: DetailValue { .array(map(\.detailValue)) }
}

extension Dictionary: DetailConvertible where Key == String, Value: DetailConvertible {
  package init?(detail: DetailValue) {
    guard case .object(let values) = detail else { return nil }
    let elements = values.compactMapValues(Value.init(detail:))
    guard elements.count == values.count else { return nil }
    self = elements
  }
  package var detailValue: DetailValue { .object(mapValues(\.detailValue)) }
}
