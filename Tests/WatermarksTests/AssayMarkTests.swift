import Foundation
import ImageFormats
import Images
import TestSupport
import Testing
import Watermarks

/// Pictures with a photograph's spectrum: noise of amplitude 1/f under a few shapes and a slope of light.
enum NaturalLike {
  static func image(_ width: Int, _ height: Int, seed: UInt64, colorModel: Image.ColorModel = .rgb) -> Image {
    var random = SplitMix(state: seed)
    var light = Plane(width: width, height: height, repeating: 120)
    // Octaves of bilinear noise, each twice as coarse and twice as strong.
    var cell = 2
    var amplitude: Float = 2
    while cell < max(width, height) {
      let (columns, rows) = (width / cell + 2, height / cell + 2)
      let grid = (0..<columns * rows).map { _ in Float(random.gaussian()) * amplitude }
      for y in 0..<height {
        for x in 0..<width {
          let (left, top) = (x / cell, y / cell)
          let (a, b) = (Float(x % cell) / Float(cell), Float(y % cell) / Float(cell))
          let at = top * columns + left
          let upper = grid[at] + a * (grid[at + 1] - grid[at])
          let lower = grid[at + columns] + a * (grid[at + columns + 1] - grid[at + columns])
          light[x, y] += upper + b * (lower - upper)
        }
      }
      cell *= 2
      amplitude *= 1.5
    }
    for _ in 0..<6 {
      let (cx, cy) = (random.unit() * Double(width), random.unit() * Double(height))
      let (radius, level) = (20 + random.unit() * Double(width) / 6, Float(random.gaussian() * 25))
      for y in 0..<height {
        for x in 0..<width where hypot(Double(x) - cx, Double(y) - cy) < radius { light[x, y] += level }
      }
    }
    let planes = (0..<colorModel.channels).map { channel in
      colorModel.hasAlpha && channel == colorModel.channels - 1
        ? Plane(width: width, height: height, repeating: 255)
        : Plane(width: width, height: height, values: light.values.map { $0 + Float(channel) * 12 })
    }
    return Image(planes: planes, colorModel: colorModel)
  }
}

@Suite struct AssayMarkTests {
  static let payload = Payload(hex: "0123456789abcdef")!
  static let picture = NaturalLike.image(512, 512, seed: 7)
  static let codecs = WatermarkAttack.Codecs(
    jpeg: { try ImageFile(bytes: ImageEncoder.jpeg($0, quality: $1, subsampling: .both)).decode().image },
    webp: { try ImageFile(bytes: ImageEncoder.webp($0, quality: Double($1))).decode().image })

  @Test(arguments: [1, 7, 8, 32, 63, 64])
  func `payloads of every length come back`(length: Int) throws {
    let payload = Payload(bits: (0..<length).map { $0 % 3 == 0 })
    let marked = try AssayMark().embed(payload, in: Self.picture)
    let marks = AssayMark(effort: .ownGrid).read(marked).marks
    #expect(marks.map(\.payload) == [payload])
    #expect(marks[0].pValue < 1e-9)
    #expect(marks[0].bitAgreement > 0.9)
  }

  @Test func `the marked picture stays within 41 dB and SSIM 0.975`() throws {
    let marked = try AssayMark().embed(Self.payload, in: Self.picture)
    #expect(Similarity.psnr(Self.picture, marked) > 40.8)
    #expect(try #require(Similarity.ssim(Self.picture.luminance(), marked.luminance())) > 0.975)
  }

  static let attacks: [[WatermarkAttack]] = [
    [.jpeg(quality: 75)], [.jpeg(quality: 40)], [.webp(quality: 50)], [.resize(0.5)], [.resize(0.73)],
    [.resize(2)],
    [.crop(area: 0.5)], [.rotate(7.3)], [.rotate(-141)], [.quarterTurns(1)], [.quarterTurns(3)], [.mirror],
    [.brightness(1.3)], [.contrast(0.7)], [.gamma(1.4)], [.blur(1)], [.noise(8)], [.median], [.palette],
    [.resize(0.8), .jpeg(quality: 85)], [.mirror, .rotate(20), .jpeg(quality: 80)],
  ]

