package import Images
import Spectra

/// The mark's shape in the frequency domain, as one key draws it.
///
/// The mark is a tile of ``period`` × ``period`` pixels, repeated over the picture. A repeated tile has a line
/// spectrum: its energy sits at frequencies (u, v)/``period`` only, each of which gathers energy from the
/// whole picture, however it was cropped. Of the lines between about 0.05 and 0.22 cycles a pixel (where
/// pictures and compression leave room and eyes are forgiving) 28 strong ones form the template, whose places
/// and phases tell the reader how the picture was turned, scaled and moved; 768 carry two coded bits each, in
/// their real and imaginary parts.
package struct MarkPattern: Sendable {
  /// Pixels. Not a multiple of 8: JPEG's block grid falls between the lines (8 px is line 13.5).
  static let period = 108
  static let templateCount = 28
  /// Each coded bit stands on this many real dimensions.
  static let diversity = 3
  static let dataCount = PolarCode.length * diversity / 2
  /// Share of the mark's energy in the template.
  static let templateShare: Float = 0.32
  /// A line's amplitude falls with this power of its radius: codecs round low frequencies less.
  private static let tilt: Float = 0.4
  /// Radius of the innermost lines, in lines.
  static let innerRadius = 5.5
  /// Radii of the template's lines, in lines.
  static let templateRadii = 7.0...19.0
  /// Lines lie within this radius.
  static let reach = 24

  package struct Line: Sendable, Hashable {
    package var u: Int
    package var v: Int
    /// Distance from the origin, in lines.
    var radius: Double { (Double(u * u + v * v)).squareRoot() }
  }

  /// A line of known amplitude and phase.
  package struct TemplateLine: Sendable {
    package var line: Line
    var re: Float
    var im: Float
  }

  /// A line that carries two coded bits; a bit's sign is flipped where `flips` says so.
  package struct DataLine: Sendable {
    package var line: Line
    package var bitRe: Int
    package var bitIm: Int
    var signRe: Float
    var signIm: Float
  }

  package let template: [TemplateLine]
  package let data: [DataLine]
  /// Of a data line of radius 1, in either of its dimensions.
  private let dataAmplitude: Float

  package init(key: MarkKey) {
    var stream = key.stream("pattern")
    let lines = Self.halfPlane()
    let chosen = Self.chooseTemplate(from: lines, stream: &stream)
    let level = Self.level(chosen, share: Self.templateShare, dimensions: 1)
    template = chosen.map { line in
      let angle = Double(stream.below(256)) / 256 * 2 * .pi
      let size = level * Self.slant(line)
      return TemplateLine(line: line, re: size * Float(cosine(angle)), im: size * Float(sine(angle)))
    }
    let taken = Set(chosen)
    let carriers = lines.filter { !taken.contains($0) }.prefix(Self.dataCount)
    dataAmplitude = Self.level(carriers, share: 1 - Self.templateShare, dimensions: 2)
    // One dimension of every bit in each third of the radii, so that a loss of high frequencies costs all
    // bits the same.
    var bits: [Int] = []
    for _ in 0..<Self.diversity { bits += stream.permutation(PolarCode.length) }
    data = carriers.enumerated().map { index, line in
      DataLine(
        line: line, bitRe: bits[2 * index], bitIm: bits[2 * index + 1],
        signRe: stream.byte() & 1 == 1 ? -1 : 1, signIm: stream.byte() & 1 == 1 ? -1 : 1)
    }
  }

  /// One line of each conjugate pair, from ``innerRadius`` outwards.
  private static func halfPlane() -> [Line] {
    var lines: [Line] = []
    for v in -reach...reach {
      for u in 0...reach where u > 0 || v > 0 {
        let line = Line(u: u, v: v)
        if line.radius >= innerRadius, line.radius < Double(reach) { lines.append(line) }
      }
    }
    let key = { (line: Line) in (line.u * line.u + line.v * line.v, line.u, line.v) }
    return lines.sorted { key($0) < key($1) }
  }

  /// Draws the template's lines: apart from each other, and off the axes, where pictures have edges.
  private static func chooseTemplate(from lines: [Line], stream: inout KeyStream) -> [Line] {
    let eligible = lines.filter { templateRadii.contains($0.radius) && abs($0.u) > 1 && abs($0.v) > 1 }
    let order = stream.permutation(eligible.count)
    var chosen: [Line] = []
    for index in order where chosen.count < templateCount {
      let line = eligible[index]
      let isApart = chosen.allSatisfy { other in
        let (du, dv) = (line.u - other.u, line.v - other.v)
        return du * du + dv * dv >= 6
      }
      if isApart { chosen.append(line) }
    }
    // 28 lines of 500 at this distance always fit; a key that left fewer would still read and write alike.
    return chosen
  }

  /// One coded word's tile, of mean square 1, [period, period].
  package func tile(_ word: [Bool]) -> Plane { Self.tile(of: amplitudes(word)) }

  /// The tile of given amplitudes.
  static func tile(of lines: [TemplateLine]) -> Plane {
    let side = period
    var half = ComplexPlane(width: side / 2 + 1, height: side)
    for entry in lines {
      let v = (entry.line.v + side) % side
      half[entry.line.u, v] = (entry.re, entry.im)
      // Column 0 holds both halves of its conjugate pairs.
      if entry.line.u == 0 { half[0, side - v] = (entry.re, -entry.im) }
    }
    guard var plane = try? FourierTransform.inverse(half, width: side) else {
      preconditionFailure("half spectra of the period's width invert")
    }
    // Rounded to 1/1024, so that the last bits of a platform's sines don't show in the picture.
    let scale = Float(side * side)
    for index in plane.values.indices {
      plane.values[index] = (plane.values[index] * scale * 1024).rounded() / 1024
    }
    return plane
  }

  /// The complex amplitudes of all lines for a coded word, the template's first.
  func amplitudes(_ word: [Bool]) -> [TemplateLine] {
    template
      + data.map { entry in
        let size = dataAmplitude * Self.slant(entry.line)
        return TemplateLine(
          line: entry.line, re: entry.signRe * (word[entry.bitRe] ? -size : size),
          im: entry.signIm * (word[entry.bitIm] ? -size : size))
      }
  }

  private static func slant(_ line: Line) -> Float { Float.pow(Float(line.radius), -tilt) }

  /// What slanted lines are multiplied by for their squares to add up to a share of the mark's energy.
  private static func level(_ lines: some Sequence<Line>, share: Float, dimensions: Float) -> Float {
    let power = lines.reduce(Float(0)) { $0 + slant($1) * slant($1) }
    return (share / (2 * dimensions * power)).squareRoot()
  }
}
