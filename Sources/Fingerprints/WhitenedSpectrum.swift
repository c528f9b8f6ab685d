import Foundation
public import Images
import Spectra

/// A picture's spectrum in cycles per picture, every coefficient divided by the strength of its neighbours.
///
/// What is left is phase, and how far a coefficient stands out. In a picture without a pattern the phases are random,
/// so that the sum of a matched filter over them follows the normal law; that is what makes a p-value.
///
/// Row v holds v cycles down the picture (those past half the rows are negative), column u holds u cycles across. Phases count
/// from the picture's top left corner, not from the first pixel's centre: there a mirrored or turned picture has the
/// same coefficients in other places.
public struct WhitenedSpectrum: Sendable {
  /// Coefficients are cut off at this many times their neighbours' strength: a halftone or a screen would else speak
  /// louder than all others together.
  static let clip: Float = 3.5
  /// Below this radius, in cycles per picture, lies content and not pattern.
  static let leastCycles: Float = 10
  /// A JPEG's grid is left out this far around its multiples, in cycles per picture.
  static let gridMargin = 1.3
  /// Share of the pixels a side up to which a spectrum is taken: beyond it, at ½, resampling leaves nothing.
  static let reach = 0.47

  public let rows: Int
  /// Half of the grid's samples a row, and one more.
  public let columns: Int
  /// [rows, columns]; 0 where nothing can be said.
  public internal(set) var real: [Float]
  public internal(set) var imaginary: [Float]

  /// The spectrum of a whole picture.
  ///
  /// - Parameter luminance: [H, W], 0...255; sides of at least 32 give something to go by.
  public init(of luminance: Plane) {
    self.init(of: PatternResidual(of: luminance))
  }

  init(of residual: PatternResidual) {
    let (width, height) = (residual.plane.width, residual.plane.height)
    let spectrum = FourierTransform.forward(residual.plane)
    rows = height
    columns = width / 2 + 1
    var power = [Float](repeating: 0, count: rows * columns)
    spectrum.interleaved.withUnsafeBufferPointer { source in
      power.withUnsafeMutableBufferPointer { power in
        for index in 0..<power.count {
          let (re, im) = (source[2 * index], source[2 * index + 1])
          power[index] = re * re + im * im
        }
      }
    }
    let strength = SpectralStrength(rows: rows, columns: columns).around(power)
    let acrossPhase = Self.phases(columns, of: width, signed: false)
    let downPhase = Self.phases(rows, of: height, signed: true)
    real = [Float](repeating: 0, count: rows * columns)
    imaginary = real
    let limit = Self.clip * Self.clip
    // A residual of a thousandth of a grey level is rounding, as in a picture of one colour.
    let samples = Float(width * height)
    let floor = samples * 1e-6
    spectrum.interleaved.withUnsafeBufferPointer { source in
      real.withUnsafeMutableBufferPointer { real in
        imaginary.withUnsafeMutableBufferPointer { imaginary in
          for row in 0..<rows {
            let (downRe, downIm) = downPhase[row]
            for column in 0..<columns {
              let index = row * columns + column
              let around = strength[index] + floor
              let scale = (1 / max(around, power[index] / limit)).squareRoot()
              let (acrossRe, acrossIm) = acrossPhase[column]
              let phaseRe = (downRe * acrossRe - downIm * acrossIm) * scale
              let phaseIm = (downRe * acrossIm + downIm * acrossRe) * scale
              let (re, im) = (source[2 * index], source[2 * index + 1])
              real[index] = re * phaseRe - im * phaseIm
              imaginary[index] = re * phaseIm + im * phaseRe
            }
          }
        }
      }
    }
    leaveOut(pixelWidth: residual.pixelWidth, pixelHeight: residual.pixelHeight)
  }

  /// e^(−iπf/n) for each frequency f: from the first sample's centre to the corner, half a sample away.
  static func phases(_ count: Int, of side: Int, signed: Bool) -> [(Float, Float)] {
    (0..<count).map { place in
      let cycles = signed && place > side / 2 ? place - side : place
      let angle = -Double.pi * Double(cycles) / Double(side)
      return (Float(cos(angle)), Float(sin(angle)))
    }
  }

  /// Empties what the picture's size, its content or its JPEG grid spoils.
  private mutating func leaveOut(pixelWidth: Int, pixelHeight: Int) {
    let width = 2 * (columns - 1)
    let acrossLimit = Int(Self.reach * Double(min(width, pixelWidth)))
    let downLimit = Int(Self.reach * Double(min(rows, pixelHeight)))
    let acrossGrid = Self.gridLines(columns, pixels: pixelWidth)
    let downGrid = Self.gridLines(rows / 2 + 1, pixels: pixelHeight)
    let least = Self.leastCycles * Self.leastCycles
    for row in 0..<rows {
      let v = row <= rows / 2 ? row : row - rows
      let start = row * columns
      for column in 0..<columns {
        let radius = Float(column * column + v * v)
        let out =
          column > acrossLimit || abs(v) > downLimit || radius < least
          || (acrossGrid[column] && downGrid[abs(v)])
        guard out else { continue }
        real[start + column] = 0
        imaginary[start + column] = 0
      }
    }
  }

  /// Which frequencies lie on multiples of an eighth of the pixels, 0 among them.
  private static func gridLines(_ count: Int, pixels: Int) -> [Bool] {
    let step = Double(pixels) / 8
    return (0..<count).map { abs(Double($0) - (Double($0) / step).rounded() * step) < gridMargin }
  }
}
