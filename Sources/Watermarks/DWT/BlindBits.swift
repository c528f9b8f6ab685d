/// A payload read without knowing any of it.
struct BlindBits {
  var bits: [Bool]
  /// The share of blocks that vote as their bit says, 0...1.
  var agreement: Double

  /// Splits the mean votes of the bits into two clusters; lopsided payloads need no special care then.
  init(_ grid: VoteGrid, length: Int) {
    var sums = [Float](repeating: 0, count: length)
    var counts = sums
    for index in 0..<grid.count {
      sums[index % length] += grid.rawVotes[index]
      counts[index % length] += 1
    }
    let votes = (0..<length).map { sums[$0] / max(1, counts[$0]) }
    var threshold = ((votes.min() ?? 0) + (votes.max() ?? 0)) / 2
    for _ in 0..<16 {
      let upper = votes.filter { $0 > threshold }
      let lower = votes.filter { $0 <= threshold }
      guard !upper.isEmpty, !lower.isEmpty else { break }
      threshold = (upper.reduce(0, +) / Float(upper.count) + lower.reduce(0, +) / Float(lower.count)) / 2
    }
    let read = votes.map { $0 > threshold }
    var agreeing = 0
    for index in 0..<grid.count where (grid.rawVotes[index] > threshold) == read[index % length] {
      agreeing += 1
    }
    bits = read
    agreement = Double(agreeing) / Double(max(1, grid.count))
  }
}
