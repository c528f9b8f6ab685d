import Foundation
import Images
import Spectra

/// Reads marks from a spectrum whose geometry is right up to a shift.
struct MarkDemodulator: Sendable {
  /// How many words the code's decoder proposes; each is one chance for a false check.
  static let listSize = 16
  /// Template correlations below this many standard deviations are not decoded. The best of the period's
  /// 11,664 shifts reaches 4.4 in noise.
  static let threshold: Float = 4.8
  /// How many marks one geometry may hold.
  private static let limit = 4

  let key: MarkKey
  let pattern: MarkPattern
  private let isTemplate: [Bool]

  init(key: MarkKey) {
    self.key = key
    pattern = MarkPattern(key: key)
    var isTemplate = [Bool](repeating: false, count: LatticeSpectrum.side * LatticeSpectrum.side)
    for entry in pattern.template {
      isTemplate[LatticeSpectrum.index(entry.line.u, entry.line.v)] = true
      isTemplate[LatticeSpectrum.index(-entry.line.u, -entry.line.v)] = true
    }
    self.isTemplate = isTemplate
  }

  /// A word that passed its check.
  struct Reading: Sendable {
    var payload: Payload
    /// Where the tile starts, pixels of the marked picture modulo the period.
    var offset: (x: Double, y: Double)
    /// Standard deviations of the template's correlation.
    var templateScore: Float
    /// Share of the coded bits that agreed.
    var agreement: Double
  }

  /// A shift of the tile and how well the template stands there.
  struct Shift: Sendable {
    var x: Double
    var y: Double
    var score: Float
    /// How fast the mark fades towards high frequencies: its amplitude is e^(−fading · f²).
    var fading: Float
  }

  /// All marks at this geometry, the strongest first; each is taken out before the next is sought.
  ///
  /// - Parameter trials: grows by the words whose check was tried.
  func read(_ spectrum: LatticeSpectrum, trials: inout Int) -> [Reading] {
    var spectrum = spectrum
    var readings: [Reading] = []
    while readings.count < Self.limit {
      let shift = locate(in: spectrum)
      guard shift.score >= Self.threshold else { break }
      let beliefs = beliefs(in: spectrum, at: shift)
      guard let (payload, word) = decode(beliefs, trials: &trials) else { break }
      let agreeing = zip(beliefs, word).reduce(0) { $0 + (($1.0 < 0) == $1.1 ? 1 : 0) }
      readings.append(
        Reading(
          payload: payload, offset: (shift.x, shift.y), templateScore: shift.score,
          agreement: Double(agreeing) / Double(word.count)))
      remove(word, at: shift, from: &spectrum)
    }
    return readings
  }

  /// The squared mean over the variance of a known word's coded bits as they are read; 0 where the template is not
  /// found at the known offset.
  func signalToNoise(of word: [Bool], at offset: (x: Int, y: Int), in spectrum: LatticeSpectrum) -> Float {
    let shift = locate(in: spectrum)
    func distance(_ found: Double, _ wanted: Int) -> Double {
      abs(remainder(found - Double(wanted), Double(MarkPattern.period)))
    }
    guard shift.score >= Self.threshold, distance(shift.x, offset.x) < 1, distance(shift.y, offset.y) < 1
    else {
      return 0
    }
    let turned = zip(beliefs(in: spectrum, at: shift), word).map { $1 ? -$0 : $0 }
    let count = Float(turned.count)
    let mean = turned.reduce(0, +) / count
    let variance = turned.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    return mean > 0 ? mean * mean / max(variance, 1e-12) : 0
  }

  /// The words the beliefs suggest, until one passes its check: first the one that a single path finds, which is
  /// right for most marks, then a list.
  ///
  /// Source: Li, Shen and Tse 2012, doi:10.1109/LCOMM.2012.111612.121898 (adaptive list decoding).
  private func decode(_ beliefs: [Float], trials: inout Int) -> (Payload, [Bool])? {
    for paths in [1, Self.listSize] {
      for frame in MarkFrame.code.decode(beliefs, paths: paths) {
        trials += 1
        if let payload = MarkFrame.payload(of: frame, key: key) {
          return (payload, MarkFrame.code.encode(frame))
        }
      }
    }
    return nil
  }

