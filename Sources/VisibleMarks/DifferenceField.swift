package import Images

/// Differences of a plane to a neighbour on the left and one above.
package struct DifferenceField: Sendable {
  let width: Int
  let height: Int
  /// Samples between the two.
  let lag: Int
  /// [height, width], 0 where the neighbour is outside.
  package private(set) var across: [Float]
  package private(set) var down: [Float]
  /// Squares of both, [height, width].
  package private(set) var energies: [Float]

  /// - Parameters:
  ///   - lag: samples to the neighbour; 1 tells a border's course best, more tell its height even where it is soft.
  ///   - bend: the length above which differences count less: g becomes g / √(1 + |g|²/bend²), so that one hard
  ///     edge of the picture does not outweigh a mark. Nil leaves them straight.
  package init(_ plane: Plane, lag: Int = 1, bend: Float? = nil) {
    (width, height, self.lag) = (plane.width, plane.height, lag)
    let (w, h) = (width, height)
    across = [Float](repeating: 0, count: w * h)
    down = across
    energies = across
    plane.values.withUnsafeBufferPointer { source in
      across.withUnsafeMutableBufferPointer { across in
        down.withUnsafeMutableBufferPointer { down in
          energies.withUnsafeMutableBufferPointer { energies in
            for y in 0..<h {
              let row = y * w
              for i in row + min(lag, w)..<row + w { across[i] = source[i] - source[i - lag] }
              if y >= lag {
                for i in row..<row + w { down[i] = source[i] - source[i - lag * w] }
              }
              for i in row..<row + w { energies[i] = across[i] * across[i] + down[i] * down[i] }
              guard let bend else { continue }
              let factor = 1 / (bend * bend)
              for i in row..<row + w {
                let scale = 1 / (1 + energies[i] * factor).squareRoot()
                across[i] *= scale
                down[i] *= scale
                energies[i] *= scale * scale
              }
            }
          }
        }
      }
    }
  }

  /// The adjoint applied to the field, [height, width]: Σ m × this is the correlation of the field with the
  /// differences of any m that is 0 at the border.
  package func adjoint() -> [Float] {
    var result = [Float](repeating: 0, count: across.count)
    let (w, h) = (width, height)
    result.withUnsafeMutableBufferPointer { result in
      across.withUnsafeBufferPointer { across in
        down.withUnsafeBufferPointer { down in
          for y in 0..<h {
            let row = y * w
            for i in row..<row + w { result[i] = across[i] + down[i] }
            for i in row..<row + max(0, w - lag) { result[i] -= across[i + lag] }
            if y + lag < h {
              for i in row..<row + w { result[i] -= down[i + lag * w] }
            }
          }
        }
      }
    }
    return result
  }
}
