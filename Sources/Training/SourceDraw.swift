import Tensors

/// Things of several sources, drawn so that no source outweighs the rest: each counts by the root of its size.
struct SourceDraw<Item: Sendable>: Sendable {
  /// Sources in the order of their names, and the things of each.
  private let sources: [[Item]]
  /// The sum of the roots up to each source and with it.
  private let sums: [Float]

  /// - Parameter sources: none of them empty; their order decides what a number draws.
  init(_ sources: [[Item]]) {
    self.sources = sources
    var sum: Float = 0
    sums = sources.map {
      sum += Float($0.count).squareRoot()
      return sum
    }
  }

  /// One of a source; it takes two numbers of the stream.
  ///
  /// - Returns: nil where there are no sources.
  func item(_ random: inout RandomStream) -> Item? {
    guard let total = sums.last else { return nil }
    let place = random.uniform() * total
    let source = sources[min(sums.firstIndex { $0 > place } ?? 0, sources.count - 1)]
    return source[random.integer(in: 0..<source.count)]
  }
}
