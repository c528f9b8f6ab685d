import Foundation
import Images
import Spectra

/// Finds a template in a part of a picture: by correlation over all places that the part can have in a whole of known size.
///
/// The whole is a canvas of ``side`` samples a side. The part's whitened samples are laid into its corner at the size that they
/// would have in it, everything else is 0, and one transform each way gives the correlation with the template at every
/// place. Its largest value, over the root mean square of all, is T.
struct CropSearch {
  /// The canvas's side in samples.
  static let side = 512
  /// Templates are cut off here, cycles per picture: above it samples are too coarse for a shift of half a sample.
  static let band = 208

  /// The part's whitened picture, [h, w].
  let whitened: Plane

  /// The samples that a whitened spectrum describes.
  init(of spectrum: WhitenedSpectrum) {
    let width = 2 * (spectrum.columns - 1)
    let across = WhitenedSpectrum.phases(spectrum.columns, of: width, signed: false)
    let down = WhitenedSpectrum.phases(spectrum.rows, of: spectrum.rows, signed: true)
    var half = ComplexPlane(width: spectrum.columns, height: spectrum.rows)
    for row in 0..<spectrum.rows {
      for column in 0..<spectrum.columns {
        let index = row * spectrum.columns + column
        let (a, b) = (across[column], down[row])
        // Back from the corner to the first sample's centre: the conjugate of what was applied.
        let phase = (a.0 * b.0 - a.1 * b.1, -(a.0 * b.1 + a.1 * b.0))
        half.interleaved[2 * index] = spectrum.real[index] * phase.0 - spectrum.imaginary[index] * phase.1
        half.interleaved[2 * index + 1] = spectrum.real[index] * phase.1 + spectrum.imaginary[index] * phase.0
      }
    }
    guard let plane = try? FourierTransform.inverse(half, width: width) else {
      preconditionFailure("a whitened spectrum is half of an even number of samples")
    }
    whitened = plane
  }

  /// The spectrum of the part laid into the canvas.
  ///
  /// - Parameters:
  ///   - width: of the part as a share of the whole's, 0...1.
  ///   - height: likewise.
  func canvas(width: Double, height: Double) -> Canvas {
    let columns = min(Self.side, max(1, Int((Double(Self.side) * width).rounded())))
    let rows = min(Self.side, max(1, Int((Double(Self.side) * height).rounded())))
    let part = whitened.resized(width: columns, height: rows, filter: .bicubic)
    var plane = Plane(width: Self.side, height: Self.side)
    for row in 0..<rows {
      plane.values.replaceSubrange(
        row * Self.side..<row * Self.side + columns, with: part.values[row * columns..<(row + 1) * columns])
    }
    return Canvas(spectrum: FourierTransform.forward(plane), columns: columns, rows: rows)
  }

  /// A part in its canvas.
  struct Canvas {
    let spectrum: ComplexPlane
    /// The part's sides in samples.
    let columns: Int
    let rows: Int

    /// Places that the part can have.
    var places: Int { (CropSearch.side - columns + 1) * (CropSearch.side - rows + 1) }
  }

  /// Where a part fits best.
  struct Peak: Sendable {
    var statistic: Double
    /// The part's top left corner in canvas samples.
    var column: Int
    var row: Int
    var places: Int
  }

  /// A template as correlation takes it: the canvas's half spectrum, conjugated.
  struct Pattern: Sendable {
    /// [side, side/2 + 1, 2].
    let conjugate: [Float]

    init(_ filter: MatchedFilter) {
      let (side, columns) = (CropSearch.side, CropSearch.side / 2 + 1)
      let band = min(filter.band, CropSearch.band)
      let across = WhitenedSpectrum.phases(columns, of: side, signed: false)
      let down = WhitenedSpectrum.phases(side, of: side, signed: true)
      var values = [Float](repeating: 0, count: 2 * side * columns)
      for v in -band...band {
        let row = v >= 0 ? v : v + side
        for u in 0...band {
          // Column 0 is whole here: its rows below 0 are the conjugates of those above.
          let mirrored = u == 0 && v < 0
          let source = ((mirrored ? -v : v) + filter.band) * (filter.band + 1) + u
          let (re, im) = (
            filter.real[source], mirrored ? -filter.imaginary[source] : filter.imaginary[source]
          )
          let (a, b) = (across[u], down[row])
          let phase = (a.0 * b.0 - a.1 * b.1, -(a.0 * b.1 + a.1 * b.0))
          let target = 2 * (row * columns + u)
          values[target] = re * phase.0 - im * phase.1
          values[target + 1] = -(re * phase.1 + im * phase.0)
        }
      }
      conjugate = values
    }
  }

  /// The best place of a part for one template.
  func peak(of canvas: Canvas, _ pattern: Pattern) -> Peak {
    let side = Self.side
    let columns = side / 2 + 1
    // Beyond the band the product is 0, and so it stays.
    let band = Self.band
    let interleaved = [Float](unsafeUninitializedCapacity: 2 * side * columns) { out, used in
      out.initialize(repeating: 0)
      canvas.spectrum.interleaved.withUnsafeBufferPointer { values in
        pattern.conjugate.withUnsafeBufferPointer { weights in
          for v in -band...band {
            let row = (v >= 0 ? v : v + side) * columns
            for index in row...row + band {
              let (re, im) = (values[2 * index], values[2 * index + 1])
              let (a, b) = (weights[2 * index], weights[2 * index + 1])
              out[2 * index] = re * a - im * b
              out[2 * index + 1] = re * b + im * a
            }
          }
        }
      }
      used = 2 * side * columns
    }
    let product = ComplexPlane(width: columns, height: side, interleaved: interleaved)
    guard let surface = try? FourierTransform.inverse(product, width: side) else {
      preconditionFailure("the canvas has its own half spectrum")
    }
    var best = Peak(statistic: -.infinity, column: 0, row: 0, places: canvas.places)
    var sum = 0.0
    surface.values.withUnsafeBufferPointer { values in
      for row in 0..<side {
        // Several sums side by side: one alone would wait for itself at every step.
        var line = SIMD16<Float>.zero
        let start = UnsafeRawPointer(values.baseAddress! + row * side)
        for piece in 0..<side / 16 {
          let part = start.loadUnaligned(fromByteOffset: 64 * piece, as: SIMD16<Float>.self)
          line += part * part
        }
        sum += Double(line.sum())
      }
      // part(x) = pattern(x + place), so that the correlation peaks at −place.
      var largest = -Float.infinity
      for row in 0...(side - canvas.rows) {
        let line = (side - row) % side * side
        for column in 0...(side - canvas.columns) {
          let value = values[line + (side - column) % side]
          if value > largest {
            largest = value
            best = Peak(statistic: Double(value), column: column, row: row, places: canvas.places)
          }
        }
      }
    }
    // The peak's own energy would hide how far it stands out where the template is all that there is.
    let rest = max(sum - best.statistic * best.statistic, 0) / Double(side * side - 1)
    best.statistic = rest > 0 ? best.statistic / rest.squareRoot() : 0
    return best
  }
}
