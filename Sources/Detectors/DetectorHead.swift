package import NeuralNetworks
package import Tensors

/// Two layers over the encoder's class tokens, all blocks at once.
///
/// Source: after Koutlis and Papadopoulos 2024, arXiv:2402.19091, who found that an encoder's middle blocks tell generated
/// pictures apart where its last one does not.
package struct DetectorHead: Layer {
  /// [inputs]: each number is taken in units of its spread, cut at ``bound``.
  package var means: [Float]
  package var spreads: [Float]
  package var hidden: Linear
  package var output: Linear
  /// The share of hidden units that a training step leaves out.
  package var dropout: Float = 0

  /// What lies outside of all training is no stronger evidence for that.
  package static let bound: Float = 6

  private static let mostUnits = 4096
  /// No number of a head is larger.
  private static let largest: Float = 1e5

  package var inputs: Int { means.count }
  package var units: Int { hidden.weight.value.shape[0] }

  /// Random weights.
  package init(means: [Float], spreads: [Float], units: Int, random: inout RandomStream) {
    precondition(means.count == spreads.count)
    self.means = means
    self.spreads = spreads
    hidden = Linear(means.count, units, random: &random)
    output = Linear(units, 1, random: &random)
  }

  /// - Parameter x: [N, inputs], standardised.
  /// - Returns: [N, 1], logits.
  package func callAsFunction(_ x: Variable) -> Variable {
    output(hidden(x).activated(.relu).droppedOut(dropout))
  }

  package mutating func visitParameters(_ visitor: ParameterVisitor) {
    hidden.visitParameters(visitor["hidden"])
    output.visitParameters(visitor["output"])
  }

  /// - Parameter tokens: [N · inputs] or more shape, as the encoder gives them.
  /// - Returns: [N, inputs].
  package func standardised(_ tokens: Tensor) -> Tensor {
    let count = inputs
    var result = tokens.reshaped(to: [tokens.count / count, count])
    let scales = spreads.map { 1 / $0 }
    result.withMutableSpan { values in
      for start in stride(from: 0, to: values.count, by: count) {
        for column in 0..<count {
          let value = (values[start + column] - means[column]) * scales[column]
          values[start + column] = min(max(value, -Self.bound), Self.bound)
        }
      }
    }
    return result
  }

  /// What the hidden units say, [N, units].
  package func activations(_ tokens: Tensor) -> Tensor {
    hidden(Tape.inference().constant(standardised(tokens))).activated(.relu).tensor
  }

  /// The logit of 'a generative model made this' of each picture.
  package func logits(_ tokens: Tensor) -> [Double] {
    infer(standardised(tokens)).values.map(Double.init)
  }

  // MARK: - Weight files

  /// The tensors under `prefix`.
  package func tensors(_ prefix: String) -> [String: Tensor] {
    var tensors = [
      prefix + "means": Tensor(means, shape: [inputs]), prefix + "spreads": Tensor(spreads, shape: [inputs]),
    ]
    tensors.add(weights, under: prefix)
    return tensors
  }

  /// - Throws: ``DetectorError`` where a tensor is missing, of another shape or not finite.
  ///
  /// - Parameter inputs: how many numbers the encoder gives.
  package init(_ file: Safetensors, prefix: String, inputs: Int) throws(DetectorError) {
    // Sizes are held against what they must be before anything is made of them.
    guard let means = file.tensors[prefix + "means"]?.values,
      let spreads = file.tensors[prefix + "spreads"]?.values,
      let bias = file.tensors[prefix + "hidden.bias"], means.count == inputs, spreads.count == inputs,
      (1...Self.mostUnits).contains(bias.count), bias.shape == [bias.count],
      file.tensors[prefix + "hidden.weight"]?.shape == [bias.count, inputs],
      means.allSatisfy({ abs($0) <= Self.largest }),
      spreads.allSatisfy({ (1e-6...Self.largest).contains($0) })
    else { throw .weights("there is no head in it, or its numbers do not belong together", path: prefix) }
    self.means = means
    self.spreads = spreads
    hidden = Linear(unset: inputs, bias.count)
    output = Linear(unset: bias.count, 1)
    do {
      try load(file, prefix: prefix)
    } catch {
      throw .weights(error.message, path: error.location.path)
    }
    guard weights.values.allSatisfy({ $0.values.allSatisfy { abs($0) <= Self.largest } }) else {
      throw .weights("a weight is not a number that training gives", path: prefix)
    }
  }
}
