import Diagnostics
import NeuralNetworks
import Tensors

/// Paints by optimisation: the pixels themselves are moved until the encoder sees the content's map and the textures
/// of the styles.
///
/// A texture is, at each of the encoder's levels, the mean of every channel and the covariances of the channels. The
/// products of channels alone, as in the source, are mostly products of means where maps are rectified, and strokes
/// hardly count.
///
/// Source: Gatys, Ecker and Bethge 2016, doi:10.1109/CVPR.2016.265; here on EfficientNet-Lite0's expansions, by Adam
/// from the result of one pass.
struct StyleOptimisation: Sendable {
  private let encoder: EfficientNetTrunk
  /// Of the styles together.
  private let texture: [Tensor]
  private let steps: Int
  private let strength: Float

  private static let rate: Float = 0.03
  /// Of a level's part of the texture, against the content's map.
  private static let textureWeight: Float = 10
  /// Less lets grain through, which the encoder takes for texture.
  private static let smoothness: Float = 20

  /// - Parameters:
  ///   - styles: pictures [1, H, W, 3] in −1...1; the weights sum to 1.
  ///   - strength: 0 keeps the content's own texture, 1 asks for the styles'.
  init(encoder: EfficientNetTrunk, styles: [(picture: Tensor, weight: Float)], steps: Int, strength: Float) {
    self.encoder = encoder
    self.steps = steps
    self.strength = strength
    let textures = styles.map { style in
      let maps = encoder.features(Tape.inference().constant(style.picture))
      return Self.texture(maps).map { $0.tensor * style.weight }
    }
    texture = textures.dropFirst().reduce(textures[0]) { zip($0, $1).map { $0 + $1 } }
  }

  /// A picture led on.
  ///
  /// - Parameters:
  ///   - start: [1, H, W, 3] in −1...1.
  ///   - content: of the same shape.
  func refined(_ start: Tensor, content: Tensor) -> Tensor {
    let own = encoder.features(Tape.inference().constant(content))
    let wanted = zip(texture, Self.texture(own)).map { $0 * strength + $1.tensor * (1 - strength) }
    var picture = OptimisedTensor(start)
    var optimiser = AdamW(rate: Self.rate, weightDecay: 0)
    let schedule = RateSchedule.cosine(peak: Self.rate, warmUp: 1, steps: steps, floor: Self.rate / 20)
    for step in 0..<steps {
      WorkProgress.tell("refining", step, of: steps)
      optimiser.rate = schedule(step)
      picture.step(&optimiser) { loss($0, content: own[own.count - 1].tensor, texture: wanted) }
      picture.tensor = picture.tensor.map { min(max($0, -1), 1) }
    }
    return picture.tensor
  }

  private func loss(_ pixels: Variable, content: Tensor, texture: [Tensor]) -> Variable {
    let maps = encoder.features(pixels)
    let kept =
      Self.error(maps[maps.count - 1], content) + pixels.totalVariation() * Self.smoothness
    return zip(Self.texture(maps), texture).reduce(kept) { $0 + Self.error($1.0, $1.1) * Self.textureWeight }
  }

  /// Relative to what it is compared with, so that no level outweighs the rest.
  private static func error(_ x: Variable, _ goal: Tensor) -> Variable {
    (x - x.tape.constant(goal)).squared().mean() / (goal.squared().mean().item + 1e-12)
  }

  /// Means [1, 1, 1, C] and covariances [1, C, C], level by level.
  private static func texture(_ maps: [Variable]) -> [Variable] {
    maps.flatMap { map in
      let mean = map.mean(to: [1, 1, 1, map.shape.channels])
      return [mean, (map - mean).gramMatrices()]
    }
  }
}
