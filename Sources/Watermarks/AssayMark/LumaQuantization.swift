import Images
import Spectra

/// What JPEG does to luminance: 8×8 cosine transforms, rounded to the steps of the standard's example table.
///
/// Source: ITU-T T.81 (1992), Annex K.1, scaled by quality as the Independent JPEG Group's library does.
struct LumaQuantization {
  private static let table: [Float] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17,
    22, 29,
    51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
    121,
    120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
  ]
  private let steps: [Float]
  /// 1.5 · 2^23: added and taken away, it leaves the nearest whole number; `rounded()` is a call for each.
  private static let toWhole: Float = 12_582_912

  /// - Parameter quality: 1...100.
  init(quality: Int) {
    let percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
    steps = Self.table.map { min(max((($0 * Float(percent) + 50) / 100).rounded(.down), 1), 255) }
  }

  /// The plane after a round trip; its sides are multiples of 8.
  func applied(to plane: Plane) -> Plane {
    guard var coefficients = try? BlockTransform.forward(plane) else {
      preconditionFailure("the caller cuts to whole blocks")
    }
    // The table's steps and their inverses stay in registers' reach: 64 floats each.
    let inverses = steps.map { 1 / $0 }
    coefficients.withUnsafeMutableBufferPointer { values in
      steps.withUnsafeBufferPointer { steps in
        inverses.withUnsafeBufferPointer { inverses in
          for block in stride(from: 0, to: values.count, by: 64) {
            for index in 0..<64 {
              let level = values[block + index] * inverses[index]
              values[block + index] = (level + Self.toWhole - Self.toWhole) * steps[index]
            }
          }
        }
      }
    }
    guard let result = try? BlockTransform.inverse(coefficients, width: plane.width, height: plane.height)
    else {
      preconditionFailure("as many coefficients as samples")
    }
    return result
  }
}
