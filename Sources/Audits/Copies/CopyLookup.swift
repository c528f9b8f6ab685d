import Foundation

/// Which of many hashes are near to given ones, without looking at each.
///
/// A hash is cut into four parts of 16 bits; two hashes of at most seven different bits agree in one part up to one
/// bit, so that the hashes which share a part, or nearly, are all that need be compared. Source: M. Norouzi et al. 2012,
/// "Fast Search in Hamming Space with Multi-Index Hashing", doi:10.1109/CVPR.2012.6248043. Hashes that differ in up to
/// ``reach`` bits are found the more rarely the more they differ beyond seven.
public struct CopyLookup: Sendable {
  /// Hashes that differ in more bits are not given.
  public static let reach = 12
  private static let parts = 4
  private static let values = 1 << 16

  /// Hashes in the order of their numbers.
  public let hashes: [UInt64]
  /// For each part: where the numbers of each of its values begin, [4, 65537].
  private let starts: [UInt32]
  /// For each part the numbers of all hashes, ordered by the part's value, [4, count].
  private let numbers: [UInt32]

  public init(_ hashes: [UInt64]) {
    self.hashes = hashes
    var starts = [UInt32](repeating: 0, count: Self.parts * (Self.values + 1))
    var numbers = [UInt32](repeating: 0, count: Self.parts * hashes.count)
    for part in 0..<Self.parts {
      let base = part * (Self.values + 1)
      for hash in hashes { starts[base + Self.value(hash, part) + 1] += 1 }
      for value in 0..<Self.values { starts[base + value + 1] += starts[base + value] }
      var next = Array(starts[base..<(base + Self.values)])
      for (number, hash) in hashes.enumerated() {
        let value = Self.value(hash, part)
        numbers[part * hashes.count + Int(next[value])] = UInt32(number)
        next[value] += 1
      }
    }
    self.starts = starts
    self.numbers = numbers
  }

  private static func value(_ hash: UInt64, _ part: Int) -> Int { Int(hash >> (16 * part) & 0xFFFF) }

  /// Numbers of hashes near to any of these, each with the query that is nearest and its distance; in no order.
  public func near(_ queries: [UInt64]) -> [Int: (query: Int, distance: Int)] {
    var found: [Int: (query: Int, distance: Int)] = [:]
    for (index, query) in queries.enumerated() {
      for part in 0..<Self.parts {
        let value = Self.value(query, part)
        for flip in -1..<16 {
          let other = flip < 0 ? value : value ^ (1 << flip)
          let base = part * (Self.values + 1) + other
          for place in Int(starts[base])..<Int(starts[base + 1]) {
            let number = Int(numbers[part * hashes.count + place])
            let distance = (hashes[number] ^ query).nonzeroBitCount
            if distance <= Self.reach, distance < found[number]?.distance ?? .max {
              found[number] = (index, distance)
            }
          }
        }
      }
    }
    return found
  }

  /// The same by looking at every hash: what the parts are held against.
  public func nearByScan(_ queries: [UInt64]) -> [Int: (query: Int, distance: Int)] {
    var found: [Int: (query: Int, distance: Int)] = [:]
    for (index, query) in queries.enumerated() {
      for (number, hash) in hashes.enumerated() {
        let distance = (hash ^ query).nonzeroBitCount
        if distance <= Self.reach, distance < found[number]?.distance ?? .max {
          found[number] = (index, distance)
        }
      }
    }
    return found
  }
}

extension CopyLookup {
  /// As it is kept: the tables, one behind the other, little-endian.
  var stored: Data { LittleEndian.data(hashes) + LittleEndian.data(starts) + LittleEndian.data(numbers) }

  /// - Returns: nil for data that no lookup of so many hashes left: it is made anew then.
  init?(stored data: Data, count: Int) {
    let length = Self.parts * (Self.values + 1)
    guard data.count == 8 * count + 4 * (length + Self.parts * count) else { return nil }
    let bytes = [UInt8](data)
    hashes = LittleEndian.values(bytes, from: 0, count: count, as: UInt64.self)
    starts = LittleEndian.values(bytes, from: 8 * count, count: length, as: UInt32.self)
    numbers = LittleEndian.values(
      bytes, from: 8 * count + 4 * length, count: Self.parts * count, as: UInt32.self)
    // Whoever changed the file may not lead beyond the tables.
    for part in 0..<Self.parts {
      let own = starts[(part * (Self.values + 1))..<((part + 1) * (Self.values + 1))]
      guard own.first == 0, own.last.map(Int.init) == count,
        zip(own, own.dropFirst()).allSatisfy({ $0 <= $1 })
      else { return nil }
    }
    guard numbers.allSatisfy({ Int($0) < count }) else { return nil }
  }
}