  @Test(arguments: attacks)
  func `every bit survives`(steps: [WatermarkAttack]) throws {
    var image = try AssayMark().embed(Self.payload, in: Self.picture)
    for step in steps { image = try step.apply(to: image, seed: 5, codecs: Self.codecs) }
    #expect(AssayMark(effort: .firstMark).read(image).marks.map(\.payload) == [Self.payload])
  }

  /// Texture all over drowns a mark of 40 dB, and hides a stronger one.
  @Test func `a mark in rough texture is turned, scaled and cut and stays unseen`() throws {
    var random = SplitMix(state: 2)
    let noise = Plane(
      width: 512, height: 512, values: (0..<512 * 512).map { _ in 120 + 60 * Float(random.gaussian()) })
    var texture = Image(planes: [noise, noise, noise], colorModel: .rgb)
    for step in [WatermarkAttack.blur(1.125), .contrast(1.9)] {
      texture = try step.apply(to: texture, seed: 1, codecs: Self.codecs)
    }
    let marked = try AssayMark().embed(Self.payload, in: texture)
    #expect(Similarity.psnr(texture, marked) > 36.8)
    #expect(try #require(Similarity.ssim(texture.luminance(), marked.luminance())) > 0.985)
    for step in [WatermarkAttack.rotate(33), .resize(0.75), .crop(area: 0.5)] {
      let image = try step.apply(to: marked, seed: 5, codecs: Self.codecs)
      #expect(AssayMark(effort: .firstMark).read(image).marks.map(\.payload) == [Self.payload], "\(step)")
    }
  }

  /// More of a flat area does not help: a codec takes the same from every period.
  @Test func `a large flat picture keeps its mark through JPEG 40`() throws {
    var light = Plane(width: 2000, height: 1500, repeating: 20)
    for y in 0..<1500 { for x in 0..<2000 where x > 900 + y / 3 { light[x, y] = 235 } }
    let marked = try AssayMark().embed(
      Self.payload, in: Image(planes: [light, light, light], colorModel: .rgb))
    let image = try WatermarkAttack.jpeg(quality: 40).apply(to: marked, seed: 1, codecs: Self.codecs)
    #expect(AssayMark(effort: .ownGrid).read(image).marks.map(\.payload) == [Self.payload])
  }

  @Test func `another's mark that is there is read beside Assay's`() throws {
    let stable = Payload(text: "StableDiffusionV1")
    let other = try DWTScheme(.dwtDct).embed(stable, in: Self.picture)
    let marked = try AssayMark().embed(Self.payload, in: other)
    let reading = OpenMarkReader(effort: .ownGrid).read(marked)
    #expect(reading.own.marks.map(\.payload) == [Self.payload])
    #expect(reading.foreign.marks.map(\.payload) == [stable])
  }

  @Test func `scale, turn and mirror are told`() throws {
    let marked = try AssayMark().embed(Self.payload, in: Self.picture)
    let moved = try WatermarkAttack.resize(0.8).apply(to: marked, seed: 1, codecs: Self.codecs)
    let turned = try WatermarkAttack.rotate(30).apply(
      to: moved.flippedHorizontally(), seed: 1, codecs: Self.codecs)
    let geometry = try #require(AssayMark().read(turned).marks.first).geometry
    #expect(abs(geometry.scale - 0.8) < 0.004)
    #expect(abs(geometry.rotation - 30) < 0.3)
    #expect(geometry.mirrored)
    let cropped = marked.cropped(x: 40, y: 25, width: 400, height: 430)
    let corner = try #require(AssayMark(effort: .ownGrid).read(cropped).marks.first).geometry
    #expect(abs(corner.offset.x + 40) < 0.3 && abs(corner.offset.y + 25) < 0.3)
    #expect(corner.scale == 1 && corner.rotation == 0 && !corner.mirrored)
  }

