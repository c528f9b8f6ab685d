import Foundation

/// A real 2×2 matrix, taking positions in the picture at hand to positions in the picture that was marked.
struct LinearMap: Sendable, Hashable {
  var xx: Double
  var xy: Double
  var yx: Double
  var yy: Double

  static let identity = LinearMap(xx: 1, xy: 0, yx: 0, yy: 1)

  /// The map back from a picture that was mirrored, then turned counter-clockwise as seen, then scaled.
  init(scale: Double, rotation: Double, mirrored: Bool) {
    let (c, s) = (cos(rotation), sin(rotation))
    // Forward: scale · [c s; −s c] · diag(±1, 1), with y downwards. The inverse of a rotation is its transpose.
    let flip: Double = mirrored ? -1 : 1
    self.init(xx: flip * c / scale, xy: flip * -s / scale, yx: s / scale, yy: c / scale)
  }

  init(xx: Double, xy: Double, yx: Double, yy: Double) {
    self.xx = xx
    self.xy = xy
    self.yx = yx
    self.yy = yy
  }

  func callAsFunction(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    (xx * x + xy * y, yx * x + yy * y)
  }

  var determinant: Double { xx * yy - xy * yx }

  var inverse: LinearMap {
    let d = determinant
    return LinearMap(xx: yy / d, xy: -xy / d, yx: -yx / d, yy: xx / d)
  }

  static func * (a: LinearMap, b: LinearMap) -> LinearMap {
    LinearMap(
      xx: a.xx * b.xx + a.xy * b.yx, xy: a.xx * b.xy + a.xy * b.yy,
      yx: a.yx * b.xx + a.yy * b.yx, yy: a.yx * b.xy + a.yy * b.yy)
  }

  /// Every coordinate multiplied.
  func scaled(by factor: Double) -> LinearMap {
    LinearMap(xx: xx * factor, xy: xy * factor, yx: yx * factor, yy: yy * factor)
  }

  /// Size at hand over size when marked, the turn counter-clockwise as seen (radians), and whether mirrored.
  var decomposed: (scale: Double, rotation: Double, mirrored: Bool) {
    let forward = inverse
    let mirrored = determinant < 0
    let turn = mirrored ? forward * LinearMap(xx: -1, xy: 0, yx: 0, yy: 1) : forward
    return (
      abs(forward.determinant).squareRoot(), atan2(turn.xy - turn.yx, turn.xx + turn.yy), mirrored
    )
  }

  /// The eight ways to lay a picture on its own grid, the unchanged one first.
  static let gridSymmetries: [LinearMap] = [false, true].flatMap { mirrored in
    (0..<4).map { quarter in
      let map = LinearMap(scale: 1, rotation: Double(quarter) * .pi / 2, mirrored: mirrored)
      return LinearMap(xx: map.xx.rounded(), xy: map.xy.rounded(), yx: map.yx.rounded(), yy: map.yy.rounded())
    }
  }
}
