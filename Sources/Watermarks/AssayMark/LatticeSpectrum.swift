import Images
import Spectra

/// A picture's Fourier transform at the mark's lines, under one guess of how the picture was moved.
///
/// Value (u, v) is Σ r[p] e^(−2πi (u, v)·x(p) / period) over the residual's pixels p, which the guess sends to
/// x(p) in the marked picture's coordinates. A tile at offset o, x ↦ tile[x + o], shows there as its own
/// amplitudes times e^(2πi (u, v)·o / period).
struct LatticeSpectrum: Sendable {
  /// Lines -radius...radius are held, two more than the mark uses: noise is measured around each line.
  static let radius = MarkPattern.reach + 2
  static let side = 2 * radius + 1

  /// [side, side] each, v outer.
  var re: [Float]
  var im: [Float]

  static func index(_ u: Int, _ v: Int) -> Int { (v + radius) * side + u + radius }

  /// Transforms a folded residual.
  ///
  /// - Parameter folded: [G, G], one period in G ≥ 2·``radius`` + 1 cells.
  init(folded: Plane) {
    let cells = folded.width
    let spectrum = FourierTransform.forward(folded)
    re = [Float](repeating: 0, count: Self.side * Self.side)
    im = re
    for v in -Self.radius...Self.radius {
      for u in 0...Self.radius {
        let value = spectrum[u, (v + cells) % cells]
        re[Self.index(u, v)] = value.re
        im[Self.index(u, v)] = value.im
        re[Self.index(-u, -v)] = value.re
        im[Self.index(-u, -v)] = -value.im
      }
    }
  }

  private init(re: [Float], im: [Float]) {
    self.re = re
    self.im = im
  }

  /// The spectrum had the picture been laid on its grid in another way.
  ///
  /// - Parameter symmetry: x = symmetry · p, one of ``LinearMap/gridSymmetries``.
  func viewed(through symmetry: LinearMap) -> LatticeSpectrum {
    var view = LatticeSpectrum(re: re, im: im)
    let (xx, xy) = (Int(symmetry.xx), Int(symmetry.xy))
    let (yx, yy) = (Int(symmetry.yx), Int(symmetry.yy))
    for v in -Self.radius...Self.radius {
      for u in -Self.radius...Self.radius {
        // Frequencies go with the transposed matrix.
        let source = Self.index(xx * u + yx * v, xy * u + yy * v)
        view.re[Self.index(u, v)] = re[source]
        view.im[Self.index(u, v)] = im[source]
      }
    }
    return view
  }

  /// The expected squared magnitude of noise at each line: the mean over the 5×5 lines around it.
  ///
  /// - Parameter excluded: lines that say nothing about noise, by index (the template's).
  func noise(excluding excluded: [Bool]) -> [Float] {
    let side = Self.side
    var power = [Float](repeating: 0, count: side * side)
    var weight = power
    for index in power.indices where !excluded[index] {
      power[index] = re[index] * re[index] + im[index] * im[index]
      weight[index] = 1
    }
    let sums = Self.boxSum(Self.boxSum(power, stride: 1), stride: side)
    let weights = Self.boxSum(Self.boxSum(weight, stride: 1), stride: side)
    return zip(sums, weights).map { $1 > 0 ? max($0 / $1, 1e-12) : 1e-12 }
  }

  /// Sums of five neighbours along one axis, fewer at the ends.
  private static func boxSum(_ values: [Float], stride: Int) -> [Float] {
    var result = values
    for index in values.indices {
      let along = stride == 1 ? index % side : index / side
      for step in [-2, -1, 1, 2] where (0..<side).contains(along + step) {
        result[index] += values[index + step * stride]
      }
    }
    return result
  }
}
