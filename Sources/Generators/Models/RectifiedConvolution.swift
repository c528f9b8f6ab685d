import NeuralNetworks
import Tensors

/// A convolution of stride 1 that keeps the size, its bias and a rectifier; nothing is normalised.
struct RectifiedConvolution: Layer {
  var convolution: Conv2d
  var activation: Activation

  /// - Parameter gain: scales the first weights; less than 1 where the result is added to something.
  init(
    _ inputs: Int, _ outputs: Int, kernel: Int = 3, activation: Activation = .relu, gain: Float = 1,
    random: inout RandomStream
  ) {
    convolution = Conv2d(inputs, outputs, kernel: kernel, random: &random)
    self.activation = activation
    // He's initialisation; PyTorch's default shrinks the signal layer by layer.
    let deviation = gain * (2 / Float(inputs * kernel * kernel)).squareRoot()
    let shape = convolution.weight.value.shape
    convolution.weight.value = Tensor(normal: shape, deviation: deviation, using: &random)
    convolution.bias?.value = Tensor([outputs])
  }

  func callAsFunction(_ x: Variable) -> Variable { convolution(x).activated(activation) }

  mutating func visitParameters(_ visitor: ParameterVisitor) { convolution.visitParameters(visitor) }
}
