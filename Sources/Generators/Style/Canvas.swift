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
  private let image: (width: Int, height: Int)
  /// 8-bit RGB.
  private let pixels: [UInt8]

  /// - Precondition: the picture is wider and higher than `border` + `stride`.
  init(_ image: Image, border: Int, stride: Int) {
    let plain = image.withoutAlpha().inColor()
    precondition(border % stride == 0 && min(plain.width, plain.height) > border + stride)
    self.border = border
    self.image = (plain.width, plain.height)
    pixels = plain.pixels8
    width = (plain.width + 2 * border + stride - 1) / stride * stride
    height = (plain.height + 2 * border + stride - 1) / stride * stride
  }

  /// Tiles that cover the canvas, of `side` pixels and what ``StyleNetwork/reach`` adds; one for nil.
  func tiles(_ side: Int?) -> [Area] {
    let whole = Rectangle(x: 0, y: 0, width: width, height: height)
    guard let side else { return [Area(inner: whole, outer: whole)] }
    let (step, reach) = (
      max(StyleNetwork.stride, side / StyleNetwork.stride * StyleNetwork.stride), StyleNetwork.reach
    )
    var areas: [Area] = []
    for y in stride(from: 0, to: height, by: step) {
      for x in stride(from: 0, to: width, by: step) {
        let inner = Rectangle(x: x, y: y, width: min(step, width - x), height: min(step, height - y))
        let (left, top) = (max(0, x - reach), max(0, y - reach))
        let outer = Rectangle(
          x: left, y: top, width: min(width, x + inner.width + reach) - left,
          height: min(height, y + inner.height + reach) - top)
        areas.append(Area(inner: inner, outer: outer))
      }
    }
    return areas
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

  /// Copies what is kept of a painted tile, [1, ·, ·, 3] of its outer rectangle, into the picture's pixels.
  func copy(_ painted: Tensor, of area: Area, into target: inout [UInt8]) {
    let (inner, outer) = (area.inner, area.outer)
    let rows =
      max(inner.y, border)..<max(max(inner.y, border), min(inner.y + inner.height, border + image.height))
    let columns =
      max(inner.x, border)..<max(max(inner.x, border), min(inner.x + inner.width, border + image.width))
    painted.withSpan { span in
      for y in rows {
        for x in columns {
          let from = ((y - outer.y) * outer.width + x - outer.x) * 3
          let to = ((y - border) * image.width + x - border) * 3
          for c in 0..<3 {
            target[to + c] = UInt8(min(max(((span[from + c] + 1) * 127.5).rounded(), 0), 255))
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
