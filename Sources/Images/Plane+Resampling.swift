extension Plane {
  /// The plane at another size; values may leave the source's range where the filter overshoots.
  ///
  /// - Parameter antialias: stretch the filter when shrinking; without it samples are skipped.
  /// - Precondition: both sides are positive.
  public func resized(
    width newWidth: Int, height newHeight: Int, filter: ResamplingFilter, antialias: Bool = true
  ) -> Plane {
    precondition(newWidth > 0 && newHeight > 0)
    var plane = self
    if newWidth != width {
      plane = plane.resizedHorizontally(filter.taps(from: width, to: newWidth, antialias: antialias))
    }
    if newHeight != height {
      plane = plane.resizedVertically(filter.taps(from: height, to: newHeight, antialias: antialias))
    }
    return plane
  }

  private func resizedHorizontally(_ taps: [Taps]) -> Plane {
    let target = taps.count
    let starts = taps.map(\.start)
    let offsets = taps.reduce(into: [0]) { $0.append($0.last! + $1.weights.count) }
    let weights = taps.flatMap { $0.weights.map { Float($0) } }
    let result = [Float](unsafeUninitializedCapacity: target * height) { out, used in
      values.withUnsafeBufferPointer { values in
        weights.withUnsafeBufferPointer { weights in
          var y = 0
          // Rows side by side, each in the order of its own sums, so that their number changes no bit.
          let lanes = SIMD8<Float>.scalarCount
          var columns = [SIMD8<Float>](repeating: .zero, count: height >= lanes ? width : 0)
          while y + lanes <= height {
            columns.withUnsafeMutableBytes { bytes in
              let columns = bytes.baseAddress!.assumingMemoryBound(to: Float.self)
              for lane in 0..<lanes {
                let row = values.baseAddress! + (y + lane) * width
                for x in 0..<width { columns[lanes * x + lane] = row[x] }
              }
            }
            columns.withUnsafeBufferPointer { columns in
              for x in 0..<target {
                let source = columns.baseAddress! + starts[x]
                let (from, to) = (offsets[x], offsets[x + 1])
                var sum = SIMD8<Float>.zero
                for k in from..<to { sum += weights[k] * source[k - from] }
                for lane in 0..<lanes { out[(y + lane) * target + x] = sum[lane] }
              }
            }
            y += lanes
          }
          for y in y..<height {
            let row = values.baseAddress! + y * width
            for x in 0..<target {
              let source = row + starts[x]
              let (from, to) = (offsets[x], offsets[x + 1])
              var sum: Float = 0
              for k in from..<to { sum += weights[k] * source[k - from] }
              out[y * target + x] = sum
            }
          }
        }
      }
      used = target * height
    }
    return Plane(width: target, height: height, values: result)
  }

  private func resizedVertically(_ taps: [Taps]) -> Plane {
    let target = taps.count
    let result = [Float](unsafeUninitializedCapacity: target * width) { out, used in
      out.initialize(repeating: 0)
      values.withUnsafeBufferPointer { values in
        for y in 0..<target {
          let row = out.baseAddress! + y * width
          for (k, weight) in taps[y].weights.enumerated() {
            let source = values.baseAddress! + (taps[y].start + k) * width
            let factor = Float(weight)
            for x in 0..<width { row[x] += factor * source[x] }
          }
        }
      }
      used = target * width
    }
    return Plane(width: width, height: target, values: result)
  }
}