  /// The shift at which the template's phases agree best.
  func locate(in spectrum: LatticeSpectrum) -> Shift {
    let side = MarkPattern.period
    let lines = pattern.template.map { entry in
      let index = LatticeSpectrum.index(entry.line.u, entry.line.v)
      // S · conj X: its phase is the shift's.
      let re = spectrum.re[index] * entry.re + spectrum.im[index] * entry.im
      let im = spectrum.im[index] * entry.re - spectrum.re[index] * entry.im
      return (
        line: entry.line, re: re, im: im, noise: spectrum.noise(at: entry.line, excluding: isTemplate),
        power: entry.re * entry.re + entry.im * entry.im
      )
    }
    let floor = lines.reduce(0) { $0 + $1.noise } / Float(lines.count) * 0.25
    var half = ComplexPlane(width: side / 2 + 1, height: side)
    for line in lines {
      let weight = 1 / max(line.noise, floor)
      let v = (line.line.v + side) % side
      half[line.line.u, v] = (line.re * weight, -line.im * weight)
    }
    guard let correlation = try? FourierTransform.inverse(half, width: side) else {
      preconditionFailure("half spectra of the period's width invert")
    }
    var best = 0
    for index in correlation.values.indices where correlation.values[index] > correlation.values[best] {
      best = index
    }
    let (x, y) = (best % side, best / side)
    func vertex(_ left: Float, _ middle: Float, _ right: Float) -> Double {
      let bend = left - 2 * middle + right
      return bend < 0 ? Double(0.5 * (left - right) / bend) : 0
    }
    let at = { (x: Int, y: Int) in correlation[(x + side) % side, (y + side) % side] }
    let shiftX = Double(x) + vertex(at(x - 1, y), at(x, y), at(x + 1, y))
    let shiftY = Double(y) + vertex(at(x, y - 1), at(x, y), at(x, y + 1))

    // At that shift, the fading that fits the template best.
    let turn = 2 * Double.pi / Double(side)
    let aligned = lines.map { line in
      let angle = turn * (Double(line.line.u) * shiftX + Double(line.line.v) * shiftY)
      let frequency = Float(line.line.radius) / Float(side)
      return (
        value: line.re * Float(cosine(angle)) + line.im * Float(sine(angle)), square: frequency * frequency,
        noise: max(line.noise, floor), power: line.power
      )
    }
    var result = Shift(x: shiftX, y: shiftY, score: -.infinity, fading: 0)
    for fading: Float in [0, 10, 20, 40, 80] {
      var (signal, variance) = (Float(0), Float(0))
      for line in aligned {
        let weight = Float.exp(-fading * line.square) / line.noise
        signal += weight * line.value
        variance += weight * weight * line.noise * line.power
      }
      let score = signal / (variance / 2).squareRoot()
      if score > result.score {
        result.score = score
        result.fading = fading
      }
    }
    return result
  }

  /// Log-likelihood ratios of the coded bits up to a common factor, positive for 0.
  private func beliefs(in spectrum: LatticeSpectrum, at shift: Shift) -> [Float] {
    var beliefs = [Float](repeating: 0, count: PolarCode.length)
    let turn = 2 * Double.pi / Double(MarkPattern.period)
    let floor =
      pattern.template.reduce(0) { $0 + spectrum.noise(at: $1.line, excluding: isTemplate) }
      / Float(pattern.template.count) * 0.25
    for entry in pattern.data {
      let index = LatticeSpectrum.index(entry.line.u, entry.line.v)
      let angle = turn * (Double(entry.line.u) * shift.x + Double(entry.line.v) * shift.y)
      let (c, s) = (Float(cosine(angle)), Float(sine(angle)))
      let (re, im) = (spectrum.re[index], spectrum.im[index])
      let frequency = Float(entry.line.radius) / Float(MarkPattern.period)
      let noise = max(spectrum.noise(at: entry.line, excluding: isTemplate), floor)
      let weight = Float.exp(-shift.fading * frequency * frequency) / noise
      beliefs[entry.bitRe] += entry.signRe * weight * (re * c + im * s)
      beliefs[entry.bitIm] += entry.signIm * weight * (im * c - re * s)
    }
    return beliefs
  }

  /// Takes a known mark out: its amplitudes times what each ring of lines received of them.
  private func remove(_ word: [Bool], at shift: Shift, from spectrum: inout LatticeSpectrum) {
    let turn = 2 * Double.pi / Double(MarkPattern.period)
    let lines = pattern.amplitudes(word).map { entry in
      let angle = turn * (Double(entry.line.u) * shift.x + Double(entry.line.v) * shift.y)
      let (c, s) = (Float(cosine(angle)), Float(sine(angle)))
      return (
        line: entry.line, re: entry.re * c - entry.im * s, im: entry.re * s + entry.im * c,
        ring: Int(entry.line.radius / 3)
      )
    }
    var received = [Float](repeating: 0, count: MarkPattern.reach / 3 + 1)
    var sent = received
    for line in lines {
      let index = LatticeSpectrum.index(line.line.u, line.line.v)
      received[line.ring] += spectrum.re[index] * line.re + spectrum.im[index] * line.im
      sent[line.ring] += line.re * line.re + line.im * line.im
    }
    for line in lines {
      let gain = received[line.ring] / sent[line.ring]
      let index = LatticeSpectrum.index(line.line.u, line.line.v)
      let mirror = LatticeSpectrum.index(-line.line.u, -line.line.v)
      spectrum.re[index] -= gain * line.re
      spectrum.im[index] -= gain * line.im
      spectrum.re[mirror] = spectrum.re[index]
      spectrum.im[mirror] = -spectrum.im[index]
    }
  }
}
