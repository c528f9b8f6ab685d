import NeuralNetworks
import Tensors

/// Style transfer: one network tells a picture's manner as a vector, another paints in it. The encoder serves the
/// optimisation that may follow.
struct StyleNetwork: Layer {
  /// Frozen once its weights are loaded.
  var encoder: EfficientNetTrunk
  var predictor: MobileNetV2
  var painter: StylePainter

  /// How many of the trunk's levels are encoded.
  static let depth = 4
  /// The farthest that a pixel's result looks, in pixels of the picture: a multiple of the stride.
  static let reach = StylePainter.reach
  /// Sides are multiples of this.
  static let stride = 8
  /// The side of the windows that a manner is told from.
  static let window = 256

  init(random: inout RandomStream) {
    encoder = EfficientNetTrunk(depth: Self.depth)
    predictor = MobileNetV2(outputs: StylePainter.vectorSize, random: &random)
    painter = StylePainter(random: &random)
  }

  /// The mean of what windows [N, 256, 256, 3] in 0...1 say: [1, 100].
  func vector(_ windows: Tensor) -> Tensor {
    predictor.infer(windows).sum(to: [StylePainter.vectorSize]).reshaped(to: [1, StylePainter.vectorSize])
      * (1 / Float(windows.shape[0]))
  }

  func callAsFunction(_ x: Variable) -> Variable { encoder(x) }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    encoder.visitParameters(visitor["encoder"])
    predictor.visitParameters(visitor["predictor"])
    painter.visitParameters(visitor["painter"])
  }
}
