public import Images

/// Where a picture is measured: square tiles, evenly spread, never more than a bound.
///
/// Time thus grows with the picture up to the bound and then stays flat, and a tile is never resized: that
/// would smear the traces that are looked for.
public struct Tiling: Sendable, Hashable {
  /// The tiles' side in samples.
  public let side: Int
  /// Top left corners, row by row.
  public let origins: [Origin]

  public struct Origin: Sendable, Hashable {
    public let x: Int
    public let y: Int
  }

  /// - Parameters:
  ///   - maximum: the most tiles, at least 1; the longer side of the picture gets more of them.
  ///   - step: corners are rounded down to a multiple of this.
  /// - Returns: nil when the picture is smaller than one tile.
  public init?(width: Int, height: Int, side: Int, maximum: Int, step: Int = 1) {
    guard side > 0, width >= side, height >= side, maximum > 0, step > 0 else { return nil }
    var (columns, rows) = (width / side, height / side)
    while columns * rows > maximum {
      if columns >= rows { columns -= 1 } else { rows -= 1 }
    }
    func starts(_ length: Int, _ count: Int) -> [Int] {
      (0..<count).map { index in
        // A single tile sits in the middle.
        let place = count == 1 ? (length - side) / 2 : (length - side) * index / (count - 1)
        return place / step * step
      }
    }
    let xs = starts(width, columns)
    self.side = side
    origins = starts(height, rows).flatMap { y in xs.map { Origin(x: $0, y: y) } }
  }
}

extension Plane {
  /// The samples of a rectangle, row by row.
  ///
  /// - Precondition: the rectangle lies within the plane.
  public func cropped(x: Int, y: Int, width: Int, height: Int) -> Plane {
    precondition(x >= 0 && y >= 0 && x + width <= self.width && y + height <= self.height)
    let values = [Float](unsafeUninitializedCapacity: width * height) { out, used in
      self.values.withUnsafeBufferPointer { source in
        for row in 0..<height {
          (out.baseAddress! + row * width)
            .initialize(from: source.baseAddress! + (y + row) * self.width + x, count: width)
        }
      }
      used = width * height
    }
    return Plane(width: width, height: height, values: values)
  }
}
