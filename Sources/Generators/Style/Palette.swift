import Tensors

/// A map of colours under which a picture's colours become distributed as other pictures' are.
///
/// Source: Pitié et al. 2007, doi:10.1016/j.cviu.2006.11.011 (optimal transport along one axis after the other); here on a
/// lattice of colours, between which the map is interpolated.
struct Palette: Sendable {
  private static let rounds = 10
  private static let quantiles = 65
  /// Pixels that stand for a picture.
  static let samples = 4096

  private var lattice = ColourLattice()

  /// - Parameters:
  ///   - own: colours of the picture that is to change.
  ///   - goals: colours of the others; the weights sum to 1.
  init(from own: [SIMD4<Float>], to goals: [(colours: [SIMD4<Float>], weight: Float)]) {
    let places = lattice.points
    lattice.points = [SIMD4<Float>](repeating: .zero, count: places.count)
    for goal in goals where goal.weight > 0 {
      let moved = Self.moved(places, with: own, to: goal.colours)
      for i in places.indices { lattice.points[i] += moved[i] * goal.weight }
    }
  }

  private static func moved(
    _ places: [SIMD4<Float>], with own: [SIMD4<Float>], to goal: [SIMD4<Float>]
  ) -> [SIMD4<Float>] {
    var (places, own) = (places, own)
    var random = RandomStream(seed: 1, stream: 1 << 45)
    for round in 0..<rounds {
      let axes = round == 0 ? plainAxes : axes(&random)
      let tables = axes.map { axis in
        (axis, levels(own.map { ($0 * axis).sum() }), levels(goal.map { ($0 * axis).sum() }))
      }
      func move(_ colour: SIMD4<Float>) -> SIMD4<Float> {
        var result = colour
        for (axis, from, to) in tables {
          let place = (colour * axis).sum()
          result += axis * (shifted(place, from, to) - place)
        }
        return result
      }
      own = own.map(move)
      places = places.map(move)
    }
    return places
  }

  private static let plainAxes: [SIMD4<Float>] = [
    SIMD4(1, 0, 0, 0), SIMD4(0, 1, 0, 0), SIMD4(0, 0, 1, 0),
  ]

  /// Three orthogonal directions.
  private static func axes(_ random: inout RandomStream) -> [SIMD4<Float>] {
    var axes: [SIMD4<Float>] = []
    while axes.count < 3 {
      func number() -> Float { random.uniform(in: -1...1) }
      var axis = SIMD4<Float>(number(), number(), number(), 0)
      for other in axes { axis -= other * (axis * other).sum() }
      let length = (axis * axis).sum().squareRoot()
      if length > 0.1 { axes.append(axis / length) }
    }
    return axes
  }

  private static func levels(_ values: [Float]) -> [Float] {
    let sorted = values.sorted()
    return (0..<quantiles).map { sorted[$0 * (sorted.count - 1) / (quantiles - 1)] }
  }

  /// The value as far among `to` as `place` is among `from`; beyond the ends as far from them as it was.
  private static func shifted(_ place: Float, _ from: [Float], _ to: [Float]) -> Float {
    if place <= from[0] { return to[0] + place - from[0] }
    if place >= from[quantiles - 1] { return to[quantiles - 1] + place - from[quantiles - 1] }
    var (low, high) = (0, quantiles - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if from[middle] <= place { low = middle } else { high = middle }
    }
    let part = (place - from[low]) / max(from[high] - from[low], 1e-9)
    return to[low] + (to[high] - to[low]) * part
  }

  /// Colours of a picture [1, H, W, 3] in 0...1, evenly taken.
  static func colours(of picture: Tensor) -> [SIMD4<Float>] {
    let pixels = picture.count / 3
    let count = min(pixels, samples)
    return picture.withSpan { span in
      (0..<count).map { index in
        let at = index * pixels / count * 3
        return SIMD4(span[at], span[at + 1], span[at + 2], 0)
      }
    }
  }

  /// Replaces the colours of a picture in 0...1, and scales the result to −1...1.
  func apply(to picture: inout Tensor) { lattice.apply(to: &picture) }
}
