import Images

/// A word's tile, shaped by what the reader will see of the picture itself.
///
/// To a reader the picture is noise on the mark's lines, but the writer knows that noise. Each coded bit is given
/// a share of it with the sign turned, so that bits that the picture speaks against become stronger and those it
/// speaks for weaker. The template stays as it is: the search for turn and scale looks for power, and what the
/// picture adds to a line is power too.
///
/// Source: Malvar and Florêncio, "Improved spread spectrum", 2003, doi:10.1109/TSP.2003.809385.
struct InformedTile {
  /// How much of the picture's part in a bit is taken back.
  private static let share: Float = 0.7

  let pattern: MarkPattern
  /// The picture at the mark's lines.
  let host: LatticeSpectrum
  /// What a line of amplitude 1 shows as, before the residual's high-pass.
  let gain: Float

  /// The residual's high-pass at a line: one less the response of a mean over 9×9.
  private static func highPass(_ line: MarkPattern.Line) -> Float {
    func mean(_ index: Int) -> Double {
      guard index != 0 else { return 1 }
      let angle = Double.pi * Double(index) / Double(MarkPattern.period)
      return sine(9 * angle) / (9 * sine(angle))
    }
    return Float(1 - mean(line.u) * mean(line.v))
  }

  /// - Parameters:
  ///   - word: 512 coded bits.
  ///   - offset: where the tile starts.
  /// - Returns: [period, period], mean square 1.
  func tile(_ word: [Bool], offset: (x: Int, y: Int)) -> Plane {
    var lines = pattern.amplitudes(word)
    let turn = 2 * Double.pi / Double(MarkPattern.period)
    // The host on the tile's phases, in units of amplitude; its weights are the reader's.
    let none = [Bool](repeating: false, count: LatticeSpectrum.side * LatticeSpectrum.side)
    let seen = lines.map { entry in
      let angle = turn * Double(entry.line.u * offset.x + entry.line.v * offset.y)
      let (c, s) = (Float(cosine(angle)), Float(sine(angle)))
      let index = LatticeSpectrum.index(entry.line.u, entry.line.v)
      let (re, im) = (host.re[index], host.im[index])
      let response = gain * Self.highPass(entry.line)
      return (
        re: re * c + im * s, im: im * c - re * s, response: response,
        weight: 1 / host.noise(at: entry.line, excluding: none)
      )
    }
    let templates = pattern.template.count
    // A bit's belief is the sum over its dimensions; the cheapest change of amplitudes that moves it.
    var beliefs = [Float](repeating: 0, count: PolarCode.length)
    var powers = beliefs
    for (entry, seen) in zip(pattern.data, seen.dropFirst(templates)) {
      let power = (seen.weight * seen.response) * (seen.weight * seen.response)
      beliefs[entry.bitRe] += entry.signRe * seen.weight * seen.re
      beliefs[entry.bitIm] += entry.signIm * seen.weight * seen.im
      powers[entry.bitRe] += power
      powers[entry.bitIm] += power
    }
    for (number, entry) in pattern.data.enumerated() {
      let seen = seen[templates + number]
      let share = Self.share * seen.weight * seen.response
      lines[templates + number].re -= share * entry.signRe * beliefs[entry.bitRe] / powers[entry.bitRe]
      lines[templates + number].im -= share * entry.signIm * beliefs[entry.bitIm] / powers[entry.bitIm]
    }
    let square = 2 * lines.reduce(0) { $0 + $1.re * $1.re + $1.im * $1.im }
    let scale = 1 / square.squareRoot()
    return MarkPattern.tile(
      of: lines.map { MarkPattern.TemplateLine(line: $0.line, re: $0.re * scale, im: $0.im * scale) })
  }
}
