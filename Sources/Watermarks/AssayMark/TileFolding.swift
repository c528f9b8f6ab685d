import Images

/// Laying a whole picture over one period of the mark.
enum TileFolding {
  /// The part of a residual that is folded.
  struct Region: Sendable {
    var x: Range<Int>
    var y: Range<Int>

    init(x: Range<Int>, y: Range<Int>) {
      self.x = x
      self.y = y
    }

    init(_ plane: Plane) { self.init(x: 0..<plane.width, y: 0..<plane.height) }

    /// The middle of the plane, at most `side` pixels either way.
    init(middleOf plane: Plane, side: Int) {
      func middle(_ length: Int) -> Range<Int> {
        let part = min(length, side)
        return (length - part) / 2..<(length + part) / 2
      }
      self.init(x: middle(plane.width), y: middle(plane.height))
    }

    var covers: Int { x.count * y.count }
  }

  /// Adds every pixel to the cell of the period where a map sends it.
  ///
  /// The Fourier transform of the result is that of the irregular samples up to the rounding to cells, so
  /// nothing is interpolated and nothing aliased.
  ///
  /// - Parameters:
  ///   - map: from the residual's pixels to the marked picture's pixels.
  ///   - origin: where pixel (0, 0) goes.
  ///   - cells: cells a side, a multiple of the period.
  /// - Returns: [cells, cells].
  static func fold(
    _ residual: Plane, region: Region, map: LinearMap, origin: (x: Double, y: Double), cells: Int
  ) -> Plane {
    var tile = Plane(width: cells, height: cells)
    // Positions are fractions of a period in 32 bits: they wrap by themselves.
    let unit = 4_294_967_296.0 / Double(MarkPattern.period)
    func fraction(_ position: Double) -> UInt32 {
      UInt32(truncatingIfNeeded: Int64((position * unit).rounded()))
    }
    let half = UInt32(2_147_483_648 / UInt64(cells))
    let (stepX, stepY) = (fraction(map.xx), fraction(map.yx))
    let count = UInt64(cells)
    residual.values.withUnsafeBufferPointer { values in
      tile.values.withUnsafeMutableBufferPointer { tile in
        let cell = tile.baseAddress!
        for y in region.y {
          let start = map(Double(region.x.lowerBound), Double(y))
          var atX = fraction(start.x + origin.x) &+ half
          var atY = fraction(start.y + origin.y) &+ half
          let line = values.baseAddress! + y * residual.width
          for x in region.x {
            let column = (UInt64(atX) &* count) >> 32
            let row = (UInt64(atY) &* count) >> 32
            cell[Int(row &* count &+ column)] += line[x]
            atX = atX &+ stepX
            atY = atY &+ stepY
          }
        }
      }
    }
    return tile
  }
}
