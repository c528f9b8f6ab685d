import NeuralNetworks
import Tensors

extension PictureGenerator {
  /// One picture that goes around a circle, [1, side, K · side, 3] in −1...1; its last column is beside its first.
  ///
  /// But for its first layer the network is convolutional: the coarsest maps of all styles stand side by side, and every
  /// convolution goes around. What the styles rule by channel, gains, shifts and gates, passes from each to the next.
  ///
  /// - Parameter styles: [K, style], in the order of the circle.
  func circle(_ styles: Tensor) -> Tensor {
    let tape = Tape.inference()
    let each = tape.constant(styles)
    let seeds = root(each).reshaped(to: [styles.shape[0], 4, 4, plan.channels[0]])
    let firsts = rootNorm(seeds).modulated(
      gain: rootGain(each) + 1, shift: rootShift(each), activation: .leakyReLU(slope: 0.2))
    // Gates look at a whole picture, so each comes from its style's own.
    let gates = trunk(firsts, through: plan.gates) { block, x, _ in block(x, style: each) }.gates

    func turning(_ values: Variable, _ width: Int) -> Variable {
      let weights = Self.shares(of: styles.shape[0], width: width)
      return tape.constant(
        weights.matrixProduct(values.tensor).reshaped(to: [1, 1, width, values.shape.channels]))
    }
    func modulated(_ x: Variable, _ gain: Linear, _ shift: Linear) -> Variable {
      let width = x.shape[2]
      return (x * (turning(gain(each), width) + 1) + turning(shift(each), width))
        .activated(.leakyReLU(slope: 0.2))
    }
    let map = rootNorm(seeds).tensor.permuted([1, 0, 2, 3])
      .reshaped(to: [1, 4, 4 * styles.shape[0], plan.channels[0]])
    let x = trunk(
      modulated(tape.constant(map), rootGain, rootShift), through: plan.channels.count - 1, gates: gates,
      gated: { x, gate in
        x * turning(gate.reshaped(to: [styles.shape[0], gate.shape.channels]), x.shape[2])
      },
      block: { block, x, _ in
        modulated(block.norm(Self.around(x, block.convolution)), block.gain, block.shift)
      }
    ).map
    return Self.around(x, colour).activated(.tanh).tensor
  }

  /// A layer's result where the map's columns go around; rows end as ever.
  private static func around(_ x: Variable, _ layer: any Layer) -> Variable {
    let (height, width) = (x.shape[1], x.shape[2])
    let margin = 2
    let left = x.cropped(top: 0, left: width - margin, height: height, width: margin)
    let right = x.cropped(top: 0, left: 0, height: height, width: margin)
    let wide = Variable.besideOneAnother([left, x, right])
    let y = layer(wide)
    // Once or twice as wide: the layer's own border is cut off with the margin.
    let factor = y.shape[2] / wide.shape[2]
    return y.cropped(top: 0, left: factor * margin, height: y.shape[1], width: factor * width)
  }

  /// The parts, [width, count], that the styles have in each column: all of its own in the middle of its arc, and a
  /// smooth passage to the next.
  static func shares(of count: Int, width: Int) -> Tensor {
    var values = [Float](repeating: 0, count: width * count)
    for column in 0..<width {
      let place = (Float(column) + 0.5) / Float(width) * Float(count) - 0.5
      let before = place.rounded(.down)
      let share = min(max((place - before - 0.5) * 1.2 + 0.5, 0), 1)
      let next = share * share * (3 - 2 * share)
      let first = (Int(before) + count) % count
      values[column * count + first] += 1 - next
      values[column * count + (first + 1) % count] += next
    }
    return Tensor(values, shape: [width, count])
  }
}

extension Variable {
  /// Maps of one height as one, from left to right; without gradients.
  fileprivate static func besideOneAnother(_ parts: [Variable]) -> Variable {
    let (samples, height, channels) = (parts[0].shape[0], parts[0].shape[1], parts[0].shape.channels)
    precondition(samples == 1)
    let rows = parts.map { $0.tensor.reshaped(to: [height, $0.shape[2] * channels]) }
    let joined = Tensor.joinedChannels(rows)
    return parts[0].tape.constant(
      joined.reshaped(to: [1, height, joined.shape.channels / channels, channels]))
  }
}
