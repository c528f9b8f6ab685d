import Images
import Tensors

/// A picture with a mirrored border, rounded up to whole strides, read and written in tiles.
struct Canvas: Sendable {
  struct Rectangle: Sendable, Hashable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
  }

  /// A tile: what is kept, and what must be seen for it; in the canvas's pixels.
  struct Area: Sendable, Hashable {
    var inner: Rectangle
    var outer: Rectangle
  }

  let width: Int
  let height: Int
  private let border: Int
  private let stride: Int
  private let reach: Int
  private let image: (width: Int, height: Int)
  /// 8-bit RGB.
  private let pixels: [UInt8]

  /// - Parameters:
  ///   - border: mirrored pixels on each side.
  ///   - stride: the canvas and its tiles begin and end on whole multiples of it.
  ///   - reach: how far beyond a tile must be seen, a multiple of `stride`.
  /// - Precondition: the picture is wider and higher than `border` + `stride`.
  init(_ image: Image, border: Int, stride: Int, reach: Int) {
    let plain = image.withoutAlpha().inColor()
    precondition(border % stride == 0 && reach % stride == 0)
    precondition(min(plain.width, plain.height) > border + stride)
    self.border = border
    self.stride = stride
    self.reach = reach
    self.image = (plain.width, plain.height)
    pixels = plain.pixels8
    width = (plain.width + 2 * border + stride - 1) / stride * stride
    height = (plain.height + 2 * border + stride - 1) / stride * stride
  }

  /// Tiles that cover the canvas, of about `side` pixels and what `reach` adds; one for nil.
  func tiles(_ side: Int?) -> [Area] {
    let whole = Rectangle(x: 0, y: 0, width: width, height: height)
    guard let side else { return [Area(inner: whole, outer: whole)] }
    var areas: [Area] = []
    for (y, tall) in cuts(height, side) {
      for (x, wide) in cuts(width, side) {
        let inner = Rectangle(x: x, y: y, width: wide, height: tall)
        let (left, top) = (max(0, x - reach), max(0, y - reach))
        let outer = Rectangle(
          x: left, y: top, width: min(width, x + inner.width + reach) - left,
          height: min(height, y + inner.height + reach) - top)
        areas.append(Area(inner: inner, outer: outer))
      }
    }
    return areas
  }

  /// Pieces of a length, alike and as near to `side` as may be: a thin last one would be mostly what it must see.
  private func cuts(_ length: Int, _ side: Int) -> [(start: Int, count: Int)] {
    let count = max(1, Int((Double(length) / Double(max(side, stride))).rounded()))
    let step = max(stride, (length / stride + count - 1) / count * stride)
    return Swift.stride(from: 0, to: length, by: step).map { ($0, min(step, length - $0)) }
  }

  /// The pixels of a rectangle as [1, height, width, 3] in −1...1.
  func tensor(_ area: Rectangle) -> Tensor {
    let columns = (area.x..<area.x + area.width).map { Self.mirrored($0 - border, image.width) * 3 }
    var tensor = Tensor([1, area.height, area.width, 3])
    tensor.withMutableSpan { span in
      var target = 0
      for y in area.y..<area.y + area.height {
        let row = Self.mirrored(y - border, image.height) * image.width * 3
        for column in columns {
          for c in 0..<3 { span[target + c] = Float(pixels[row + column + c]) / 127.5 - 1 }
          target += 3
        }
      }
    }
    return tensor
  }

  /// Copies what is kept of a painted tile into the picture's pixels.
  ///
  /// - Parameters:
  ///   - painted: [1, ·, ·, 3], the tile's outer rectangle `scale` times enlarged.
  ///   - target: the picture's pixels, `scale` times enlarged.
  func copy(_ painted: Tensor, of area: Area, into target: inout [UInt8], scale: Int = 1) {
    let (inner, outer) = (area.inner, area.outer)
    func kept(_ start: Int, _ count: Int, _ length: Int) -> Range<Int> {
      let first = max(start, border)
      return scale * first..<scale * max(first, min(start + count, border + length))
    }
    let rows = kept(inner.y, inner.height, image.height)
    let columns = kept(inner.x, inner.width, image.width)
    let (margin, width) = (scale * border, scale * image.width)
    painted.withSpan { span in
      for y in rows {
        for x in columns {
          let from = ((y - scale * outer.y) * scale * outer.width + x - scale * outer.x) * 3
          let to = ((y - margin) * width + x - margin) * 3
          for c in 0..<3 {
            target[to + c] = UInt8(level: (span[from + c] + 1) * 127.5)
          }
        }
      }
    }
  }

  /// An index mirrored into 0..<count without repeating the border.
  private static func mirrored(_ index: Int, _ count: Int) -> Int {
    if index < 0 { return -index }
    return index < count ? index : 2 * count - 2 - index
  }
}
