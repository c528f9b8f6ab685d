public import Tensors

/// A part of a network: a struct with parameters and a function.
///
/// ```swift
/// struct Discriminator: Layer {
///   var main: Sequential
///   func callAsFunction(_ x: Variable) -> Variable { main(x).flattened() }
///   mutating func visitParameters(_ visitor: ParameterVisitor) { main.visitParameters(visitor["main"]) }
/// }
/// ```
public protocol Layer: Sendable {
  /// The layer's result; on the tape of `x`.
  func callAsFunction(_ x: Variable) -> Variable
  /// Shows each parameter to the visitor under its path, the key in a weight file, always in the same order.
  mutating func visitParameters(_ visitor: ParameterVisitor)
}

/// Goes through a network's parameters by path.
public struct ParameterVisitor {
  private let path: String
  private let body: (String, inout Parameter) -> Void

  public init(_ body: @escaping (String, inout Parameter) -> Void) {
    path = ""
    self.body = body
  }

  private init(path: String, body: @escaping (String, inout Parameter) -> Void) {
    self.path = path
    self.body = body
  }

  /// The visitor for a child under `name`.
  public subscript(_ name: String) -> ParameterVisitor { ParameterVisitor(path: "\(path)\(name).", body: body) }

  /// The visitor for the child with a number.
  public subscript(_ index: Int) -> ParameterVisitor { self["\(index)"] }

  /// Shows a parameter under `name`.
  public func callAsFunction(_ name: String, _ parameter: inout Parameter) { body(path + name, &parameter) }

  /// Shows a parameter that a layer may lack.
  public func callAsFunction(_ name: String, _ parameter: inout Parameter?) {
    if parameter != nil { body(path + name, &parameter!) }
  }
}

extension Layer {
  /// The result without gradients, running statistics in force.
  public func infer(_ x: Tensor) -> Tensor { self(Tape.inference().constant(x)).tensor }

  /// Calls `body` with each path and parameter.
  public mutating func updateParameters(_ body: (String, inout Parameter) -> Void) {
    withoutActuallyEscaping(body) { body in visitParameters(ParameterVisitor(body)) }
  }

  /// Each path with its parameter, in order.
  public var parameters: [(path: String, parameter: Parameter)] {
    var result: [(path: String, parameter: Parameter)] = []
    var copy = self
    copy.updateParameters { result.append((path: $0, parameter: $1)) }
    return result
  }

  /// The number of learned numbers.
  public var parameterCount: Int {
    parameters.reduce(0) { $0 + ($1.parameter.role == .buffer ? 0 : $1.parameter.value.count) }
  }

  /// Stops or resumes learning of the parameters whose path begins with `prefix`.
  public mutating func setTrainable(_ isTrainable: Bool, prefix: String = "") {
    updateParameters { path, parameter in
      if path.hasPrefix(prefix) && parameter.role != .buffer { parameter.isTrainable = isTrainable }
    }
  }

  /// Brings running statistics up to date with the passes whose gradients these are; an optimiser does so itself.
  public mutating func updateBuffers(with gradients: Gradients) {
    guard !gradients.bufferUpdates.isEmpty else { return }
    let updates = Dictionary(grouping: gradients.bufferUpdates, by: \.identifier)
    updateParameters { _, parameter in
      for update in updates[parameter.identifier] ?? [] {
        let difference = update.value - parameter.value
        parameter.value.add(difference, scale: update.momentum)
      }
    }
  }
}

/// Layers one after the other; their paths are numbers.
public struct Sequential: Layer {
  public var layers: [any Layer]

  public init(_ layers: [any Layer]) { self.layers = layers }
  public init(_ layers: any Layer...) { self.layers = layers }

  public func callAsFunction(_ x: Variable) -> Variable { layers.reduce(x) { $1($0) } }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    for i in layers.indices { layers[i].visitParameters(visitor[i]) }
  }
}

extension Activation: Layer {
  public func callAsFunction(_ x: Variable) -> Variable { x.activated(self) }
  public func visitParameters(_ visitor: ParameterVisitor) {}
}
