import Synchronization
public import Tensors

/// Records what is done to variables, so that gradients can be found by going back over it.
///
/// ```swift
/// let tape = Tape(.training, random: RandomStream(seed: 7, stream: UInt64(step)))
/// let loss = network(tape.constant(images)).crossEntropy(labels)
/// optimiser.update(&network, with: loss.gradients())
/// ```
///
/// A tape serves one pass and one thread. What the backward pass needs is kept by the tape and given up step by
/// step while gradients are found; everything else is freed as soon as the caller lets go of it.
public final class Tape {
  /// How layers that differ in use and in training behave.
  public enum Mode: Sendable {
    /// Batch statistics, active dropout.
    case training
    /// Running statistics, no dropout.
    case evaluation
  }

  public let mode: Mode
  /// Whether gradients can be found; without, nothing is kept.
  public let isRecording: Bool
  /// What dropout draws from.
  public var random: RandomStream
  /// The first operation whose result was not finite; looked for only where ``findsFaults`` is set.
  public internal(set) var fault: Fault?
  /// Whether each result is examined for infinities and NaN: slow, for finding out where a loss went wrong.
  public var findsFaults = false

  /// Where numbers first stopped being finite.
  public struct Fault: Sendable, Hashable {
    /// The operation, such as `convolution`.
    public var operation: String
    /// The parameter used last before it.
    public var parameter: Parameter.Identifier?
  }

  struct Node {
    var inputs: [Int]
    var backward: ((inout Tensor) -> [Tensor?])?
    var keepsGradient = false
  }

  var nodes: [Node] = []
  private var lifted: [Parameter.Identifier: Variable.Handle] = [:]
  private var lastParameter: Parameter.Identifier?
  private var parametersAreConstant = false
  var bufferUpdates: [BufferUpdate] = []

  public init(_ mode: Mode, isRecording: Bool = true, random: RandomStream = RandomStream(seed: 0)) {
    self.mode = mode
    self.isRecording = isRecording
    self.random = random
  }

  /// A tape for using a network: nothing is recorded.
  public static func inference() -> Tape { Tape(.evaluation, isRecording: false) }

  /// A variable without gradient.
  public func constant(_ tensor: Tensor) -> Variable { Variable(tensor: tensor, node: nil, tape: self) }

  /// A variable whose gradient is asked for with ``Gradients/subscript(_:)-(Variable)``: an image to be
  /// optimised, the input of a gradient penalty.
  public func input(_ tensor: Tensor) -> Variable {
    guard isRecording else { return constant(tensor) }
    nodes.append(Node(inputs: [], backward: nil, keepsGradient: true))
    return Variable(tensor: tensor, node: nodes.count - 1, tape: self)
  }

  /// A parameter as a variable; the same one at each call of a pass.
  public func parameter(_ parameter: Parameter) -> Variable {
    lastParameter = parameter.identifier
    guard isRecording, !parametersAreConstant, parameter.isTrainable else { return constant(parameter.value) }
    if let handle = lifted[parameter.identifier] {
      precondition(
        handle.tensor.sharesStorage(with: parameter.value), "two versions of a network are on one tape")
      return Variable(tensor: handle.tensor, node: handle.node, tape: self)
    }
    let variable = input(parameter.value)
    lifted[parameter.identifier] = Variable.Handle(tensor: parameter.value, node: variable.node)
    return variable
  }

  /// Runs `body` with all parameters as constants: gradients pass through its layers but not into them.
  public func withConstantParameters<R>(_ body: () throws -> R) rethrows -> R {
    let outer = parametersAreConstant
    parametersAreConstant = true
    defer { parametersAreConstant = outer }
    return try body()
  }

  /// Puts the result of an operation on the tape.
  ///
  /// - Parameters:
  ///   - operation: its name in reports of faults.
  ///   - backward: from the gradient of the result, which it may change, those of the inputs, nil where an input
  ///     needs none. Called at most once.
  public func record(
    _ operation: String, _ output: Tensor, inputs: [Variable],
    backward: @escaping (inout Tensor) -> [Tensor?]
  ) -> Variable {
    if findsFaults, fault == nil, !output.isFinite {
      fault = Fault(operation: operation, parameter: lastParameter)
    }
    guard isRecording, inputs.contains(where: { $0.node != nil }) else { return constant(output) }
    nodes.append(Node(inputs: inputs.map { $0.node ?? -1 }, backward: backward))
    return Variable(tensor: output, node: nodes.count - 1, tape: self)
  }

  /// Notes the statistics of a batch for a running average, which the optimiser's update brings about.
  func updateBuffer(_ parameter: Parameter, toward value: Tensor, momentum: Float) {
    bufferUpdates.append(BufferUpdate(identifier: parameter.identifier, value: value, momentum: momentum))
  }

  /// Goes back from `loss`, giving up what was kept.
  func gradients(of loss: Variable, seed: Tensor) -> Gradients {
    var result = Gradients()
    result.bufferUpdates = bufferUpdates
    bufferUpdates = []
    guard let last = loss.node else { return result }
    var slots = [Tensor?](repeating: nil, count: nodes.count)
    slots[last] = seed
    for index in stride(from: last, through: 0, by: -1) {
      guard var gradient = slots[index] else { continue }
      if nodes[index].keepsGradient { continue }
      slots[index] = nil
      guard let backward = nodes[index].backward else {
        preconditionFailure("gradients were already taken from this tape")
      }
      nodes[index].backward = nil
      let parts = backward(&gradient)
      for (input, part) in zip(nodes[index].inputs, parts) where input >= 0 {
        guard let part else { continue }
        if slots[input] == nil { slots[input] = part } else { slots[input]!.add(part) }
      }
    }
    for (identifier, handle) in lifted {
      if let node = handle.node, let gradient = slots[node] { result.parameters[identifier] = gradient }
    }
    for (index, node) in nodes.enumerated() where node.keepsGradient { result.inputs[index] = slots[index] }
    return result
  }
}

/// A step of a running average: buffer += momentum · (value − buffer).
struct BufferUpdate: Sendable {
  var identifier: Parameter.Identifier
  var value: Tensor
  var momentum: Float
}

/// The gradients of one loss.
public struct Gradients: Sendable {
  var parameters: [Parameter.Identifier: Tensor] = [:]
  var inputs: [Int: Tensor] = [:]
  var bufferUpdates: [BufferUpdate] = []

  /// The gradient with respect to a parameter; nil where the loss does not depend on it.
  public subscript(_ parameter: Parameter) -> Tensor? {
    get { parameters[parameter.identifier] }
    set { parameters[parameter.identifier] = newValue }
  }

  /// The gradient with respect to a variable made by ``Tape/input(_:)``.
  public subscript(_ variable: Variable) -> Tensor? { variable.node.flatMap { inputs[$0] } }

  /// The Euclidean norm of all parameters' gradients together.
  public var norm: Float {
    var total = 0.0
    // Identifiers ascend in the order in which parameters were made: the sum has the same bits in every run.
    for (_, gradient) in parameters.sorted(by: { $0.key < $1.key }) {
      let norm = Double(gradient.norm)
      total += norm * norm
    }
    return Float(total.squareRoot())
  }

  /// Adds another loss's gradients: accumulated micro-batches, a discriminator's real and fake halves.
  public mutating func add(_ other: Gradients, scale: Float = 1) {
    for (identifier, gradient) in other.parameters {
      if parameters[identifier] == nil {
        parameters[identifier] = scale == 1 ? gradient : gradient * scale
      } else {
        parameters[identifier]!.add(gradient, scale: scale)
      }
    }
    bufferUpdates += other.bufferUpdates
  }
}
