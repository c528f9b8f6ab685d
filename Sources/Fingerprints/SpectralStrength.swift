/// The mean power around each coefficient of a half spectrum.
///
/// Taken over 17×17 neighbours without the inner 3×3; on the two axes, where borders and scan lines leave ridges, over
/// 31 along the axis without the inner 3. Rows wrap; columns beyond the half follow from X[−v, −u] = conj X[v, u].
struct SpectralStrength {
  static let radius = 8
  static let axisRadius = 16

  let rows: Int
  let columns: Int

  /// - Parameter power: [rows, columns].
  func around(_ power: [Float]) -> [Float] {
    let outer = down(power, radius: Self.radius)
    let inner = down(power, radius: 1)
    let count = Float((2 * Self.radius + 1) * (2 * Self.radius + 1) - 9)
    var result = [Float](repeating: 0, count: power.count)
    let margin = Self.radius
    var wide = [Float](repeating: 0, count: columns + 2 * margin)
    var sums = wide
    var tight = wide
    outer.withUnsafeBufferPointer { outer in
      inner.withUnsafeBufferPointer { inner in
        result.withUnsafeMutableBufferPointer { result in
          for row in 0..<rows {
            let start = row * columns
            extend(outer, row, into: &wide, margin: margin)
            Self.windows(wide, radius: margin, into: &sums)
            extend(inner, row, into: &tight, margin: 1)
            for column in 0..<columns {
              let near = tight[column] + tight[column + 1] + tight[column + 2]
              result[start + column] = max(0, sums[column] - near) / count
            }
          }
        }
      }
    }
    axes(power, into: &result)
    return result
  }

  /// Sums over `2·radius + 1` rows around each.
  private func down(_ power: [Float], radius: Int) -> [Float] {
    var result = [Float](repeating: 0, count: power.count)
    power.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        for row in 0..<rows {
          let out = target.baseAddress! + row * columns
          for shift in -radius...radius {
            let from = source.baseAddress! + ((row + shift + rows) % rows) * columns
            for column in 0..<columns { out[column] += from[column] }
          }
        }
      }
    }
    return result
  }

  /// A row with what stands beyond both of its ends.
  private func extend(
    _ source: UnsafeBufferPointer<Float>, _ row: Int, into line: inout [Float], margin: Int
  ) {
    let (start, opposite) = (row * columns, (rows - row) % rows * columns)
    for column in 0..<columns { line[margin + column] = source[start + column] }
    for k in 1...margin {
      line[margin - k] = source[opposite + min(k, columns - 1)]
      line[margin + columns - 1 + k] = source[opposite + max(columns - 1 - k, 0)]
    }
  }

  /// `sums[i]` = Σ line[i...i + 2·radius], by pairs, fours, eights and sixteens.
  private static func windows(_ line: [Float], radius: Int, into sums: inout [Float]) {
    let (length, last) = (line.count, 2 * radius)
    line.withUnsafeBufferPointer { line in
      sums.withUnsafeMutableBufferPointer { sums in
        for i in 0..<length { sums[i] = line[i] }
        var width = 1
        while width < last {
          for i in 0..<(length - width) { sums[i] += sums[i + width] }
          width *= 2
        }
        for i in 0..<(length - last) { sums[i] += line[i + last] }
      }
    }
  }

  /// The axes' own strengths.
  private func axes(_ power: [Float], into result: inout [Float]) {
    let vertical = (0..<rows).map { power[$0 * columns] }
    for (row, value) in Self.line(vertical).enumerated() { result[row * columns] = value }
    let right = Array(power[0..<columns])
    let whole = right + right[1..<(columns - 1)].reversed()
    let horizontal = Self.line(whole)
    for column in 0..<columns { result[column] = horizontal[column] }
  }

  private static func line(_ values: [Float]) -> [Float] {
    let (count, radius) = (values.count, axisRadius)
    return (0..<count).map { place in
      var sum: Float = 0
      for shift in -radius...radius where abs(shift) > 1 {
        sum += values[((place + shift) % count + count) % count]
      }
      return sum / Float(2 * radius - 2)
    }
  }
}
