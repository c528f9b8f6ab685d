/// Pooling, resizing and rearranging of [N, H, W, C] as plain loops over pixels.
package enum Spatial {
  /// The one or two source lines of an output line, with their weights.
  package struct Taps: Sendable {
    package var first: Int
    package var second: Int
    package var weight: Float
  }

  package static func nearest(_ size: Int, _ factor: Int) -> [Taps] {
    (0..<size * factor).map { Taps(first: $0 / factor, second: $0 / factor, weight: 0) }
  }

  package static func bilinear(_ size: Int, _ target: Int) -> [Taps] {
    (0..<target).map { i in
      let position = max(0, (Float(i) + 0.5) * Float(size) / Float(target) - 0.5)
      let first = min(Int(position), size - 1)
      return Taps(first: first, second: min(first + 1, size - 1), weight: position - Float(first))
    }
  }

  package static func reflection(_ size: Int, _ pad: Int) -> [Taps] {
    (-pad..<size + pad).map { i in
      let j = i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i
      return Taps(first: j, second: j, weight: 0)
    }
  }

  package static func resample(_ x: Tensor, _ rows: [Taps], _ cols: [Taps]) -> Tensor {
    let (n, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let y = Tensor(uninitialized: [n, rows.count, cols.count, c])
    Parallelism.forEachRange(n * rows.count, grain: max(1, elementGrain / max(1, cols.count * c))) {
      [x, y] range in
      for job in range {
        let taps = rows[job % rows.count]
        let image = x.pointer + job / rows.count * h * w * c
        let (a, b) = (image + taps.first * w * c, image + taps.second * w * c)
        for (j, col) in cols.enumerated() {
          let target = y.freshPointer + (job * cols.count + j) * c
          let (p, q) = (a + col.first * c, a + col.second * c)
          let (r, s) = (b + col.first * c, b + col.second * c)
          if taps.weight == 0 && col.weight == 0 {
            target.update(from: p, count: c)
            continue
          }
          for k in 0..<c {
            let top = p[k] + col.weight * (q[k] - p[k])
            let bottom = r[k] + col.weight * (s[k] - r[k])
            target[k] = top + taps.weight * (bottom - top)
          }
        }
      }
    }
    return y
  }

  package static func resampleBackward(_ dy: Tensor, _ rows: [Taps], _ cols: [Taps], _ shape: Shape) -> Tensor
  {
    let dx = Tensor(shape)
    let (h, w, c) = (shape[1], shape[2], shape[3])
    Parallelism.forEachSlice(shape[0]) { [dy, dx] n in
      let image = dx.freshPointer + n * h * w * c
      for (i, row) in rows.enumerated() {
        for (j, col) in cols.enumerated() {
          let g = dy.pointer + ((n * rows.count + i) * cols.count + j) * c
          func add(_ y: Int, _ x: Int, _ weight: Float) {
            guard weight != 0 else { return }
            let target = image + (y * w + x) * c
            for k in 0..<c { target[k] += weight * g[k] }
          }
          add(row.first, col.first, (1 - row.weight) * (1 - col.weight))
          add(row.first, col.second, (1 - row.weight) * col.weight)
          add(row.second, col.first, row.weight * (1 - col.weight))
          add(row.second, col.second, row.weight * col.weight)
        }
      }
    }
    return dx
  }

  /// The result, and for each of its elements the place in `x` it came from.
  package static func maxPool(
    _ x: Tensor, kernel: Int, stride: Int, padding: Int
  ) -> (y: Tensor, source: [Int32]) {
    let (n, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let (oh, ow) = ((h + 2 * padding - kernel) / stride + 1, (w + 2 * padding - kernel) / stride + 1)
    precondition(x.count <= Int(Int32.max) && padding < kernel)
    let y = Tensor([n, oh, ow, c], repeating: -.infinity)
    var source = [Int32](repeating: 0, count: y.count)
    let (p, z) = (x.pointer, y.freshPointer)
    for pixel in 0..<n * oh * ow {
      let (image, top, left) = (
        pixel / (oh * ow), pixel / ow % oh * stride - padding, pixel % ow * stride - padding
      )
      for i in max(0, top)..<min(h, top + kernel) {
        for j in max(0, left)..<min(w, left + kernel) {
          let at = ((image * h + i) * w + j) * c
          for k in 0..<c where p[at + k] > z[pixel * c + k] || p[at + k].isNaN {
            z[pixel * c + k] = p[at + k]
            source[pixel * c + k] = Int32(at + k)
          }
        }
      }
    }
    withExtendedLifetime((x, y)) {}
    return (y, source)
  }

  package static func scatter(_ dy: Tensor, _ source: [Int32], _ shape: Shape) -> Tensor {
    var dx = Tensor(shape)
    dx.withMutableSpan { target in
      dy.withSpan { for i in $0.indices { target[Int(source[i])] += $0[i] } }
    }
    return dx
  }

  package static func averagePool(_ x: Tensor, kernel: Int, stride: Int) -> Tensor {
    let (n, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let (oh, ow) = ((h - kernel) / stride + 1, (w - kernel) / stride + 1)
    let y = Tensor([n, oh, ow, c])
    let scale = 1 / Float(kernel * kernel)
    eachWindow(n, h, w, oh, ow, kernel, stride) { pixel, at in
      let (z, p) = (y.freshPointer + pixel * c, x.pointer + at * c)
      for k in 0..<c { z[k] += scale * p[k] }
    }
    withExtendedLifetime((x, y)) {}
    return y
  }

  package static func averagePoolBackward(_ dy: Tensor, kernel: Int, stride: Int, _ shape: Shape) -> Tensor {
    let dx = Tensor(shape)
    let (n, oh, ow, c) = (dy.shape[0], dy.shape[1], dy.shape[2], dy.shape[3])
    let scale = 1 / Float(kernel * kernel)
    eachWindow(n, shape[1], shape[2], oh, ow, kernel, stride) { pixel, at in
      let (z, p) = (dx.freshPointer + at * c, dy.pointer + pixel * c)
      for k in 0..<c { z[k] += scale * p[k] }
    }
    withExtendedLifetime((dy, dx)) {}
    return dx
  }

  private static func eachWindow(
    _ n: Int, _ h: Int, _ w: Int, _ oh: Int, _ ow: Int, _ kernel: Int, _ stride: Int,
    _ body: (Int, Int) -> Void
  ) {
    for pixel in 0..<n * oh * ow {
      let (image, top, left) = (pixel / (oh * ow), pixel / ow % oh * stride, pixel % ow * stride)
      for i in top..<top + kernel {
        for j in left..<left + kernel { body(pixel, (image * h + i) * w + j) }
      }
    }
  }

  /// [N, 2 H, 2 W, C] of [N, H, W, 4 · C], whose channels are those of two by two pixels, row by row.
  package static func spread(_ x: Tensor) -> Tensor {
    let (n, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3] / 4)
    let y = Tensor(uninitialized: [n, 2 * h, 2 * w, c])
    Parallelism.forEachRange(n * h, grain: max(1, elementGrain / max(1, 4 * w * c))) { [x, y] range in
      for row in range {
        let source = x.pointer + row * w * 4 * c
        let target = y.freshPointer + row * 4 * w * c
        for column in 0..<w {
          for half in 0..<2 {
            (target + (half * w + column) * 2 * c).update(
              from: source + (2 * column + half) * 2 * c, count: 2 * c)
          }
        }
      }
    }
    return y
  }

  package static func pixelShuffle(_ x: Tensor, _ r: Int) -> Tensor {
    let (n, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3] / (r * r))
    let y = Tensor(uninitialized: [n, h * r, w * r, c])
    eachShuffled(n, h, w, c, r) { y.freshPointer[$1] = x.pointer[$0] }
    withExtendedLifetime((x, y)) {}
    return y
  }

  package static func pixelUnshuffle(_ y: Tensor, _ r: Int) -> Tensor {
    let (n, h, w, c) = (y.shape[0], y.shape[1] / r, y.shape[2] / r, y.shape[3])
    let x = Tensor(uninitialized: [n, h, w, c * r * r])
    eachShuffled(n, h, w, c, r) { x.freshPointer[$0] = y.pointer[$1] }
    withExtendedLifetime((x, y)) {}
    return x
  }

  private static func eachShuffled(
    _ n: Int, _ h: Int, _ w: Int, _ c: Int, _ r: Int, _ body: (Int, Int) -> Void
  ) {
    for row in 0..<n * h {
      for col in 0..<w {
        for k in 0..<c * r * r {
          let (channel, i, j) = (k / (r * r), k / r % r, k % r)
          body((row * w + col) * c * r * r + k, ((row * r + i) * w * r + col * r + j) * c + channel)
        }
      }
    }
  }
}
