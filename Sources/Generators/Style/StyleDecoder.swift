import NeuralNetworks
import Tensors

/// Paints a picture from restyled maps at strides 8 and 4.
///
/// There is no normalisation in it, so that a picture can be painted in tiles: a pixel depends on the maps within
/// ``StyleNetwork/reach`` pixels and on nothing else.
struct StyleDecoder: Layer {
  var reduce: RectifiedConvolution
  var residuals: [RectifiedConvolution]
  var quarter: RectifiedConvolution
  var skip: RectifiedConvolution
  var quarterRefined: RectifiedConvolution
  var half: RectifiedConvolution
  var full: RectifiedConvolution
  var colour: RectifiedConvolution

  init(eighth: Int, quarter: Int, random: inout RandomStream) {
    reduce = RectifiedConvolution(eighth, 64, kernel: 1, random: &random)
    residuals = (0..<4).map { index in
      RectifiedConvolution(64, 64, activation: index % 2 == 0 ? .relu : .identity, random: &random)
    }
    self.quarter = RectifiedConvolution(64, 32, activation: .identity, random: &random)
    skip = RectifiedConvolution(quarter, 32, kernel: 1, activation: .identity, random: &random)
    quarterRefined = RectifiedConvolution(32, 32, random: &random)
    half = RectifiedConvolution(32, 24, random: &random)
    full = RectifiedConvolution(24, 16, random: &random)
    colour = RectifiedConvolution(16, 3, activation: .identity, random: &random)
  }

  /// The picture [N, H, W, 3], about −1...1, of maps [N, H/8, W/8, ·] and [N, H/4, W/4, ·].
  func callAsFunction(eighth: Variable, quarter map: Variable) -> Variable {
    var x = reduce(eighth)
    for first in stride(from: 0, to: residuals.count, by: 2) {
      x = (x + residuals[first + 1](residuals[first](x))).activated(.relu)
    }
    x = (quarter(x.upsampledNearest(2)) + skip(map)).activated(.relu)
    x = quarterRefined(x)
    return colour(full(half(x.upsampledNearest(2)).upsampledNearest(2)))
  }

  func callAsFunction(_ x: Variable) -> Variable { x }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    reduce.visitParameters(visitor["reduce"])
    for i in residuals.indices { residuals[i].visitParameters(visitor["residuals"][i]) }
    quarter.visitParameters(visitor["quarter"])
    skip.visitParameters(visitor["skip"])
    quarterRefined.visitParameters(visitor["quarter_refined"])
    half.visitParameters(visitor["half"])
    full.visitParameters(visitor["full"])
    colour.visitParameters(visitor["colour"])
  }
}
