import NeuralNetworks
import Tensors
import Testing

/// Frozen networks, through which gradients pass, and what discriminators are made of.
struct FixedFeatureTests {
  private func closeness(_ a: Tensor, _ b: Tensor) -> Float {
    let scale = max(a.absolute().maximum, 1e-6)
    return (a - b).absolute().maximum / scale
  }

  @Test func `a frozen layer is the layer in use, and passes the same gradient to its input`() {
    var random = RandomStream(seed: 61)
    for activation in [Activation.identity, .relu6] {
      var layer = NormalizedConvolution(4, 6, kernel: 3, stride: 2, activation: activation, random: &random)
      layer.updateParameters { path, parameter in
        if path.hasPrefix("1.") {
          parameter.value = Tensor(uniform: parameter.value.shape, in: 0.5...1.5, using: &random)
        }
      }
      var frozen = layer
      frozen.freeze()
      let x = Tensor(normal: [2, 8, 8, 4], using: &random)
      let residual = Tensor(normal: [2, 4, 4, 6], using: &random)
      #expect(closeness(layer.infer(x), frozen.infer(x)) < 1e-5)
      let seed = Tensor(normal: [2, 4, 4, 6], using: &random)
      func gradients(_ layer: NormalizedConvolution) -> (Tensor?, Tensor?) {
        let tape = Tape(.evaluation)
        let (input, side) = (tape.input(x), tape.input(residual))
        let found = layer(input, residual: side).gradients(seed: seed)
        return (found[input], found[side])
      }
      let (own, other) = (gradients(layer), gradients(frozen))
      #expect(closeness(own.0!, other.0!) < 1e-4 && closeness(own.1!, other.1!) < 1e-5)
      // In training, statistics stay and no weight learns.
      let tape = Tape(.training)
      let found = frozen(tape.constant(x)).gradients(seed: seed)
      #expect(frozen.parameters.allSatisfy { found[$0.parameter] == nil })
      #expect(closeness(frozen(Tape(.training).constant(x)).tensor, layer.infer(x)) < 1e-5)
    }
  }

  @Test func `the trunk gives the network's own expansions`() throws {
    var random = RandomStream(seed: 62)
    let network = EfficientNetLite0(random: &random)
    let file = Safetensors(tensors: network.weights)
    var trunk = EfficientNetTrunk(depth: 5)
    try trunk.load(file)
    let x = Tensor(uniform: [1, 64, 64, 3], in: -1...1, using: &random)
    let maps = trunk.features(Tape.inference().constant(x))
    for (map, level) in zip(maps, trunk.levels) {
      #expect(map.shape == [1, 64 / level.stride, 64 / level.stride, level.channels])
    }
    // The stem of both sees pictures of one range.
    let stem = network.features(
      Tape.inference().constant(x * (127.5 / 128) + 0.5 / 128), at: [.stem])[.stem]
    #expect(stem?.tensor == maps[0].tensor)
    #expect(maps.allSatisfy { $0.tensor.minimum >= 0 && $0.tensor.maximum <= 6 })
    // A depth more changes nothing in the levels before.
    var short = EfficientNetTrunk(depth: 3)
    try short.load(file)
    #expect(short.features(Tape.inference().constant(x)).last?.tensor == maps[2].tensor)
  }

  @Test func `the spectral convolution's kernel has the norm 1, and its gradient is the finite difference`() {
    var random = RandomStream(seed: 63)
    var layer = SpectralConv2d(3, 5, kernel: 3, bias: false, random: &random)
    let x = Tensor(normal: [1, 6, 6, 3], using: &random)
    // Iterate until the singular vectors have settled.
    for _ in 0..<60 {
      let tape = Tape(.training)
      let y = layer(tape.constant(x))
      layer.updateBuffers(with: y.gradients(seed: y.tensor))
    }
    // A kernel three times as strong gives the same result.
    var strong = layer
    strong.updateParameters { if $0 == "weight" { $1.value = $1.value * 3 } }
    let (a, b) = (layer.infer(x), strong.infer(x))
    #expect(closeness(a, b) < 1e-3)
    // So the gradient has no part along the kernel.
    let tape = Tape(.training)
    let y = layer(tape.constant(x))
    let seed = Tensor(normal: y.shape, using: &random)
    let gradients = y.gradients(seed: seed)
    let gradient = gradients[layer.convolution.weight]!
    let weight = layer.convolution.weight.value
    #expect(abs(gradient.dot(weight)) < 1e-2 * gradient.norm * weight.norm)
    let along = Tensor(uniform: weight.shape, in: -1...1, using: &random)
    func value(_ step: Float) -> Float {
      var moved = layer
      moved.updateParameters { if $0 == "weight" { $1.value.add(along, scale: step) } }
      return moved.infer(x).dot(seed)
    }
    let numeric = (value(2e-3) - value(-2e-3)) / 4e-3
    #expect(abs(numeric - gradient.dot(along)) < 3e-2 * max(1, abs(numeric)))
  }
}
