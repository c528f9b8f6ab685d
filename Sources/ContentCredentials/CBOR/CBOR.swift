/// A CBOR data item (RFC 8949).
///
/// Byte strings are slices of the buffer they were read from: a thumbnail costs nothing until it is used.
package indirect enum CBOR: Hashable, Sendable {
  case unsigned(UInt64)
  /// The value is −1 − the argument, so that the whole range of major type 1 fits.
  case negative(UInt64)
  case bytes(ArraySlice<UInt8>)
  case text(String)
  case array([CBOR])
  case map(CBORMap)
  case tagged(UInt64, CBOR)
  case float(Double)
  case bool(Bool)
  case null
  case undefined
  /// Simple values without a meaning of their own.
  case simple(UInt8)
}

/// The entries of a CBOR map, in the order they were read; keys are unique.
package struct CBORMap: Hashable, Sendable {
  package private(set) var entries: [Entry]

  package struct Entry: Hashable, Sendable {
    package var key: CBOR
    package var value: CBOR
  }

  package init(_ entries: [Entry] = []) { self.entries = entries }

  package subscript(key: CBOR) -> CBOR? {
    get { entries.first { $0.key == key }?.value }
    set {
      let index = entries.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): entries[index].value = value
      case (let index?, nil): entries.remove(at: index)
      case (nil, let value?): entries.append(Entry(key: key, value: value))
      case (nil, nil): break
      }
    }
  }

  package subscript(key: String) -> CBOR? {
    get { self[.text(key)] }
    set { self[.text(key)] = newValue }
  }

  package var keys: [String] { entries.compactMap(\.key.text) }
}

extension CBORMap: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, CBOR)...) {
    self.init(elements.map { Entry(key: .text($0.0), value: $0.1) })
  }
}

// MARK: - Reading a value as a type

extension CBOR {
  package var text: String? { if case .text(let value) = self { value } else { nil } }
  package var bytes: ArraySlice<UInt8>? { if case .bytes(let value) = self { value } else { nil } }
  package var array: [CBOR]? { if case .array(let value) = self { value } else { nil } }
  package var map: CBORMap? { if case .map(let value) = self { value } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The value as a signed integer; nil for other types and for integers out of range.
  var int: Int? {
    switch self {
    case .unsigned(let value): Int(exactly: value)
    case .negative(let value): Int(exactly: value).map { -1 - $0 }
    default: nil
    }
  }

  /// The value of a key, when this is a map.
  package subscript(key: String) -> CBOR? { map?[key] }

  /// The item under its tags: a tag 0 date is its text.
  var untagged: CBOR { if case .tagged(_, let item) = self { item.untagged } else { self } }
}

extension CBOR: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByIntegerLiteral
{
  package init(stringLiteral value: String) { self = .text(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: CBOR...) { self = .array(elements) }
  package init(integerLiteral value: Int) { self = .integer(value) }

  package static func integer(_ value: Int) -> CBOR {
    value >= 0 ? .unsigned(UInt64(value)) : .negative(UInt64(-1 - value))
  }
}
