internal import Images

/// The quarter of a picture at its bottom right, at several sizes.
///
/// Makers put their marks there; crops from the left and the top only bring the mark nearer to the middle, and crops
/// of up to half of the picture from the right and the bottom have removed it.
struct MarkScene: Sendable {
  /// Of the whole picture.
  let width: Int
  let height: Int
  /// Its longer side, which sizes of marks are relative to; of a strip, three times the shorter one.
  var length: Double { Double(min(max(width, height), 3 * min(width, height))) }
  /// The quarter as decoded, without alpha; the last column and row are the picture's.
  let quarter: Image
  /// The darkest channel's samples 0...255, each level half of the one before on each side.
  ///
  /// White laid over a picture keeps the order of its channels, so the darkest one is covered like any other; and it
  /// has the most room up to white, on yellow and red grounds far more than the luminance.
  private let levels: [Plane]
  /// Picture pixels a sample of the first level.
  private let unit: Double

  /// The shortest side a mark is looked for in.
  static let shortest = 32

  /// - Returns: nil for a picture under ``shortest`` pixels a side.
  init?(_ image: Image) {
    guard min(image.width, image.height) >= Self.shortest else { return nil }
    (width, height) = (image.width, image.height)
    let (w, h) = ((width + 1) / 2, (height + 1) / 2)
    quarter = image.cropped(x: width - w, y: height - h, width: w, height: h).withoutAlpha()
    // The smallest mark keeps 24 samples or what it has.
    let reduction = max(1, min(max(width, height), 3 * min(width, height)) / 1600)
    unit = Double(reduction)
    var plane = quarter.darkestChannel()
    if reduction > 1 { plane = plane.boxReduced(by: reduction) }
    var levels = [plane]
    while min(plane.width, plane.height) >= 48 && levels.count < 6 {
      plane = plane.boxReduced(by: 2)
      levels.append(plane)
    }
    self.levels = levels
  }

  /// Samples of the darkest channel on a square grid, bilinear on the level next finer than the step.
  ///
  /// - Parameters:
  ///   - right, bottom: distances of the grid's middle from the picture's right and bottom border, in picture pixels.
  ///   - step: picture pixels from sample to sample.
  /// - Returns: [rows, columns]; beyond the quarter its border is repeated.
  func grid(right: Double, bottom: Double, step: Double, columns: Int, rows: Int) -> Plane {
    var level = 0
    while level + 1 < levels.count && unit * Double(2 << level) <= step * 1.2 { level += 1 }
    let plane = levels[level]
    let size = unit * Double(1 << level)
    // Reduction keeps the right and the bottom border in place, so distances from there hold on every level.
    let x0 = Double(plane.width) - (right + Double(columns - 1) / 2 * step) / size - 0.5
    let y0 = Double(plane.height) - (bottom + Double(rows - 1) / 2 * step) / size - 0.5
    let across = Self.taps(start: x0, step: step / size, count: columns, limit: plane.width)
    let down = Self.taps(start: y0, step: step / size, count: rows, limit: plane.height)
    let values = [Float](unsafeUninitializedCapacity: columns * rows) { out, used in
      plane.values.withUnsafeBufferPointer { source in
        for (row, y) in down.enumerated() {
          let upper = source.baseAddress! + y.first * plane.width
          let lower = source.baseAddress! + y.second * plane.width
          let target = out.baseAddress! + row * columns
          for (column, x) in across.enumerated() {
            let top = upper[x.first] + (upper[x.second] - upper[x.first]) * x.weight
            let bottom = lower[x.first] + (lower[x.second] - lower[x.first]) * x.weight
            target[column] = top + (bottom - top) * y.weight
          }
        }
      }
      used = columns * rows
    }
    return Plane(width: columns, height: rows, values: values)
  }

  /// The colour channels of a square around a spot; none for a grey picture.
  ///
  /// - Parameters:
  ///   - samples: a side.
  ///   - width: of the square in picture pixels; where it leaves the quarter it is moved in.
  func channels(around spot: OverlayFilter.Spot, samples: Int, width: Double) -> [Plane] {
    guard quarter.channels == 3 else { return [] }
    let side = min(Int(width.rounded()), quarter.width, quarter.height)
    let x = Int((Double(quarter.width) - spot.right - width / 2).rounded())
    let y = Int((Double(quarter.height) - spot.bottom - width / 2).rounded())
    return quarter.cropped(
      x: min(max(0, x), quarter.width - side), y: min(max(0, y), quarter.height - side), width: side,
      height: side
    ).planes().map { $0.resized(width: samples, height: samples, filter: .bilinear) }
  }

  /// Two neighbours and the share of the second.
  private struct Tap {
    var first: Int
    var second: Int
    var weight: Float
  }

  private static func taps(start: Double, step: Double, count: Int, limit: Int) -> [Tap] {
    (0..<count).map { index in
      let place = min(max(start + Double(index) * step, 0), Double(limit - 1))
      let first = Int(place)
      return Tap(first: first, second: min(first + 1, limit - 1), weight: Float(place - Double(first)))
    }
  }
}

extension Image {
  /// The least of each pixel's colour channels, 0...255.
  fileprivate func darkestChannel() -> Plane {
    guard channels == 3 else { return luminance() }
    let values = [Float](unsafeUninitializedCapacity: pixelCount) { out, used in
      pixels8.withUnsafeBufferPointer { pixels in
        for i in 0..<pixelCount {
          out[i] = Float(min(pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]))
        }
      }
      used = pixelCount
    }
    return Plane(width: width, height: height, values: values)
  }
}

extension Plane {
  /// Means over squares of a side, counted from the bottom right; what is left over at the top and the left goes.
  fileprivate func boxReduced(by side: Int) -> Plane {
    let (w, h) = (max(1, width / side), max(1, height / side))
    let (left, top) = (max(0, width - w * side), max(0, height - h * side))
    let weight = 1 / Float(side * side)
    var result = Plane(width: w, height: h)
    values.withUnsafeBufferPointer { source in
      result.values.withUnsafeMutableBufferPointer { target in
        for y in 0..<h {
          for line in 0..<side {
            let row = source.baseAddress! + (top + y * side + line) * width + left
            for x in 0..<w {
              var sum: Float = 0
              for k in 0..<side { sum += row[x * side + k] }
              target[y * w + x] += sum * weight
            }
          }
        }
      }
    }
    return result
  }
}
