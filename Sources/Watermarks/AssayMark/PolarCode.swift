/// A polar code of 512 bits: the strongest known short code that decodes with soft decisions in about a
/// millisecond.
///
/// Information stands on the most reliable synthetic channels, ordered by polarization weight: the sum of
/// β^j over the index's set bits j, β = 2^¼. Decoding is successive cancellation over a list of paths; a
/// check in the payload picks the path.
///
/// Sources: Arıkan 2009, doi:10.1109/TIT.2009.2021379; Tal and Vardy 2015, doi:10.1109/TIT.2015.2410251;
/// He et al. 2017, arXiv:1704.05709 (polarization weight).
package struct PolarCode: Sendable {
  static let length = 512
  static let stages = 9

  /// Information bits a word.
  package let dimension: Int
  /// Synthetic channels that carry information, ascending.
  let informationIndices: [Int]
  private let isFrozen: [Bool]

  package init(dimension: Int) {
    precondition((1...Self.length).contains(dimension))
    self.dimension = dimension
    var powers: [Double] = []
    var power = 1.0
    for _ in 0..<Self.stages {
      powers.append(power)
      power *= 1.189207115002721
    }
    let weights = (0..<Self.length).map { index in
      (0..<Self.stages).reduce(0.0) { $0 + (index >> $1 & 1 == 1 ? powers[$1] : 0) }
    }
    let order = (0..<Self.length).sorted { weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 > $1 }
    informationIndices = order.prefix(dimension).sorted()
    var frozen = [Bool](repeating: true, count: Self.length)
    for index in informationIndices { frozen[index] = false }
    isFrozen = frozen
  }

  /// The 512 coded bits for `dimension` information bits.
  package func encode(_ information: [Bool]) -> [Bool] {
    precondition(information.count == dimension)
    var word = [Bool](repeating: false, count: Self.length)
    for (bit, index) in zip(information, informationIndices) { word[index] = bit }
    var half = 1
    while half < Self.length {
      for start in stride(from: 0, to: Self.length, by: 2 * half) {
        for index in start..<start + half { word[index] = word[index] != word[index + half] }
      }
      half *= 2
    }
    return word
  }

  /// The likeliest information words, best first.
  ///
  /// - Parameters:
  ///   - beliefs: 512 log-likelihood ratios, positive for 0, on any common scale.
  ///   - paths: how many words are followed at once and returned.
  package func decode(_ beliefs: [Float], paths: Int) -> [[Bool]] {
    precondition(beliefs.count == Self.length && paths >= 1)
    var decoder = PolarListDecoder(beliefs: beliefs, isFrozen: isFrozen, paths: paths)
    return decoder.run().map { word in informationIndices.map { word[$0] } }
  }
}
