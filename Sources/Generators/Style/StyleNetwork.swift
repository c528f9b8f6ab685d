import NeuralNetworks
import Tensors

/// Style transfer in one pass: the maps of a content picture are given the moments that a style picture's maps have,
/// and a decoder paints what they say.
///
/// Source: Huang and Belongie 2017, doi:10.1109/ICCV.2017.167 (adaptive instance normalisation); here at two
/// strides, on the rectified expansions of EfficientNet-Lite0.
struct StyleNetwork: Layer {
  /// Frozen once its weights are loaded.
  var encoder: EfficientNetTrunk
  var decoder: StyleDecoder

  /// How many of the trunk's levels are encoded; the last two are restyled.
  static let depth = 4
  /// The farthest that a pixel's result looks, in pixels of the picture, rounded up to a multiple of the stride.
  static let reach = 64
  /// Sides are multiples of this.
  static let stride = 8

  init(random: inout RandomStream) {
    encoder = EfficientNetTrunk(depth: Self.depth)
    let levels = encoder.levels
    decoder = StyleDecoder(
      eighth: levels[3].channels, quarter: levels[2].channels, random: &random)
  }

  /// The maps that are restyled, at strides 4 and 8.
  func maps(_ x: Variable) -> [Variable] { Array(encoder.features(x).suffix(2)) }

  /// A map with its own moments replaced.
  ///
  /// - Parameter strength: 0 leaves the map as it is, 1 replaces them wholly.
  func restyled(
    _ map: Variable, own: ChannelMoments, style: ChannelMoments, strength: Float
  ) -> Variable {
    let gain = (style.deviation / own.deviation) * strength + (1 - strength)
    let shift = (style.mean - own.mean * (style.deviation / own.deviation)) * strength
    return map.modulated(gain: map.tape.constant(gain), shift: map.tape.constant(shift))
  }

  func callAsFunction(_ x: Variable) -> Variable {
    let maps = maps(x)
    return decoder(eighth: maps[1], quarter: maps[0])
  }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    encoder.visitParameters(visitor["encoder"])
    decoder.visitParameters(visitor["decoder"])
  }
}
