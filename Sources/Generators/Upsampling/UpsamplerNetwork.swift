import NeuralNetworks
import Tensors

/// Doubles the sides of a picture: residual blocks at the low resolution, an enlargement, and what is missing from a
/// bilinear enlargement of the input.
///
/// There is no normalisation in it, so that a picture can be enlarged in tiles: a pixel depends on what lies within
/// ``reach`` and on nothing else. Pixels are repeated and then convolved, where a transposed convolution or a shuffle of
/// channels would begin with a pattern of squares.
///
/// Sources: Lim et al. 2017, arXiv:1707.02921 (blocks without normalisation); Wang et al. 2018, arXiv:1809.00219
/// (ESRGAN); Odena et al. 2016, doi:10.23915/distill.00003 (enlargement).
struct UpsamplerNetwork: Layer {
  /// How many times larger its result is.
  static let factor = 2
  /// The farthest that a pixel's result looks, in pixels of the input.
  static let reach = 18
  private static let width = 48
  private static let blocks = 6

  var head: RectifiedConvolution
  /// Two a block.
  var residuals: [RectifiedConvolution]
  var body: RectifiedConvolution
  var enlarged: RectifiedConvolution
  var refined: RectifiedConvolution
  var colour: RectifiedConvolution

  init(random: inout RandomStream) {
    let width = Self.width
    let leaky = Activation.leakyReLU(slope: 0.2)
    head = RectifiedConvolution(3, width, activation: .identity, random: &random)
    residuals = (0..<2 * Self.blocks).map { index in
      // Each block begins close to passing on what it is given.
      index % 2 == 0
        ? RectifiedConvolution(width, width, random: &random)
        : RectifiedConvolution(width, width, activation: .identity, gain: 0.1, random: &random)
    }
    body = RectifiedConvolution(width, width, activation: .identity, gain: 0.1, random: &random)
    enlarged = RectifiedConvolution(width, 32, activation: leaky, random: &random)
    refined = RectifiedConvolution(32, 32, activation: leaky, random: &random)
    // The whole network begins close to a bilinear enlargement.
    colour = RectifiedConvolution(32, 3, activation: .identity, gain: 0.1, random: &random)
  }

  /// Pictures [N, 2 H, 2 W, 3], about −1...1, of pictures [N, H, W, 3] in −1...1.
  func callAsFunction(_ x: Variable) -> Variable { enlarged(x) { _ in } }

  /// How many maps lie between its layers.
  static let mapCount = 2 * blocks + 4

  /// - Parameter note: is given each map, from the head's to the one that becomes colours.
  func enlarged(_ x: Variable, note: (Variable) -> Void) -> Variable {
    let first = head(x)
    note(first)
    var y = first
    for index in stride(from: 0, to: residuals.count, by: 2) {
      let rectified = residuals[index](y)
      note(rectified)
      y = y + residuals[index + 1](rectified)
      note(y)
    }
    y = body(y) + first
    note(y)
    let large = enlarged(y.upsampledNearest(Self.factor))
    note(large)
    y = refined(large)
    note(y)
    return x.resizedBilinear(height: Self.factor * x.shape[1], width: Self.factor * x.shape[2]) + colour(y)
  }

  /// The least and greatest numbers of each map over some pictures, each [1, H, W, 3] in −1...1.
  func bounds(over pictures: some Sequence<Tensor>) -> ByteUpsampler.Bounds {
    var bounds = [ClosedRange<Float>](repeating: 0...0, count: Self.mapCount)
    for picture in pictures {
      var index = 0
      _ = enlarged(Tape.inference().constant(picture)) { map in
        let (low, high) = (map.tensor.minimum, map.tensor.maximum)
        bounds[index] = min(low, bounds[index].lowerBound)...max(high, bounds[index].upperBound)
        index += 1
      }
    }
    return bounds
  }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    head.visitParameters(visitor["head"])
    for i in residuals.indices { residuals[i].visitParameters(visitor["residuals"][i]) }
    body.visitParameters(visitor["body"])
    enlarged.visitParameters(visitor["enlarged"])
    refined.visitParameters(visitor["refined"])
    colour.visitParameters(visitor["colour"])
  }
}
