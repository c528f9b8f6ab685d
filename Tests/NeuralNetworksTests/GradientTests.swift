import NeuralNetworks
import Tensors
import Testing

/// An operation on two inputs, to be checked against finite differences.
struct GradientCase: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var shapes: [Shape]
  /// Inputs are kept away from 0 by this much, where the derivative jumps.
  var distance: Float = 0
  var mode = Tape.Mode.training
  var body: @Sendable ([Variable]) -> Variable

  static let all: [GradientCase] = [
    .init(testDescription: "broadcast arithmetic", shapes: [[2, 3, 3, 4], [4]]) {
      ($0[0] + $0[1]) * $0[1] - $0[0]
    },
    .init(testDescription: "division", shapes: [[3, 4], [3, 1]], distance: 0.5) { $0[0] / $0[1] },
    .init(testDescription: "square root of squares", shapes: [[3, 4]]) {
      ($0[0].squared() + 0.1).squareRoot()
    },
    .init(testDescription: "absolute", shapes: [[3, 4]], distance: 0.05) { $0[0].absolute() },
    .init(testDescription: "exponential and logarithm", shapes: [[3, 4]]) {
      ($0[0].exponential() + 1).logarithm()
    },
    .init(testDescription: "softplus", shapes: [[3, 4]]) { $0[0].softplus() },
    .init(testDescription: "tanh, sigmoid, silu", shapes: [[3, 4]]) {
      $0[0].activated(.tanh) + $0[0].activated(.sigmoid) + $0[0].activated(.silu)
    },
    .init(testDescription: "rectifiers", shapes: [[3, 4]], distance: 0.05) {
      $0[0].activated(.relu) + $0[0].activated(.relu6) + $0[0].activated(.leakyReLU(slope: 0.2))
    },
    .init(testDescription: "A·B", shapes: [[3, 5], [5, 4]]) { $0[0].matrixProduct($0[1]) },
    .init(testDescription: "Aᵀ·B", shapes: [[5, 3], [5, 4]]) { $0[0].matrixProduct($0[1], transposed: true) },
    .init(testDescription: "A·Bᵀ", shapes: [[3, 5], [4, 5]]) {
      $0[0].matrixProduct($0[1], otherTransposed: true)
    },
    .init(testDescription: "Aᵀ·Bᵀ", shapes: [[5, 3], [4, 5]]) {
      $0[0].matrixProduct($0[1], transposed: true, otherTransposed: true)
    },
    .init(testDescription: "convolution", shapes: [[2, 5, 5, 3], [3, 3, 3, 4], [4]]) {
      $0[0].convolved(with: $0[1], bias: $0[2], stride: 2, padding: .symmetric(1))
    },
    .init(testDescription: "depthwise convolution", shapes: [[2, 6, 6, 3], [3, 3, 1, 3]]) {
      $0[0].convolved(with: $0[1], stride: 2, padding: .same, groups: 3)
    },
    .init(testDescription: "transposed convolution", shapes: [[2, 3, 3, 4], [4, 4, 3, 4], [3]]) {
      $0[0].transposedConvolved(with: $0[1], bias: $0[2], stride: 2, padding: 1)
    },
    .init(testDescription: "instance statistics of a style", shapes: [[2, 3, 3, 2], [2, 3, 4, 2]]) {
      $0[0].styled(like: $0[1])
    },
    .init(testDescription: "Gram matrices", shapes: [[2, 3, 3, 4]]) { $0[0].gramMatrices() },
    .init(testDescription: "crop", shapes: [[2, 4, 5, 3]]) {
      $0[0].cropped(top: 1, left: 2, height: 2, width: 3)
    },
    .init(testDescription: "total variation", shapes: [[1, 4, 5, 3]]) { $0[0].totalVariation() * 10 },
    .init(testDescription: "pooling", shapes: [[2, 6, 6, 3]]) {
      $0[0].maxPooled(kernel: 2, stride: 2) + $0[0].averagePooled(kernel: 2, stride: 2)
    },
    .init(testDescription: "resizing", shapes: [[1, 3, 4, 2]]) {
      $0[0].resizedBilinear(height: 6, width: 8) + $0[0].upsampledNearest(2)
    },
    .init(testDescription: "reflection", shapes: [[1, 4, 4, 2]]) { $0[0].reflectionPadded(2) },
    .init(testDescription: "pixel shuffle", shapes: [[1, 2, 3, 8]]) { $0[0].pixelShuffled(2) },
    .init(testDescription: "modulation", shapes: [[2, 3, 3, 4], [2, 4], [2, 4]]) {
      $0[0].modulated(gain: $0[1], shift: $0[2])
    },
    .init(testDescription: "rectified modulation", shapes: [[2, 3, 3, 4], [2, 4], [2, 4]]) {
      $0[0].modulated(gain: $0[1], shift: $0[2] + 3, activation: .leakyReLU(slope: 0.2))
    },
    .init(testDescription: "modulation and a smooth activation", shapes: [[2, 3, 3, 4], [2, 4], [2, 4]]) {
      $0[0].modulated(gain: $0[1], shift: $0[2], activation: .tanh)
    },
    .init(testDescription: "differentiable augmentation", shapes: [[3, 8, 8, 3]]) {
      // The draws depend on the tape's stream alone.
      $0[0].tape.random = RandomStream(seed: 5)
      return DifferentiableAugmentation()($0[0])
    },
    .init(testDescription: "stack and slice", shapes: [[2, 3], [1, 3]]) {
      let all = Variable.stacked($0)
      return all.rows(1..<3)
        * Variable.joinedChannels([all.channels(2..<3), all.channels(0..<2)]).rows(0..<2)
    },
    .init(testDescription: "error units", shapes: [[3, 4]]) {
      $0[0].activated(.gaussian(.exact)) + $0[0].activated(.gaussian(.tanh))
        + $0[0].activated(.gaussian(.quick))
    },
    .init(testDescription: "layer normalisation", shapes: [[2, 5, 6], [6], [6]]) {
      $0[0].layerNormalised(gain: $0[1], bias: $0[2], epsilon: 1e-5)
    },
    .init(testDescription: "attention", shapes: [[2, 3, 6], [2, 5, 6], [2, 5, 6]]) {
      $0[0].attending(to: $0[1], values: $0[2], heads: 2)
    },
    .init(testDescription: "attention to oneself", shapes: [[2, 5, 6]]) {
      $0[0].attending(to: $0[0], values: $0[0], heads: 3)
    },
    .init(testDescription: "linear over tokens", shapes: [[2, 5, 4]]) {
      var random = RandomStream(seed: 6)
      return Linear(4, 3, random: &random)($0[0]) * 3
    },
    .init(testDescription: "tokens", shapes: [[2, 5, 3]]) { $0[0].tokens(1..<4) },
    .init(testDescription: "cross entropy", shapes: [[3, 4]]) {
      $0[0].crossEntropy([2, 0, 3], smoothing: 0.1) * 10
    },
  ]
}

