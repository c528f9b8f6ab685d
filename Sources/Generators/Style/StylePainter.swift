import NeuralNetworks
import Tensors

/// Paints a picture in a manner that a vector tells: three convolutions down to a quarter of the sides, five residual
/// blocks, three convolutions up again; the mean and deviation of every channel after the first three follow the vector.
///
/// Sources: Ghiasi et al. 2017, arXiv:1705.06830; Dumoulin et al. 2016, arXiv:1610.07629 (conditional instance
/// normalisation). The widths and weights are those of Magenta's network for mobile devices.
struct StylePainter: Layer {
  /// Numbers of the vector.
  static let vectorSize = 100
  /// The farthest that a pixel's result looks, in pixels of the picture, rounded up.
  static let reach = 56

  var contract: [Conv2d]
  /// Two a block.
  var residuals: [Conv2d]
  var expand: [Conv2d]
  /// From the vector, for each convolution from the first residual one on.
  var gains: [Linear]
  var shifts: [Linear]
  /// The weights of the convolutions of enlarged maps, for the maps as they are; see ``prepare()``.
  private var phased: [Tensor] = []
  /// The weights of the outer convolutions for several neighbouring pixels at once.
  private var first = Tensor([0])
  private var last = Tensor([0])
  private var firstBias: Tensor?

  init(random: inout RandomStream) {
    func convolution(_ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1, bias: Bool) -> Conv2d {
      Conv2d(
        inputs, outputs, kernel: kernel, stride: stride, padding: .symmetric(0), bias: bias, random: &random)
    }
    contract = [
      convolution(3, 8, kernel: 9, bias: true), convolution(8, 16, stride: 2, bias: true),
      convolution(16, 32, stride: 2, bias: true),
    ]
    residuals = (0..<10).map { _ in convolution(32, 32, bias: false) }
    expand = [
      convolution(32, 16, bias: false), convolution(16, 8, bias: false),
      convolution(8, 3, kernel: 9, bias: false),
    ]
    let widths = [Int](repeating: 32, count: 10) + [16, 8, 3]
    gains = widths.map { Linear(unset: Self.vectorSize, $0) }
    shifts = widths.map { Linear(unset: Self.vectorSize, $0) }
  }

  /// What a vector says of each normalised convolution, [1, C].
  struct Manner: Sendable {
    var gains: [Tensor]
    var shifts: [Tensor]
  }

  /// - Parameter vector: [1, ``vectorSize``].
  func manner(_ vector: Tensor) -> Manner {
    let x = Tape.inference().constant(vector)
    return Manner(gains: gains.map { $0(x).tensor }, shifts: shifts.map { $0(x).tensor })
  }

  /// Of each normalised convolution's channels, [1, C].
  struct Moments: Sendable {
    var mean: Tensor
    var variance: Tensor
  }

  private static let epsilon: Float = 1e-5

  /// Pictures [N, H, W, 3] in 0...1, painted.
  ///
  /// - Parameter moments: those of the whole picture where `x` is a part of it; nil to take those of `x` itself, of all of
  ///   its pictures together.
  /// - Returns: the pictures in 0...1, and the moments that were used.
  func painted(_ x: Tensor, in manner: Manner, moments: [Moments]? = nil) -> (
    picture: Tensor, moments: [Moments]
  ) {
    var used: [Moments] = []
    func convolved(
      _ x: Tensor, _ weight: Tensor, stride: Int = 1, padding: ConvolutionGeometry.Padding,
      scale: Tensor? = nil, shift: Tensor? = nil, residual: Tensor? = nil, activation: Activation = .identity
    ) -> Tensor {
      Kernels.convolve(
        x, weight, scale: scale, shift: shift, residual: residual, activation: activation,
        ConvolutionGeometry(input: x.shape, weight: weight.shape, stride: stride, padding: padding))
    }
    /// - Parameters:
    ///   - times: how many results the weight makes of a pixel, one after the other.
    ///   - place: puts these where they belong.
    func normalised(
      _ x: Tensor, _ weight: Tensor, padding: ConvolutionGeometry.Padding = .symmetric(0), times: Int = 1,
      residual: Tensor? = nil, activation: Activation, place: (Tensor) -> Tensor = { $0 }
    ) -> Tensor {
      let index = used.count
      if let moments {
        used.append(moments[index])
        let (scale, shift) = Self.coefficients(moments[index], manner.gains[index], manner.shifts[index])
        func repeated(_ row: Tensor) -> Tensor {
          Tensor.stacked([Tensor](repeating: row, count: times)).reshaped(to: [times * row.count])
        }
        return place(
          convolved(
            x, weight, padding: padding, scale: repeated(scale), shift: repeated(shift), residual: residual,
            activation: activation))
      }
      let y = place(convolved(x, weight, padding: padding))
      let found = ChannelStatistics.moments(y, samples: 1, channelGroups: y.shape.channels)
      used.append(Moments(mean: found.mean, variance: found.variance))
      let (scale, shift) = Self.coefficients(used[index], manner.gains[index], manner.shifts[index])
      return ChannelStatistics.affine(
        y, scale: scale, shift: shift, residual: residual, samples: 1, activation: activation)
    }
    // Where a picture's edge shows it is mirrored, as in training: around the first convolution and the blocks. The
    // others pad with zeros, which do not reach beyond the border that is cut off.
    let framed = Self.mirrored(x, Self.frame)
    var y = convolved(
      Self.grouped(framed, Self.pair), first, padding: .symmetric(0), shift: firstBias, activation: .relu)
    y = Self.grouped(y, 1, of: Self.pair)
    for layer in contract.dropFirst() {
      y = convolved(
        y, layer.weight.value, stride: layer.stride, padding: .symmetric(1), shift: layer.bias?.value,
        activation: .relu)
    }
    for block in Swift.stride(from: 0, to: residuals.count, by: 2) {
      let inner = normalised(Self.mirrored(y, 1), residuals[block].weight.value, activation: .relu)
      y = normalised(
        Self.mirrored(inner, 1), residuals[block + 1].weight.value, residual: y, activation: .identity)
    }
    for weight in phased {
      y = normalised(y, weight, padding: .symmetric(1), times: 4, activation: .relu, place: Spatial.spread)
    }
    y = normalised(
      Self.grouped(y, Self.quadruple), last, padding: .same, times: Self.quadruple, activation: .identity
    ) { Self.grouped($0, 1, of: Self.quadruple) }
    return (Kernels.activate(y, .sigmoid), used)
  }

