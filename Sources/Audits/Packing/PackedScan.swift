import Scanning

/// A scan's result as bytes, a tenth of what it takes unpacked.
///
/// An audit keeps ten thousand results to its end. As values each holds some thirty dictionaries, most of them the
/// detector's crops and the spectrum's peaks, which are 13 kB a file; as bytes all of it is 2 kB. Names that
/// recur (methods, keys) stand once in a ``NamePool``. The form is for memory only and lives no longer than the process.
struct PackedScan: Sendable {
  private let bytes: [UInt8]

  init(_ scan: ScanResult, names: inout NamePool) {
    // Handed over and back, so that the pool is never copied.
    var writer = PackWriter(names: names)
    names = NamePool()
    writer.write(scan)
    names = writer.names
    bytes = writer.bytes
  }

  /// - Parameter names: the pool that the result was packed with, or that pool grown since.
  func unpacked(_ names: NamePool) -> ScanResult {
    var reader = PackReader(bytes: bytes, names: names)
    return reader.scan()
  }
}

/// Names that recur in results, each with a number.
struct NamePool: Sendable {
  private var names: [String] = []
  private var numbers: [String: Int] = [:]

  /// Names come from files too, so that their number has a bound; later ones are written out.
  private static let limit = 4_096

  /// The name's number; nil where the pool is full.
  mutating func number(of name: String) -> Int? {
    if let known = numbers[name] { return known }
    guard names.count < Self.limit else { return nil }
    names.append(name)
    numbers[name] = names.count - 1
    return names.count - 1
  }

  subscript(number: Int) -> String { names[number] }
}
