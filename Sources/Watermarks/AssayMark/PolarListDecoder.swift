/// One run of list decoding over a ``PolarCode``.
///
/// Every path owns its beliefs and partial sums of all stages, stage s with 2^s entries. A path is copied
/// whole when it splits: at 512 bits and sixteen paths the copies cost less than keeping count of who shares
/// what.
struct PolarListDecoder {
  private let beliefs: [Float]
  private let isFrozen: [Bool]
  private let limit: Int
  private var paths: [Path]

  private struct Path {
    /// Stage s < 9 at 2^s − 1 ..< 2^(s+1) − 1: beliefs; and 512 further on the left halves' coded bits that
    /// wait there for their right halves, as ±1 (−1 for a set bit).
    var stages: [Float]
    var decisions: [Bool]
    var penalty: Float
  }

  init(beliefs: [Float], isFrozen: [Bool], paths: Int) {
    self.beliefs = beliefs
    self.isFrozen = isFrozen
    limit = paths
    self.paths = [
      Path(
        stages: [Float](repeating: 0, count: 2 * PolarCode.length),
        decisions: [Bool](repeating: false, count: PolarCode.length), penalty: 0)
    ]
  }

  /// The decided words on the synthetic channels, the likeliest first.
  mutating func run() -> [[Bool]] {
    for index in 0..<PolarCode.length {
      for path in paths.indices { descend(path, to: index) }
      if isFrozen[index] { freeze(index) } else { split(index) }
      for path in paths.indices { ascend(path, from: index) }
    }
    return paths.sorted { $0.penalty < $1.penalty }.map(\.decisions)
  }

  /// Brings the belief about channel `index` down to stage 0.
  private mutating func descend(_ path: Int, to index: Int) {
    // The stages above the lowest set bit of `index` hold from the step before.
    let top = index == 0 ? PolarCode.stages : index.trailingZeroBitCount + 1
    paths[path].stages.withUnsafeMutableBufferPointer { stages in
      beliefs.withUnsafeBufferPointer { channel in
        // SAFETY: stage s + 1 starts at 2^(s+1) − 1 and has 2^(s+1) entries; the channel has 512.
        let own = stages.baseAddress!
        let left = own + PolarCode.length
        for stage in stride(from: top - 1, through: 0, by: -1) {
          let half = 1 << stage
          let upper =
            stage == PolarCode.stages - 1 ? channel.baseAddress! : UnsafePointer(own) + 2 * half - 1
          let lower = own + half - 1
          if index >> stage & 1 == 1 {
            let sums = left + half - 1
            for i in 0..<half { lower[i] = upper[half + i] + sums[i] * upper[i] }
          } else {
            for i in 0..<half {
              let (a, b) = (upper[i], upper[half + i])
              let size = min(abs(a), abs(b))
              lower[i] = (a < 0) == (b < 0) ? size : -size
            }
          }
        }
      }
    }
  }

  private mutating func freeze(_ index: Int) {
    for path in paths.indices {
      let belief = paths[path].stages[0]
      if belief < 0 { paths[path].penalty -= belief }
    }
  }

  private mutating func split(_ index: Int) {
    var choices: [(path: Int, bit: Bool, penalty: Float)] = []
    choices.reserveCapacity(2 * paths.count)
    for (number, path) in paths.enumerated() {
      let belief = path.stages[0]
      choices.append((number, belief < 0, path.penalty))
      choices.append((number, belief >= 0, path.penalty + abs(belief)))
    }
    choices.sort { $0.penalty != $1.penalty ? $0.penalty < $1.penalty : $0.path < $1.path }
    choices.removeLast(max(0, choices.count - limit))
    var used = [Int](repeating: 0, count: paths.count)
    for choice in choices { used[choice.path] += 1 }
    var free = paths.indices.filter { used[$0] == 0 }
    var seen = [Bool](repeating: false, count: paths.count)
    let originals = paths.count
    for choice in choices {
      if !seen[choice.path] {
        seen[choice.path] = true
        continue
      }
      // The second child of a path: it moves to a free place with a copy of its parent.
      if let place = free.popLast() {
        paths[place] = paths[choice.path]
        paths[place].decisions[index] = choice.bit
        paths[place].penalty = choice.penalty
      } else {
        var child = paths[choice.path]
        child.decisions[index] = choice.bit
        child.penalty = choice.penalty
        paths.append(child)
      }
    }
    // First children keep their parent's place; written last, since the copies above need the parent.
    var first = [Bool](repeating: true, count: originals)
    for choice in choices where first[choice.path] {
      first[choice.path] = false
      paths[choice.path].decisions[index] = choice.bit
      paths[choice.path].penalty = choice.penalty
    }
  }

  /// Folds the decision about channel `index` into the partial sums that later channels need.
  private mutating func ascend(_ path: Int, from index: Int) {
    var stage = 0
    var carry: [Float] = [paths[path].decisions[index] ? -1 : 1]
    while index >> stage & 1 == 1 {
      let half = 1 << stage
      let start = PolarCode.length + half - 1
      var joined = [Float](repeating: 1, count: 2 * half)
      for i in 0..<half {
        joined[i] = paths[path].stages[start + i] * carry[i]
        joined[half + i] = carry[i]
      }
      carry = joined
      stage += 1
    }
    guard stage < PolarCode.stages else { return }
    let start = PolarCode.length + (1 << stage) - 1
    for i in carry.indices { paths[path].stages[start + i] = carry[i] }
  }
}
