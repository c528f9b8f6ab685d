extension Image {
  /// The picture at another size.
  ///
  /// 8-bit samples go through the fixed-point arithmetic of Pillow's `resize`: 22 fractional bits, rows
  /// before columns, rounded to 8 bits between. The samples are Pillow's own, except where it takes the
  /// columns first (13.0 does for some sizes) and rounding differs by one level. 16-bit samples go through
  /// floats. Channels are independent: alpha does not weight the colours.
  ///
  /// - Parameter antialias: stretch the filter when shrinking; without it samples are skipped.
  /// - Precondition: both sides are positive.
  public func resized(
    width newWidth: Int, height newHeight: Int, filter: ResamplingFilter, antialias: Bool = true
  ) -> Image {
    precondition(newWidth > 0 && newHeight > 0)
    if newWidth == width && newHeight == height { return self }
    switch samples {
    case .eight(var pixels):
      if newWidth != width {
        let taps = FixedTaps(filter.taps(from: width, to: newWidth, antialias: antialias))
        pixels = taps.horizontally(pixels, width: width, height: height, channels: channels)
      }
      if newHeight != height {
        let taps = FixedTaps(filter.taps(from: height, to: newHeight, antialias: antialias))
        pixels = taps.vertically(pixels, rowLength: newWidth * channels)
      }
      return Image(width: newWidth, height: newHeight, colorModel: colorModel, pixels: pixels)
    case .sixteen:
      let planes = planes().map {
        $0.resized(width: newWidth, height: newHeight, filter: filter, antialias: antialias)
      }
      let count = newWidth * newHeight
      let pixels = [UInt16](unsafeUninitializedCapacity: count * channels) { out, used in
        for (c, plane) in planes.enumerated() {
          for i in 0..<count {
            out[i * channels + c] = UInt16(Swift.min(Swift.max(0, plane.values[i] * 257 + 0.5), 65535))
          }
        }
        used = count * channels
      }
      return Image(width: newWidth, height: newHeight, colorModel: colorModel, pixels16: pixels)
    }
  }
}

extension Image {
  /// The picture with both sides multiplied, each rounded to whole pixels and at least 1.
  ///
  /// - Parameters:
  ///   - scale: above 0; below 1 it becomes smaller.
  ///   - rounding: to the nearest by default. Figures and weights that were made with sides rounded down need `.down`.
  public func resized(
    by scale: Double, filter: ResamplingFilter, rounding: FloatingPointRoundingRule = .toNearestOrAwayFromZero
  ) -> Image {
    func side(_ length: Int) -> Int { Swift.max(1, Int((Double(length) * scale).rounded(rounding))) }
    return resized(width: side(width), height: side(height), filter: filter)
  }

  /// The picture with its longer side reduced to so many pixels and the other in proportion; itself where it is not longer.
  ///
  /// - Parameters:
  ///   - longest: pixels, above 0; a drawn length need not be whole.
  ///   - rounding: of both sides, as in ``resized(by:filter:rounding:)``.
  public func reduced(
    toLongestSide longest: Double, filter: ResamplingFilter,
    rounding: FloatingPointRoundingRule = .toNearestOrAwayFromZero
  ) -> Image {
    let scale = longest / Double(Swift.max(width, height))
    return scale < 1 ? resized(by: scale, filter: filter, rounding: rounding) : self
  }
}

/// Taps in fixed point with 22 fractional bits: 8-bit samples and overshooting weights fit in 32 bits.
private struct FixedTaps {
  static let bits: Int32 = 22
  var starts: [Int]
  var offsets: [Int]
  var weights: [Int32]

  init(_ taps: [Taps]) {
    starts = taps.map(\.start)
    offsets = taps.reduce(into: [0]) { $0.append($0.last! + $1.weights.count) }
    weights = taps.flatMap { tap in
      tap.weights.map { Int32($0 * Double(1 << Self.bits) + ($0 < 0 ? -0.5 : 0.5)) }
    }
  }

  func horizontally(_ pixels: [UInt8], width: Int, height: Int, channels: Int) -> [UInt8] {
    let target = starts.count
    return [UInt8](unsafeUninitializedCapacity: target * height * channels) { out, used in
      pixels.withUnsafeBufferPointer { pixels in
        weights.withUnsafeBufferPointer { weights in
          for y in 0..<height {
            let row = pixels.baseAddress! + y * width * channels
            var place = out.baseAddress! + y * target * channels
            for x in 0..<target {
              let (from, to) = (offsets[x], offsets[x + 1])
              for c in 0..<channels {
                var source = row + starts[x] * channels + c
                var sum: Int32 = 1 << (Self.bits - 1)
                for k in from..<to {
                  sum &+= Int32(source.pointee) &* weights[k]
                  source += channels
                }
                place[c] = Self.clamp(sum)
              }
              place += channels
            }
          }
        }
      }
      used = target * height * channels
    }
  }

  func vertically(_ pixels: [UInt8], rowLength: Int) -> [UInt8] {
    let target = starts.count
    var sums = [Int32](repeating: 0, count: rowLength)
    return [UInt8](unsafeUninitializedCapacity: target * rowLength) { out, used in
      pixels.withUnsafeBufferPointer { pixels in
        sums.withUnsafeMutableBufferPointer { sums in
          for y in 0..<target {
            sums.update(repeating: 1 << (Self.bits - 1))
            for k in offsets[y]..<offsets[y + 1] {
              let source = pixels.baseAddress! + (starts[y] + k - offsets[y]) * rowLength
              let weight = weights[k]
              for i in 0..<rowLength { sums[i] &+= Int32(source[i]) &* weight }
            }
            let row = out.baseAddress! + y * rowLength
            for i in 0..<rowLength { row[i] = Self.clamp(sums[i]) }
          }
        }
      }
      used = target * rowLength
    }
  }

  private static func clamp(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: Swift.min(Swift.max(sum >> bits, 0), 255))
  }
}
