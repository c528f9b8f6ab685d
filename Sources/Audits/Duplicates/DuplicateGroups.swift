public import Examiners

/// Groups of pictures that nearly repeat each other.
public enum DuplicateGroups {
  /// Joins pictures whose hashes differ in at most `distance` bits, transitively.
  ///
  /// Pictures of one colour hash to nearly nothing and would all be one group; a hash with fewer than 4 or
  /// more than 60 bits set takes no part.
  ///
  /// - Parameters:
  ///   - hashes: one per picture; nil where there is none.
  ///   - distance: 0...64.
  /// - Returns: groups of two or more indices, each ascending, in order of their first.
  /// - Complexity: O(n²) comparisons of one word: 10,000 pictures take about 0.1 s.
  public static func find(_ hashes: [PerceptualHash?], distance: Int = 6) -> [[Int]] {
    let usable = hashes.indices.filter { index in
      guard let hash = hashes[index] else { return false }
      return (4...60).contains(hash.bits.nonzeroBitCount)
    }
    let bits = usable.map { hashes[$0]?.bits ?? 0 }
    var parent = Array(bits.indices)
    func root(_ index: Int) -> Int {
      var index = index
      while parent[index] != index {
        parent[index] = parent[parent[index]]
        index = parent[index]
      }
      return index
    }
    for first in bits.indices {
      for second in (first + 1)..<max(first + 1, bits.count)
      where (bits[first] ^ bits[second]).nonzeroBitCount <= distance {
        let (a, b) = (root(first), root(second))
        if a != b { parent[max(a, b)] = min(a, b) }
      }
    }
    var groups: [Int: [Int]] = [:]
    for index in bits.indices { groups[root(index), default: []].append(usable[index]) }
    return groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
  }
}
