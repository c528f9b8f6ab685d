public import Tensors

extension Layer {
  /// The network whose every number is the mean of the same number of others.
  ///
  /// Of networks that were trained on from the same start it does what their ensemble does, at the cost of one. Its
  /// running statistics are to be found again: see ``findStatistics(count:batch:)``.
  ///
  /// Source: Wortsman et al. 2022, arXiv:2203.05482.
  ///
  /// - Precondition: at least one network, all of one shape.
  public static func mean(of networks: [Self]) -> Self {
    var mean = networks[0]
    let others = networks.dropFirst().map(\.parameters)
    var place = 0
    mean.updateParameters { _, parameter in
      for other in others { parameter.value.add(other[place].parameter.value, scale: 1) }
      parameter.value = parameter.value.map { $0 / Float(networks.count) }
      place += 1
    }
    return mean
  }

  /// Replaces the running statistics by their mean over some batches.
  ///
  /// - Parameter batch: the input of a pass, by its number.
  public mutating func findStatistics(count: Int, batch: (Int) throws -> Tensor) rethrows {
    for number in 0..<count {
      let tape = Tape(.training, isRecording: false)
      _ = self(tape.constant(try batch(number)))
      let updates = Dictionary(tape.bufferUpdates.map { ($0.identifier, $0.value) }) { $1 }
      updateParameters { _, parameter in
        guard let value = updates[parameter.identifier] else { return }
        parameter.value.add(value - parameter.value, scale: 1 / Float(number + 1))
      }
    }
  }
}
