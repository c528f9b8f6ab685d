import Foundation
import Images

/// Subtracting local means.
enum BoxFilter {
  /// Takes the mean of the (2r + 1)² square around each pixel away from it; the border is repeated outwards.
  static func subtractMean(_ plane: inout Plane, radius: Int) {
    let (width, height) = (plane.width, plane.height)
    let side = 2 * radius + 1
    let source = plane.values
    let scale = 1 / Float(side * side)
    // Columns' sums with `radius` repeated samples on both sides.
    var columns = [Float](repeating: 0, count: width + 2 * radius)
    source.withUnsafeBufferPointer { source in
      plane.values.withUnsafeMutableBufferPointer { target in
        columns.withUnsafeMutableBufferPointer { columns in
          func row(_ y: Int) -> UnsafePointer<Float> {
            source.baseAddress! + min(max(y, 0), height - 1) * width
          }
          let sums = columns.baseAddress! + radius
          for y in -radius...radius {
            let line = row(y)
            for x in 0..<width { sums[x] += line[x] }
          }
          for y in 0..<height {
            if y > 0 {
              let (entering, leaving) = (row(y + radius), row(y - radius - 1))
              for x in 0..<width { sums[x] += entering[x] - leaving[x] }
            }
            for x in 0..<radius {
              columns[x] = sums[0]
              columns[radius + width + x] = sums[width - 1]
            }
            let line = source.baseAddress! + y * width
            let out = target.baseAddress! + y * width
            let first = UnsafePointer(columns.baseAddress!)
            if radius == 4 {
              for x in 0..<width {
                let c = first + x
                let sum = ((c[0] + c[1]) + (c[2] + c[3])) + ((c[4] + c[5]) + (c[6] + c[7])) + c[8]
                out[x] = line[x] - sum * scale
              }
            } else {
              for x in 0..<width {
                var sum: Float = 0
                for tap in 0..<side { sum += first[x + tap] }
                out[x] = line[x] - sum * scale
              }
            }
          }
        }
      }
    }
  }
}

/// Statistics of square blocks and their return to pixels.
enum BlockEnergy {
  /// Mean squares of blocks, row by row; blocks at the right and lower edge may be partial.
  static func means(of plane: Plane, block: Int) -> [Float] {
    let (width, height) = (plane.width, plane.height)
    let columns = (width + block - 1) / block
    let rows = (height + block - 1) / block
    var sums = [Float](repeating: 0, count: columns * rows)
    var squares = [Float](repeating: 0, count: columns * block)
    plane.values.withUnsafeBufferPointer { values in
      squares.withUnsafeMutableBufferPointer { squares in
        for row in 0..<rows {
          squares.update(repeating: 0)
          let last = min((row + 1) * block, height)
          for y in row * block..<last {
            let line = values.baseAddress! + y * width
            for x in 0..<width { squares[x] += line[x] * line[x] }
          }
          for column in 0..<columns {
            var sum: Float = 0
            for x in 0..<block { sum += squares[column * block + x] }
            let pixels = (last - row * block) * (min((column + 1) * block, width) - column * block)
            sums[row * columns + column] = sum / Float(pixels)
          }
        }
      }
    }
    return sums
  }

  /// A separable three-tap mean (side, centre, side), the border repeated.
  static func smooth(_ values: [Float], columns: Int, rows: Int, kernel: (centre: Float, side: Float))
    -> [Float]
  {
    let total = kernel.centre + 2 * kernel.side
    let (centre, side) = (kernel.centre / total, kernel.side / total)
    var across = values
    for row in 0..<rows {
      let start = row * columns
      for column in 0..<columns {
        let (left, right) = (max(column - 1, 0), min(column + 1, columns - 1))
        across[start + column] =
          centre * values[start + column] + side * (values[start + left] + values[start + right])
      }
    }
    var result = across
    for row in 0..<rows {
      let (above, below) = (max(row - 1, 0) * columns, min(row + 1, rows - 1) * columns)
      for column in 0..<columns {
        result[row * columns + column] =
          centre * across[row * columns + column] + side * (across[above + column] + across[below + column])
      }
    }
    return result
  }

  /// One row of pixels between block centres, bilinear.
  static func interpolate(
    _ values: [Float], columns: Int, rows: Int, block: Int, y: Int, into row: inout [Float]
  ) {
    let at = max((Float(y) + 0.5) / Float(block) - 0.5, 0)
    let upper = min(Int(at), rows - 1)
    let lower = min(upper + 1, rows - 1)
    let share = at - Float(upper)
    let width = row.count
    row.withUnsafeMutableBufferPointer { row in
      values.withUnsafeBufferPointer { values in
        let (a, b) = (values.baseAddress! + upper * columns, values.baseAddress! + lower * columns)
        let half = block / 2
        let first = a[0] + share * (b[0] - a[0])
        for x in 0..<min(half, width) { row[x] = first }
        var left = first
        var x = half
        let step = 1 / Float(block)
        for column in 1..<max(columns, 2) {
          let next = min(column, columns - 1)
          let right = a[next] + share * (b[next] - a[next])
          let end = min(x + block, width)
          var value = left + (right - left) * step * 0.5
          let increment = (right - left) * step
          while x < end {
            row[x] = value
            value += increment
            x += 1
          }
          left = right
        }
        while x < width {
          row[x] = left
          x += 1
        }
      }
    }
  }
}

extension Float {
  static func log(_ x: Float) -> Float { Foundation.log(x) }
  static func exp(_ x: Float) -> Float { Foundation.exp(x) }
  static func pow(_ x: Float, _ y: Float) -> Float { Foundation.pow(x, y) }
}

func cosine(_ angle: Double) -> Double { Foundation.cos(angle) }
func sine(_ angle: Double) -> Double { Foundation.sin(angle) }
