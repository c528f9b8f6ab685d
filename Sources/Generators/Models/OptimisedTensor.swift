import NeuralNetworks
import Tensors

/// A tensor that an optimiser moves where no network learns: the styles of a search, the pixels of a picture.
struct OptimisedTensor: Layer {
  private var parameter: Parameter

  init(_ start: Tensor) { parameter = Parameter(start, role: .offset) }

  var tensor: Tensor {
    get { parameter.value }
    set { parameter.value = newValue }
  }

  /// Takes a step down the gradient of a loss; networks in it stay as they are.
  mutating func step(_ optimiser: inout AdamW, loss: (Variable) -> Variable) {
    let tape = Tape(.evaluation)
    let variable = tape.parameter(parameter)
    optimiser.update(&self, with: tape.withConstantParameters { loss(variable) }.gradients())
  }

  func callAsFunction(_ x: Variable) -> Variable { x + x.tape.parameter(parameter) }

  mutating func visitParameters(_ visitor: ParameterVisitor) { visitor("value", &parameter) }
}
