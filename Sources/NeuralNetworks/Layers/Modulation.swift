public import Tensors

extension Variable {
  /// activation(gain · x + shift), a gain and a shift for each channel of each image; the activation is fused.
  ///
  /// - Parameters:
  ///   - gain: [N, C] for [N, H, W, C].
  ///   - shift: [N, C].
  ///   - activation: piecewise linear, or one that is applied in a pass of its own.
  public func modulated(gain: Variable, shift: Variable, activation: Activation = .identity) -> Variable {
    let (samples, channels) = (shape[0], shape.channels)
    let row: Shape = [samples, channels]
    precondition(
      gain.shape == row && shift.shape == row, "\(gain.shape), \(shift.shape) cannot modulate \(shape)")
    let fused = activation.isPiecewiseLinear ? activation : .identity
    let (x, scale, offset) = (tensor, gain.tensor, shift.tensor)
    let y = ChannelStatistics.affine(
      x, scale: scale, shift: offset, residual: nil, samples: samples, activation: fused)
    let needs = (x: needsGradient, gain: gain.needsGradient, shift: shift.needsGradient)
    let result = tape.record("modulation", y, inputs: [self, gain, shift]) { dy in
      var parts: [Tensor?] = [nil, nil, nil]
      if needs.gain || needs.shift {
        let (sum, product) = ChannelStatistics.gradientSums(
          dy, x, mean: Tensor(row), inverse: Tensor(row, repeating: 1), scale: scale, shift: offset,
          samples: samples, activation: fused)
        parts[1] = needs.gain ? product : nil
        parts[2] = needs.shift ? sum : nil
      }
      guard needs.x else { return parts }
      ChannelStatistics.affineBackward(
        &dy, x, scale: scale, shift: offset, p: scale, q: Tensor(row), r: Tensor(row), samples: samples,
        activation: fused)
      parts[0] = dy
      return parts
    }
    return fused == activation ? result : result.activated(activation)
  }
}