  @Test func `another key reads nothing`() throws {
    let marked = try AssayMark(key: MarkKey(bytes: [1])).embed(Self.payload, in: Self.picture)
    #expect(!AssayMark(key: MarkKey(bytes: [2])).read(marked).found)
    #expect(!AssayMark().read(marked).found)
    #expect(AssayMark(key: MarkKey(bytes: [1])).read(marked).found)
  }

  @Test func `two marks under one key are both reported`() throws {
    let second = Payload(text: "second")
    let twice = try AssayMark().embed(second, in: AssayMark().embed(Self.payload, in: Self.picture))
    #expect(Set(AssayMark(effort: .ownGrid).read(twice).marks.map(\.payload)) == [Self.payload, second])
  }

  @Test func `two marks under two keys are both read`() throws {
    let other = AssayMark(key: MarkKey(bytes: "other".utf8))
    let twice = try other.embed(Payload(text: "other"), in: AssayMark().embed(Self.payload, in: Self.picture))
    #expect(AssayMark().read(twice).marks.map(\.payload) == [Self.payload])
    #expect(other.read(twice).marks.map(\.payload) == [Payload(text: "other")])
  }

  @Test(arguments: 0..<6)
  func `a picture without a mark reads as such`(seed: Int) {
    #expect(!AssayMark().read(NaturalLike.image(300, 260, seed: UInt64(seed) + 100)).found)
  }

  @Test func `grey and 16-bit pictures keep their kind, transparent pixels their bytes`() throws {
    for model in [Image.ColorModel.grey, .greyAlpha, .rgba] {
      let image = NaturalLike.image(300, 300, seed: 3, colorModel: model)
      let marked = try AssayMark().embed(Self.payload, in: image)
      #expect(marked.colorModel == model && marked.width == 300)
      if model.hasAlpha {
        #expect(marked.plane(channel: model.channels - 1) == image.plane(channel: model.channels - 1))
      }
    }
    let deep = Image(
      width: 512, height: 512, colorModel: .rgb, pixels16: Self.picture.pixels8.map { UInt16($0) * 257 })
    let marked = try AssayMark().embed(Self.payload, in: deep)
    guard case .sixteen = marked.samples else {
      Issue.record("the depth changed")
      return
    }
    var pixels = NaturalLike.image(300, 300, seed: 4, colorModel: .rgba).pixels8
    for index in 0..<300 * 100 { pixels[4 * index + 3] = 0 }
    let holed = Image(width: 300, height: 300, colorModel: .rgba, pixels: pixels)
    let result = try AssayMark().embed(Self.payload, in: holed)
    #expect(result.pixels8.prefix(300 * 100 * 4) == holed.pixels8.prefix(300 * 100 * 4))
    #expect(result != holed)
  }

  @Test func `what can't carry the mark is refused by name`() {
    func code(_ payload: Payload, _ image: Image) -> String? {
      do { _ = try AssayMark().embed(payload, in: image) } catch { return error.code }
      return nil
    }
    #expect(code(Payload(bits: []), Self.picture) == "watermark.payload.length")
    #expect(code(Payload(text: "nine byte"), Self.picture) == "watermark.payload.length")
    #expect(code(Self.payload, NaturalLike.image(127, 400, seed: 1)) == "watermark.picture.small")
    let clear = Image(
      width: 200, height: 200, colorModel: .rgba, pixels: [UInt8](repeating: 0, count: 160_000))
    #expect(code(Self.payload, clear) == "watermark.picture.unreadable")
  }

  @Test(arguments: [(1, 1), (1, 3000), (3000, 1), (63, 63), (64, 64), (65, 700), (129, 128)])
  func `no size traps the reader`(width: Int, height: Int) {
    let image = Image(
      width: width, height: height, colorModel: .grey,
      pixels: (0..<width * height).map { UInt8(truncatingIfNeeded: $0 &* 37) })
    let reading = AssayMark().read(image)
    #expect(!reading.found)
    #expect((reading.notEvaluable != nil) == (min(width, height) < 64))
  }
}