struct GradientTests {
  /// The derivative of Σ body · seed along `direction` by central difference, and by the tape.
  private func derivatives(
    _ inputs: [Tensor], _ direction: [Tensor], mode: Tape.Mode, _ body: ([Variable]) -> Variable
  ) -> (numeric: Double, tape: Double) {
    let tape = Tape(mode)
    let variables = inputs.map(tape.input)
    let result = body(variables)
    var random = RandomStream(seed: 21)
    let seed = Tensor(normal: result.shape, using: &random)
    let gradients = result.gradients(seed: seed)
    var exact = 0.0
    for (variable, along) in zip(variables, direction) {
      exact += zip(gradients[variable]!.values, along.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
    func value(_ step: Float) -> Double {
      let tape = Tape(mode)
      let moved = zip(inputs, direction).map { tape.constant($0 + $1 * step) }
      return zip(body(moved).tensor.values, seed.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
    let h: Float = 4e-3
    return ((value(h) - value(-h)) / Double(2 * h), exact)
  }

  @Test(arguments: GradientCase.all)
  func `the gradient is the finite difference`(c: GradientCase) {
    var random = RandomStream(seed: 20)
    let inputs = c.shapes.map { shape in
      Tensor(normal: shape, using: &random).map { $0 < 0 ? $0 - c.distance : $0 + c.distance }
    }
    for _ in 0..<4 {
      let direction = c.shapes.map { Tensor(uniform: $0, in: -1...1, using: &random) }
      let (numeric, exact) = derivatives(inputs, direction, mode: c.mode, c.body)
      #expect(abs(numeric - exact) < 1e-2 * max(1, abs(exact)), "\(numeric) and \(exact)")
    }
  }

  @Test(arguments: [Tape.Mode.training, .evaluation], [Activation.identity, .leakyReLU(slope: 0.2)])
  func `normalisations have the gradient of the finite difference`(mode: Tape.Mode, activation: Activation) {
    var random = RandomStream(seed: 22)
    let x = Tensor(normal: [3, 4, 4, 6], using: &random) * 2 + 1
    var layers: [any Layer] = [
      BatchNorm2d(6, activation: activation), GroupNorm(groups: 2, 6, activation: activation),
      InstanceNorm2d(6, affine: true, activation: activation),
    ]
    for i in layers.indices {
      layers[i].updateParameters { _, parameter in
        if parameter.role != .buffer { parameter.value = Tensor(uniform: [6], in: 0.5...1.5, using: &random) }
      }
      let direction = Tensor(uniform: x.shape, in: -1...1, using: &random)
      let layer = layers[i]
      let (numeric, exact) = derivatives([x], [direction], mode: mode) { layer($0[0]) }
      #expect(abs(numeric - exact) < 2e-2 * max(1, abs(exact)), "\(layer): \(numeric) and \(exact)")
      // The gain and the shift.
      let tape = Tape(mode)
      let result = layer(tape.constant(x))
      let seed = Tensor(normal: result.shape, using: &random)
      let gradients = result.gradients(seed: seed)
      for (path, parameter) in layer.parameters where parameter.role != .buffer {
        var moved = (layer, layer)
        let h: Float = 1e-2
        moved.0.updateParameters { if $0 == path { $1.value.withMutableSpan { $0[2] += h } } }
        moved.1.updateParameters { if $0 == path { $1.value.withMutableSpan { $0[2] -= h } } }
        let ahead = moved.0(Tape(mode).constant(x)).tensor.dot(seed)
        let behind = moved.1(Tape(mode).constant(x)).tensor.dot(seed)
        let found = gradients[parameter]?.values[2] ?? .nan
        #expect(abs((ahead - behind) / (2 * h) - found) < 2e-2 * max(1, abs(found)), "\(path)")
      }
    }
  }
}
