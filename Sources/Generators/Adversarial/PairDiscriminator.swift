import NeuralNetworks
import Tensors

/// A discriminator of pictures beside what they were made of, and of three levels of a fixed network's features.
struct PairDiscriminator: Layer {
  /// Of the trunk's levels, those that are judged: strides 4, 8 and 16.
  private static let judged = [2, 3, 4]

  var mixes: [Conv2d]
  var heads: [LogitHead]
  var pair: LogitHead

  /// - Parameters:
  ///   - channels: of what the pictures are made of.
  ///   - side: of the pictures.
  init(channels: Int, side: Int, levels: [EfficientNetTrunk.Level], random: inout RandomStream) {
    mixes = []
    heads = []
    for index in Self.judged {
      let level = levels[index]
      var mix = Conv2d(level.channels, 48, kernel: 1, bias: false, random: &random)
      let deviation = 1 / Float(level.channels).squareRoot()
      mix.weight = Parameter(
        Tensor(normal: [1, 1, level.channels, 48], deviation: deviation, using: &random), role: .buffer,
        fileLayout: .kernel)
      mixes.append(mix)
      heads.append(
        LogitHead(48, side: side / level.stride, width: 64, seesBatch: false, random: &random))
    }
    pair = LogitHead(channels + 3, side: side, width: 32, seesBatch: false, random: &random)
  }

  /// Logits [N, some] of each head.
  ///
  /// - Parameters:
  ///   - given: what the pictures are made of, at their size.
  ///   - features: the fixed network's, of the pictures.
  func logits(given: Variable, pictures: Variable, features: [Variable]) -> [Variable] {
    var results = [pair(Variable.joinedChannels([pictures, given]))]
    for (index, level) in Self.judged.enumerated() {
      results.append(heads[index](mixes[index](features[level])))
    }
    return results
  }

  func callAsFunction(_ x: Variable) -> Variable { pair(x) }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    for i in mixes.indices {
      mixes[i].visitParameters(visitor["mixes"][i])
      heads[i].visitParameters(visitor["heads"][i])
    }
    pair.visitParameters(visitor["pair"])
  }
}
