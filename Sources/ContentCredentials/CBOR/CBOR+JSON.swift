import Foundation

extension CBOR {
  /// The value of a JSON text, as assertions of early versions hold it; nil where it does not parse.
  ///
  /// Numbers without a fraction become integers; the order of an object's members is not kept.
  init?(json bytes: ArraySlice<UInt8>) {
    guard bytes.count <= 4 << 20, let decoded = try? JSONDecoder().decode(JSONItem.self, from: Data(bytes))
    else {
      return nil
    }
    self = decoded.value
  }

  /// A JSON value of any type.
  private struct JSONItem: Decodable {
    var value: CBOR

    init(from decoder: any Decoder) throws {
      guard let single = try? decoder.singleValueContainer() else {
        value = .null
        return
      }
      if single.decodeNil() {
        value = .null
      } else if let flag = try? single.decode(Bool.self) {
        value = .bool(flag)
      } else if let number = try? single.decode(Int.self) {
        value = .integer(number)
      } else if let number = try? single.decode(Double.self) {
        value = .float(number)
      } else if let text = try? single.decode(String.self) {
        value = .text(text)
      } else if let items = try? single.decode([JSONItem].self) {
        value = .array(items.map(\.value))
      } else {
        let members = try single.decode([String: JSONItem].self)
        value = .map(
          CBORMap(
            members.sorted { $0.key < $1.key }.map { .init(key: .text($0.key), value: $0.value.value) }))
      }
    }
  }
}
