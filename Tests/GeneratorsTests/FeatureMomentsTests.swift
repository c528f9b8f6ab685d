import Generators
import NeuralNetworks
import Tensors
import Testing

struct FeatureMomentsTests {
  /// Steps down the loss from features; how far they then are from the real ones in mean and in deviation.
  private func descended(from start: Tensor, to real: Tensor) -> (
    mean: Float, deviation: Float, variety: Float
  ) {
    var moments = FeatureMoments()
    var x = start
    var variety: Float = 0
    for step in 0..<400 {
      let tape = Tape(.training)
      let features = tape.input(x)
      let found = moments.loss([features], real: [tape.constant(real)], step: step)
      variety = found.variety
      if let gradient = found.loss.gradients()[features] { x.add(gradient, scale: -2) }
    }
    func statistics(_ tensor: Tensor) -> (Float, Float) {
      let values = tensor.values
      let mean = values.reduce(0, +) / Float(values.count)
      return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)).squareRoot())
    }
    let (a, b) = (statistics(x), statistics(real))
    return (abs(a.0 - b.0), abs(a.1 - b.1), variety)
  }

  @Test func `pictures that are too alike or off are led to the mean and deviation of the real ones`() {
    let real = Tensor([-1, 1, 3, 5], shape: [4, 1, 1, 1])
    let end = descended(from: Tensor([9, 9.1, 9.2, 9.3], shape: [4, 1, 1, 1]), to: real)
    #expect(end.mean < 0.05 && end.deviation < 0.05)
    #expect(abs(end.variety - 1) < 0.05)
  }

  @Test func `variety tells pictures that are alike`() {
    var moments = FeatureMoments()
    let tape = Tape(.training)
    let real = tape.constant(Tensor([-1, 1, 3, 5], shape: [4, 1, 1, 1]))
    let alike = tape.input(Tensor([1.9, 2.1, 1.9, 2.1], shape: [4, 1, 1, 1]))
    #expect(moments.loss([alike], real: [real], step: 0).variety < 0.1)
  }
}
