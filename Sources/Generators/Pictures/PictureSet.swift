import Diagnostics
import Foundation
import ImageFormats
public import Images
public import Tensors

/// The pictures of a folder as squares of one side, in the order of their names.
public struct PictureSet: Sendable {
  /// The side of the squares.
  public let side: Int
  /// File names.
  public let names: [String]
  /// 8-bit RGB, side · side · 3 bytes each.
  let pixels: [[UInt8]]

  /// Reads folders one after the other; files that are no pictures are passed over.
  ///
  /// Each picture is cut to its central square and scaled to `side`.
  ///
  /// - Throws: ``GeneratorError`` where a folder cannot be read or all hold fewer than `least` pictures.
  public init(folders: [String], side: Int, least: Int = 1) throws(GeneratorError) {
    var names: [String] = []
    var pixels: [[UInt8]] = []
    for folder in folders {
      let found: [String]
      do {
        found = try FileManager.default.contentsOfDirectory(atPath: folder)
      } catch {
        throw GeneratorError(
          code: "pictures.folder", location: FaultLocation(file: folder),
          message: "the folder cannot be read", remedy: "name a folder of pictures", cause: error)
      }
      for name in found.sorted() {
        guard let image = try? ImageFile(path: folder + "/" + name).decode().image else { continue }
        names.append(name)
        pixels.append(Self.squared(image, side: side).pixels8)
      }
    }
    guard names.count >= least else {
      throw GeneratorError(
        code: "pictures.few", location: FaultLocation(file: folders.first),
        message: "there are \(names.count) pictures and \(least) are needed",
        remedy: "name folders with more pictures")
    }
    self.side = side
    self.names = names
    self.pixels = pixels
  }

  /// The central square of a picture in 8-bit RGB, scaled to `side`.
  static func squared(_ image: Image, side: Int) -> Image {
    let plain = image.withoutAlpha().inColor()
    let least = min(plain.width, plain.height)
    let square = plain.centerCropped(width: least, height: least)
    return least == side ? square : square.resized(width: side, height: side, filter: .lanczos3)
  }

  public var count: Int { names.count }

  /// One picture.
  public func image(_ index: Int) -> Image {
    Image(width: side, height: side, colorModel: .rgb, pixels: pixels[index])
  }

  /// Pictures as [N, side, side, 3] in −1...1.
  ///
  /// - Parameter mirrored: which of them are turned left to right.
  public func tensor(_ indices: [Int], mirrored: [Bool] = []) -> Tensor {
    var tensor = Tensor([indices.count, side, side, 3])
    tensor.withMutableSpan { span in
      for (slot, index) in indices.enumerated() {
        let source = pixels[index]
        let turns = slot < mirrored.count && mirrored[slot]
        for row in 0..<side {
          for column in 0..<side {
            let from = (row * side + (turns ? side - 1 - column : column)) * 3
            let to = ((slot * side + row) * side + column) * 3
            for c in 0..<3 { span[to + c] = Float(source[from + c]) / 127.5 - 1 }
          }
        }
      }
    }
    return tensor
  }

  /// One picture in twenty for looking at what was learned from the others: the last of each twenty.
  package func split() -> (trained: PictureSet, held: PictureSet) {
    func part(_ isHeld: Bool) -> PictureSet {
      PictureSet(of: self, names.indices.filter { ($0 % 20 == 19) == isHeld })
    }
    return (part(false), part(true))
  }

  private init(of whole: PictureSet, _ indices: [Int]) {
    side = whole.side
    names = indices.map { whole.names[$0] }
    pixels = indices.map { whole.pixels[$0] }
  }

  /// A square of a random picture, at random scaled down to as little as a half, and mirrored or not.
  ///
  /// - Precondition: there is a picture, of at least `side`.
  func crop(_ side: Int, using random: inout RandomStream) -> Image {
    let whole = image(random.integer(in: 0..<count))
    let taken = random.integer(in: side..<min(2 * side, self.side) + 1)
    let part = whole.cropped(
      x: random.integer(in: 0..<self.side - taken + 1), y: random.integer(in: 0..<self.side - taken + 1),
      width: taken, height: taken)
    let scaled = part.resized(width: side, height: side, filter: .lanczos3)
    return random.chance(0.5) ? scaled.flippedHorizontally() : scaled
  }

  /// A batch drawn with replacement, half of it mirrored.
  func batch(_ count: Int, using random: inout RandomStream) -> Tensor {
    let indices = (0..<count).map { _ in random.integer(in: 0..<self.count) }
    return tensor(indices, mirrored: indices.map { _ in random.chance(0.5) })
  }
}

extension Tensor {
  /// Pictures of one size as [N, H, W, 3] in −1...1.
  init(signed images: [Image]) { self = Tensor(images) * (1 / 127.5) - 1 }
}

extension Image {
  /// 8-bit pictures of a tensor [N, H, W, 3] in −1...1, rounded and clamped.
  static func images(_ tensor: Tensor) -> [Image] {
    let shape = tensor.shape
    let (height, width) = (shape[1], shape[2])
    let size = height * width * 3
    return tensor.withSpan { span in
      (0..<shape[0]).map { sample in
        var pixels = [UInt8](repeating: 0, count: size)
        for i in 0..<size {
          pixels[i] = UInt8(level: (span[sample * size + i] + 1) * 127.5)
        }
        return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
      }
    }
  }

  /// Pictures of one height in 8-bit RGB as one, from left to right.
  static func besideOneAnother(_ images: [Image]) -> Image {
    let (width, height) = (images.reduce(0) { $0 + $1.width }, images[0].height)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    let parts = images.map { ($0.width * 3, $0.pixels8) }
    for y in 0..<height {
      for (row, part) in parts { pixels += part[y * row..<(y + 1) * row] }
    }
    return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
  }

  /// Pictures of one size side by side, `columns` in a row, on white.
  ///
  /// - Parameter first: the number that stands below the first picture; nil for no numbers.
  static func sheet(_ images: [Image], columns: Int, gap: Int = 2, numberedFrom first: Int? = nil) -> Image {
    precondition(!images.isEmpty && columns > 0)
    let (width, height) = (images[0].width, images[0].height)
    let rows = (images.count + columns - 1) / columns
    let across = min(columns, images.count)
    let scale = max(1, width / 128)
    let line = first == nil ? 0 : (Lettering.height + 3) * scale
    let (fullWidth, fullHeight) = (across * (width + gap) - gap, rows * (height + line + gap) - gap)
    var pixels = [UInt8](repeating: 255, count: fullWidth * fullHeight * 3)
    for (index, image) in images.enumerated() {
      let source = image.withoutAlpha().inColor().pixels8
      let (left, top) = (index % columns * (width + gap), index / columns * (height + line + gap))
      for row in 0..<height {
        let to = ((top + row) * fullWidth + left) * 3
        pixels.replaceSubrange(to..<to + width * 3, with: source[row * width * 3..<(row + 1) * width * 3])
      }
      guard let first else { continue }
      let number = String(first + index)
      Lettering.draw(
        number, x: left + (width - Lettering.width(of: number, scale: scale)) / 2,
        y: top + height + 2 * scale,
        scale: scale, into: &pixels, width: fullWidth)
    }
    return Image(width: fullWidth, height: fullHeight, colorModel: .rgb, pixels: pixels)
  }
}
