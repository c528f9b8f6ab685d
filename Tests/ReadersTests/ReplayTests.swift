import Foundation
import TestSupport
import Testing

/// What the search of `make fuzz` found to open new ways, read by the program as it is shipped: a trap ends the tests.
struct ReplayTests {
  @Test(arguments: readers.map(\.name))
  func `a reader gets through all inputs that led somewhere`(name: String) throws {
    let reader = try #require(readers.first { $0.name == name })
    let inputs = try Self.inputs(of: name)
    #expect(!inputs.isEmpty)
    for input in inputs { reader.read(input) }
    reader.read([])
  }

  /// Each is a length in four bytes, the smallest first, and its bytes; `fuzz.py --keep` writes them.
  private static func inputs(of name: String) throws -> [[UInt8]] {
    let file = TestPaths.root.appending(path: "Tests/Fuzzing/Inputs/\(name)")
    var rest = try [UInt8](Data(contentsOf: file))[...]
    var inputs: [[UInt8]] = []
    while !rest.isEmpty {
      let count = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      inputs.append(Array(rest.dropFirst(4).prefix(count)))
      rest = rest.dropFirst(4 + count)
    }
    return inputs
  }
}
