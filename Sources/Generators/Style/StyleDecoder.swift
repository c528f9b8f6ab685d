import NeuralNetworks
import Tensors

/// Paints a picture from restyled maps at strides 8 and 4.
///
/// There is no normalisation in it, so that a picture can be painted in tiles: a pixel depends on the maps within
/// ``StyleNetwork/reach`` pixels and on nothing else.
struct StyleDecoder: Layer {
  /// A convolution of stride 1, its bias and a rectifier.
  struct Rectified: Layer {
    var convolution: Conv2d
    var activation: Activation

    init(
      _ inputs: Int, _ outputs: Int, kernel: Int = 3, activation: Activation = .relu,
      random: inout RandomStream
    ) {
      convolution = Conv2d(inputs, outputs, kernel: kernel, random: &random)
      self.activation = activation
      // He's initialisation; PyTorch's default shrinks the signal layer by layer.
      let deviation = (2 / Float(inputs * kernel * kernel)).squareRoot()
      let shape = convolution.weight.value.shape
      convolution.weight.value = Tensor(normal: shape, deviation: deviation, using: &random)
      convolution.bias?.value = Tensor([outputs])
    }

    func callAsFunction(_ x: Variable) -> Variable { convolution(x).activated(activation) }

    mutating func visitParameters(_ visitor: ParameterVisitor) { convolution.visitParameters(visitor) }
  }

  var reduce: Rectified
  var residuals: [Rectified]
  var quarter: Rectified
  var skip: Rectified
  var quarterRefined: Rectified
  var half: Rectified
  var full: Rectified
  var colour: Rectified

  init(eighth: Int, quarter: Int, random: inout RandomStream) {
    reduce = Rectified(eighth, 64, kernel: 1, random: &random)
    residuals = (0..<4).map { index in
      Rectified(64, 64, activation: index % 2 == 0 ? .relu : .identity, random: &random)
    }
    self.quarter = Rectified(64, 32, activation: .identity, random: &random)
    skip = Rectified(quarter, 32, kernel: 1, activation: .identity, random: &random)
    quarterRefined = Rectified(32, 32, random: &random)
    half = Rectified(32, 24, random: &random)
    full = Rectified(24, 16, random: &random)
    colour = Rectified(16, 3, activation: .identity, random: &random)
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
