import Foundation
public import Images
import Spectra

/// Where in a picture a fingerprint is: T by tiles.
///
/// The whitened picture and the whitened pattern are multiplied sample by sample and summed over cells. What such a sum
/// amounts to where there is no pattern differs from place to place, with what the picture shows there. So it is
/// measured in the picture itself: with the same pattern moved to places where it cannot fit.
public struct FingerprintMap: Sendable {
  /// Cells a side.
  public static let cells = 16
  /// The tiles' side as a share of the picture's, and how far the next one is.
  public static let tileShare = 2 * stepShare
  public static let stepShare = 1 / Double(cells)
  /// Places to which the pattern is moved for the null.
  static let moves = 48

  public let columns: Int
  public let rows: Int
  /// [rows, columns]: T of each tile, about −4…4 where there is no pattern.
  public let statistics: [Double]
  let sums: CellSums

  /// A picture, prepared once for all fingerprints.
  public struct Subject: Sendable {
    let whitened: Plane

    /// - Parameter luminance: the whole picture, 0...255.
    public init(of luminance: Plane) { self.init(of: WhitenedSpectrum(of: PatternResidual(of: luminance))) }

    init(of spectrum: WhitenedSpectrum) { whitened = CropSearch(of: spectrum).whitened }
  }

  /// - Parameters:
  ///   - luminance: the whole picture, 0...255.
  ///   - fingerprint: what was found in it, upright and whole or a crop.
  ///   - geometry: where and how it was found.
  public init(of luminance: Plane, _ fingerprint: Fingerprint, geometry: FingerprintGeometry = .init()) {
    self.init(of: Subject(of: luminance), MatchedFilter(fingerprint.template), geometry: geometry)
  }

  init(of subject: Subject, _ filter: MatchedFilter, geometry: FingerprintGeometry = .init()) {
    let pattern = Self.pattern(filter, geometry: geometry, side: PatternResidual.side)
    sums = CellSums(of: subject.whitened, pattern, cells: Self.cells, moves: Self.moves)
    columns = Self.cells - 1
    rows = columns
    var values: [Double] = []
    for row in 0..<rows {
      for column in 0..<columns {
        values.append(sums.moments(columns: column..<column + 2, rows: row..<row + 2).statistic)
      }
    }
    statistics = values
  }

  /// The rectangle that holds the tiles with at least `least`, in shares of the picture's sides; nil without any.
  public func region(atLeast least: Double = 4) -> FingerprintGeometry.Region? {
    var bounds: (left: Int, top: Int, right: Int, bottom: Int)?
    for row in 0..<rows {
      for column in 0..<columns where statistics[row * columns + column] >= least {
        let known = bounds ?? (column, row, column, row)
        bounds = (
          min(known.left, column), min(known.top, row), max(known.right, column), max(known.bottom, row)
        )
      }
    }
    guard let bounds else { return nil }
    let step = Self.stepShare
    return .init(
      x: Double(bounds.left) * step, y: Double(bounds.top) * step,
      width: Double(bounds.right - bounds.left) * step + Self.tileShare,
      height: Double(bounds.bottom - bounds.top) * step + Self.tileShare)
  }

  /// The pattern's samples as they lie in the picture.
  private static func pattern(_ filter: MatchedFilter, geometry: FingerprintGeometry, side: Int) -> Plane {
    var half = ComplexPlane(width: side / 2 + 1, height: side)
    let across = WhitenedSpectrum.phases(side / 2 + 1, of: side, signed: false)
    let down = WhitenedSpectrum.phases(side, of: side, signed: true)
    let turned = filter.oriented(geometry.orientation)
    let band = turned.band
    for v in -band...band {
      let row = v >= 0 ? v : v + side
      for u in 0...band where u > 0 || v > 0 {
        let source = (v + turned.band) * (turned.band + 1) + u
        let (a, b) = (across[u], down[row])
        let phase = (a.0 * b.0 - a.1 * b.1, -(a.0 * b.1 + a.1 * b.0))
        let (re, im) = (turned.real[source], turned.imaginary[source])
        let value = (re * phase.0 - im * phase.1, re * phase.1 + im * phase.0)
        half[u, row] = (value.0, value.1)
        if u == 0 { half[u, (side - row) % side] = (value.0, -value.1) }
      }
    }
    guard let whole = try? FourierTransform.inverse(half, width: side) else {
      preconditionFailure("the half spectrum has its own width")
    }
    guard geometry.isCrop else { return whole }
    let part = geometry.ofOriginal
    let width = max(1, min(side, Int((part.width * Double(side)).rounded())))
    let height = max(1, min(side, Int((part.height * Double(side)).rounded())))
    let x = min(side - width, max(0, Int((part.x * Double(side)).rounded())))
    let y = min(side - height, max(0, Int((part.y * Double(side)).rounded())))
    return whole.cropped(x: x, y: y, width: width, height: height)
      .resized(width: side, height: side, filter: .bicubic)
  }
}

extension MatchedFilter {
  /// The pattern as a picture of that orientation holds it.
  func oriented(_ orientation: FingerprintOrientation) -> MatchedFilter {
    let (base, mirrored, turned): (MatchedFilter, Bool, Bool) =
      switch orientation {
      case .upright: (self, false, false)
      case .turnedByHalf: (self, false, true)
      case .mirrored: (self, true, false)
      case .flipped: (self, true, true)
      case .transposed: (transposed, false, false)
      case .transversed: (transposed, false, true)
      case .turnedRight: (transposed, true, false)
      case .turnedLeft: (transposed, true, true)
      }
    guard mirrored || turned else { return base }
    let width = base.band + 1
    var (re, im) = (base.real, base.imaginary)
    for v in -base.band...base.band {
      for u in 0...base.band {
        let target = (v + base.band) * width + u
        let source = mirrored ? (base.band - v) * width + u : target
        // Mirrored: conj W(u, −v). Turned by half: conj W(u, v). Both: W(u, −v).
        re[target] = base.real[source]
        im[target] = mirrored != turned ? -base.imaginary[source] : base.imaginary[source]
      }
      // Column 0 keeps its rows above 0, which a mirror leaves in their place.
      if mirrored {
        let target = (v + base.band) * width
        re[target] = base.real[target]
        im[target] = turned ? -base.imaginary[target] : base.imaginary[target]
      }
    }
    return MatchedFilter(band: base.band, real: re, imaginary: im)
  }
}
