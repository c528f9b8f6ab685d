/// A whole picture's whitened spectrum in a byte a part, as training keeps thousands.
///
/// Steps of 1/36 lose nothing: a coefficient's own chance is 36 steps wide.
public struct PackedSpectrum: Sendable {
  static let scale: Float = 36

  let rows: Int
  let columns: Int
  let values: [Int8]

  public init(_ spectrum: WhitenedSpectrum) {
    rows = spectrum.rows
    columns = spectrum.columns
    values = [Int8](unsafeUninitializedCapacity: 2 * spectrum.real.count) { out, used in
      for index in spectrum.real.indices {
        out[2 * index] = Int8(max(-127, min(127, (spectrum.real[index] * Self.scale).rounded())))
        out[2 * index + 1] = Int8(max(-127, min(127, (spectrum.imaginary[index] * Self.scale).rounded())))
      }
      used = 2 * spectrum.real.count
    }
  }

  public var spectrum: WhitenedSpectrum { WhitenedSpectrum(self) }

  /// T of two pictures: what they share beyond chance.
  func statistic(against other: PackedSpectrum) -> Double {
    var (sum, spread): (Int64, Int64) = (0, 0)
    values.withUnsafeBufferPointer { a in
      other.values.withUnsafeBufferPointer { b in
        for row in 0..<rows {
          var (part, partSpread): (Int32, Int32) = (0, 0)
          let start = 2 * row * columns
          for index in stride(from: start, to: start + 2 * columns, by: 2) {
            let (ar, ai) = (Int32(a[index]), Int32(a[index + 1]))
            let (br, bi) = (Int32(b[index]), Int32(b[index + 1]))
            part &+= ar &* br &+ ai &* bi
            // Divided so that a row's sum fits: at most 321 · 2³⁰ / 2¹⁰.
            partSpread &+= ((ar &* ar &+ ai &* ai) &* (br &* br &+ bi &* bi)) &>> 10
          }
          sum += Int64(part)
          spread += Int64(partSpread)
        }
      }
    }
    let deviation = (Double(spread) * 1024 / 2).squareRoot()
    return deviation > 0 ? Double(sum) / deviation : 0
  }
}

extension WhitenedSpectrum {
  init(_ packed: PackedSpectrum) {
    rows = packed.rows
    columns = packed.columns
    real = [Float](repeating: 0, count: rows * columns)
    imaginary = real
    for index in real.indices {
      real[index] = Float(packed.values[2 * index]) / PackedSpectrum.scale
      imaginary[index] = Float(packed.values[2 * index + 1]) / PackedSpectrum.scale
    }
  }
}
