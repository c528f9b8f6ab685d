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

  /// The spectrum of several parts of one picture.
  init(sum parts: [LatticeSpectrum]) {
    self = parts[0]
    for part in parts.dropFirst() {
      for index in re.indices {
        re[index] += part.re[index]
        im[index] += part.im[index]
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

  /// The expected squared magnitude of noise at a line: the mean over the 5×5 lines around it.
  ///
  /// - Parameter excluded: lines that say nothing about noise, by index (the template's).
  func noise(at line: MarkPattern.Line, excluding excluded: [Bool]) -> Float {
    var (sum, count) = (Float(0), Float(0))
    for v in line.v - 2...line.v + 2 {
      for u in line.u - 2...line.u + 2 {
        let index = Self.index(u, v)
        if excluded[index] { continue }
        sum += re[index] * re[index] + im[index] * im[index]
        count += 1
      }
    }
    return max(sum / max(count, 1), 1e-12)
  }
}
