import Images
import Spectra

/// Finds a known payload when neither the marked picture's width nor its upper left corner is known.
///
/// The block in row r and column c then carries bit (r·s + c + φ) modulo L, where the stride s and the phase φ
/// count only modulo L. So the votes can be folded to L×L first, and the matched filter's output for all L²
/// pairs follows from one Fourier transform of the fold and one of length L for each stride:
/// T(s, φ) = 1/L · Σ_ω B[ω] · conj Â[ωs, ω] · e^(2πiωφ/L).
enum StrideSearch {
  /// - Returns: the pair with the largest output.
  static func best(_ grid: VoteGrid, payload: Payload) -> (stride: Int, phase: Int) {
    let length = payload.count
    var fold = Plane(width: length, height: length)
    for row in 0..<grid.rows {
      let base = row % length * length
      for column in 0..<grid.columns {
        fold.values[base + column % length] += grid.votes[row * grid.columns + column]
      }
    }
    let mean = payload.bits.reduce(Float(0)) { $0 + ($1 ? 1 : -1) } / Float(length)
    let signs = Plane(width: length, height: 1, values: payload.bits.map { ($0 ? 1 : -1) - mean })
    let pattern = FourierTransform.forward(signs)
    let votes = FourierTransform.forward(fold)
    var best = (stride: 0, phase: 0, output: -Float.infinity)
    var line = ComplexPlane(width: length / 2 + 1, height: 1)
    for stride in 0..<length {
      for frequency in 0...length / 2 {
        let a = votes[frequency, frequency * stride % length]
        let b = pattern[frequency, 0]
        line[frequency, 0] = (b.re * a.re + b.im * a.im, b.im * a.re - b.re * a.im)
      }
      guard let outputs = try? FourierTransform.inverse(line, width: length) else { continue }
      for (phase, output) in outputs.values.enumerated() where output > best.output {
        best = (stride, phase, output)
      }
    }
    return (best.stride, best.phase)
  }
}