  private static func coefficients(_ own: Moments, _ gain: Tensor, _ shift: Tensor) -> (Tensor, Tensor) {
    let scale = gain / (own.variance + epsilon).squareRoot()
    return (scale, shift - own.mean * scale)
  }

  private static func mirrored(_ x: Tensor, _ pad: Int) -> Tensor {
    Tape.inference().constant(x).reflectionPadded(pad).tensor
  }

  /// Makes what the loaded weights must be brought to: a convolution of a map's pixels repeated two by two is four
  /// convolutions of the map, one for each place.
  ///
  /// The outer convolutions have few channels. Pixels side by side are taken for channels of one wider pixel, which fills
  /// the vectors; in memory that is what they are.
  mutating func prepare() {
    phased = expand.dropLast().map { Self.phased($0.weight.value) }
    first = Self.grouped(weight: contract[0].weight.value, Self.pair)
    last = Self.grouped(weight: expand[expand.count - 1].weight.value, Self.quadruple)
    firstBias = contract[0].bias.map {
      Tensor.stacked([$0.value, $0.value]).reshaped(to: [2 * $0.value.count])
    }
  }

  /// Pixels that the outer convolutions see on each side.
  private static let frame = 4
  private static let pair = 2
  private static let quadruple = 4

  /// [N, H, W / count, C · count] of [N, H, W, C]; or from groups of `former` pixels.
  private static func grouped(_ x: Tensor, _ count: Int, of former: Int = 1) -> Tensor {
    let s = x.shape
    return x.reshaped(to: [s[0], s[1], s[2] * former / count, s[3] / former * count])
  }

  /// [9, 1 + 2 · ⌈4 / count⌉, in · count, out · count] of [9, 9, in, out].
  private static func grouped(weight: Tensor, _ count: Int) -> Tensor {
    let (side, inputs, outputs) = (weight.shape[0], weight.shape[2], weight.shape[3])
    let before = (frame + count - 1) / count
    let columns = 2 * before + 1
    var result = Tensor([side, columns, inputs * count, outputs * count])
    weight.withSpan { w in
      result.withMutableSpan { target in
        for row in 0..<side {
          for pixel in 0..<count {
            for tap in 0..<side {
              // Counted from the first pixel of the first group.
              let at = before * count + pixel + tap - frame
              for i in 0..<inputs {
                let line = (row * columns + at / count) * inputs * count + at % count * inputs + i
                for o in 0..<outputs {
                  target[line * outputs * count + pixel * outputs + o] =
                    w[((row * side + tap) * inputs + i) * outputs + o]
                }
              }
            }
          }
        }
      }
    }
    return result
  }

  /// [3, 3, in, 4 · out] of [3, 3, in, out], places in the order of their rows.
  private static func phased(_ weight: Tensor) -> Tensor {
    let (inputs, outputs) = (weight.shape[2], weight.shape[3])
    var result = Tensor([3, 3, inputs, 4 * outputs])
    weight.withSpan { w in
      result.withMutableSpan { target in
        for place in 0..<4 {
          for tap in 0..<9 {
            let row = (place / 2 + tap / 3 + 1) / 2
            let column = (place % 2 + tap % 3 + 1) / 2
            for i in 0..<inputs {
              for o in 0..<outputs {
                target[((row * 3 + column) * inputs + i) * 4 * outputs + place * outputs + o] +=
                  w[(tap * inputs + i) * outputs + o]
              }
            }
          }
        }
      }
    }
    return result
  }

  /// Nothing is painted without a manner: ``painted(_:in:moments:)`` does.
  func callAsFunction(_ x: Variable) -> Variable { x }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    for i in contract.indices { contract[i].visitParameters(visitor["contract"][i]) }
    for i in residuals.indices { residuals[i].visitParameters(visitor["residuals"][i]) }
    for i in expand.indices { expand[i].visitParameters(visitor["expand"][i]) }
    for i in gains.indices { gains[i].visitParameters(visitor["gains"][i]) }
    for i in shifts.indices { shifts[i].visitParameters(visitor["shifts"][i]) }
  }
}
