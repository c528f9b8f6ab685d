package import Images
package import NeuralNetworks
package import Tensors

/// The network that tells generated crops from real ones: EfficientNet-Lite0 with one output, 3.4 million
/// parameters, 0.13 billion multiplications a crop of 128 × 128.
///
/// Source: Tan and Le 2019, arXiv:1905.11946, in its "Lite" variant; started from ImageNet weights.
package struct Discriminator: Sendable {
  /// (sample − mean) / scale on 8-bit RGB; the constants of the ImageNet weights.
  static let (mean, scale): (Float, Float) = (127, 128)

  package let network: EfficientNetLite0

  package init(network: EfficientNetLite0) { self.network = network }

  /// A network with random weights.
  package static func network(seed: UInt64) -> EfficientNetLite0 {
    var random = RandomStream(seed: seed)
    return EfficientNetLite0(classes: 1, random: &random)
  }

  /// The one way from pixels to the network's input, for training and use.
  ///
  /// - Parameter crops: of one size, 32 pixels a side or more.
  /// - Returns: [N, side, side, 3].
  package static func input(_ crops: [Image]) -> Tensor { Tensor(crops).map { ($0 - mean) / scale } }

  /// The logit of 'a generative model made this' of each crop.
  package func logits(_ crops: [Image]) -> [Double] {
    crops.isEmpty ? [] : network.infer(Self.input(crops)).values.map(Double.init)
  }
}
