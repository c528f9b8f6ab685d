/// A map of colours [side, side, side] of red, green and blue in 0...1, interpolated between its points.
package struct ColourLattice: Sendable {
  package static let side = 17
  package var points: [SIMD4<Float>]

  /// The map that leaves colours as they are.
  package init() {
    points = (0..<Self.side * Self.side * Self.side).map { index in
      SIMD4<Float>(
        Float(index / (Self.side * Self.side)), Float(index / Self.side % Self.side),
        Float(index % Self.side), 0) / Float(Self.side - 1)
    }
  }

  /// Replaces the colours of a picture [1, H, W, 3] in 0...1, and scales the result to −1...1.
  package func apply(to picture: inout Tensor) {
    let pixels = picture.count / 3
    picture.withMutableBuffer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = Raw(base)
      points.withUnsafeBufferPointer { points in
        guard let corners = points.baseAddress.map({ Raw(reading: $0) }) else { return }
        Parallelism.forEachRange(pixels, grain: 16384) { range in
          for pixel in range {
            let p = target.pointer + 3 * pixel
            let colour = Self.interpolated(SIMD4<Float>(p[0], p[1], p[2], 0), corners.pointer) * 2 - 1
            p[0] = colour.x
            p[1] = colour.y
            p[2] = colour.z
          }
        }
      }
    }
  }

  @inline(__always)
  private static func interpolated(
    _ colour: SIMD4<Float>, _ corners: UnsafeMutablePointer<SIMD4<Float>>
  ) -> SIMD4<Float> {
    let top = Float(side - 1)
    let place = (colour * top).clamped(lowerBound: .zero, upperBound: SIMD4(repeating: top))
    // Truncation is rounding down, for nothing is below 0.
    let cell = SIMD4<Float>(
      min(place.x.rounded(.towardZero), top - 1), min(place.y.rounded(.towardZero), top - 1),
      min(place.z.rounded(.towardZero), top - 1), 0)
    let part = place - cell
    let c = corners + (Int(cell.x) * side + Int(cell.y)) * side + Int(cell.z)
    func along(_ at: Int) -> SIMD4<Float> { c[at] + (c[at + 1] - c[at]) * part.z }
    func across(_ at: Int) -> SIMD4<Float> {
      let first = along(at)
      return first + (along(at + side) - first) * part.y
    }
    let near = across(0)
    return near + (across(side * side) - near) * part.x
  }
}

/// 8-bit RGB pixels, row by row.
package enum PixelBlend {
  /// Moves the pixels of a picture part of the way to those of a smaller one, enlarged bilinearly.
  package static func blend(
    _ pixels: inout [UInt8], width: Int, height: Int, with small: [UInt8], width smallWidth: Int,
    height smallHeight: Int, share: Float
  ) {
    precondition(pixels.count == width * height * 3 && small.count == smallWidth * smallHeight * 3)
    let columns = Spatial.bilinear(smallWidth, width)
    let rows = Spatial.bilinear(smallHeight, height)
    pixels.withUnsafeMutableBufferPointer { buffer in
      small.withUnsafeBufferPointer { small in
        guard let target = buffer.baseAddress.map({ Raw($0) }),
          let source = small.baseAddress.map({ Raw(reading: $0) })
        else { return }
        Parallelism.forEachRange(height, grain: max(1, 32768 / width)) { range in
          for y in range {
            let row = rows[y]
            let above = source.pointer + row.first * smallWidth * 3
            let below = source.pointer + row.second * smallWidth * 3
            let to = target.pointer + y * width * 3
            columns.withUnsafeBufferPointer { columns in
              for x in 0..<width {
                let column = columns[x]
                let (left, right) = (column.first * 3, column.second * 3)
                for c in 0..<3 {
                  let (a, b) = (Float(above[left + c]), Float(below[left + c]))
                  let upper = a + (Float(above[right + c]) - a) * column.weight
                  let lower = b + (Float(below[right + c]) - b) * column.weight
                  let own = Float(to[3 * x + c])
                  to[3 * x + c] = UInt8(own + (upper + (lower - upper) * row.weight - own) * share + 0.5)
                }
              }
            }
          }
        }
      }
    }
  }
}
