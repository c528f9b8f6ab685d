import Tensors

/// Changes real and generated pictures alike before a discriminator sees them, so that few pictures suffice.
///
/// Brightness, saturation and contrast, a translation of up to an eighth of the side with zeros moving in, and a
/// square of half the side set to zero. Gradients pass to the pictures.
///
/// Source: Zhao et al. 2020, arXiv:2006.10738
public struct DifferentiableAugmentation: Sendable, Hashable {
  /// Whether brightness, saturation and contrast change.
  public var colour = true
  /// The longest translation as a share of the side.
  public var translation: Float = 0.125
  /// The side of the square cut out, as a share of the picture's.
  public var cutout: Float = 0.5

  public init() {}

  /// - Parameter x: [N, H, W, 3], values in −1...1; draws from its tape's random stream.
  public func callAsFunction(_ x: Variable) -> Variable {
    let y = colour ? recoloured(x) : x
    return moved(y)
  }

  private func recoloured(_ x: Variable) -> Variable {
    let tape = x.tape
    let count = x.shape[0]
    func draw(_ range: ClosedRange<Float>) -> Variable {
      tape.constant(Tensor(uniform: [count, 1, 1, 1], in: range, using: &tape.random))
    }
    let (height, width) = (x.shape[1], x.shape[2])
    let brighter = x + draw(-0.5...0.5)
    // The mean over colours, by a fixed 1 × 1 convolution.
    let average = tape.constant(Tensor([1, 1, 3, 3], repeating: 1 / 3))
    let grey = brighter.convolved(with: average, padding: .symmetric(0))
    let vivid = (brighter - grey) * draw(0...2) + grey
    let mean = vivid.sum(to: [count, 1, 1, 1]) / Float(height * width * 3)
    return (vivid - mean) * draw(0.5...1.5) + mean
  }

  private func moved(_ x: Variable) -> Variable {
    let shape = x.shape
    let (count, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
    let tape = x.tape
    let reach = (Int(Float(height) * translation + 0.5), Int(Float(width) * translation + 0.5))
    let hole = (Int(Float(height) * cutout + 0.5), Int(Float(width) * cutout + 0.5))
    let moves = (0..<count).map { _ in
      Move(
        down: tape.random.integer(in: -reach.0..<reach.0 + 1),
        right: tape.random.integer(in: -reach.1..<reach.1 + 1),
        top: tape.random.integer(in: 0..<height + 1) - hole.0 / 2,
        left: tape.random.integer(in: 0..<width + 1) - hole.1 / 2)
    }
    /// Copies the pixels that stay, from their old place to the new or back.
    func copied(_ source: Tensor, forward: Bool) -> Tensor {
      var result = Tensor(shape)
      source.withSpan { from in
        result.withMutableSpan { to in
          for (image, move) in moves.enumerated() {
            for row in max(0, move.down)..<min(height, height + move.down) {
              let isCut = row >= move.top && row < move.top + hole.0
              for column in max(0, move.right)..<min(width, width + move.right) {
                if isCut && column >= move.left && column < move.left + hole.1 { continue }
                let new = ((image * height + row) * width + column) * channels
                let old = ((image * height + row - move.down) * width + column - move.right) * channels
                for c in 0..<channels {
                  if forward { to[new + c] = from[old + c] } else { to[old + c] = from[new + c] }
                }
              }
            }
          }
        }
      }
      return result
    }
    return tape.record("translation and cutout", copied(x.tensor, forward: true), inputs: [x]) {
      [copied($0, forward: false)]
    }
  }

  private struct Move {
    var down: Int
    var right: Int
    var top: Int
    var left: Int
  }
}
