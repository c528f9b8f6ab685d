import Images
import Testing

@Suite struct `Image geometry and planes` {
  private let image = Image(
    width: 4, height: 3, colorModel: .rgba, pixels: (0..<48).map { UInt8($0 * 5) })

  @Test func `a crop keeps the samples of its rectangle`() {
    let crop = image.cropped(x: 1, y: 1, width: 2, height: 2)
    #expect(crop.pixels8 == Array(image.pixels8[20..<28]) + Array(image.pixels8[36..<44]))
  }

  @Test func `four quarter turns and two flips are the picture itself`() {
    #expect((0..<4).reduce(image) { turned, _ in turned.rotated(quarterTurns: 1) } == image)
    #expect(image.rotated(quarterTurns: -1) == image.rotated(quarterTurns: 3))
    #expect(image.flippedHorizontally().flippedHorizontally() == image)
    #expect(image.flippedVertically().flippedVertically() == image)
    #expect(image.transposed().transposed() == image)
    #expect(image.flippedHorizontally().flippedVertically() == image.rotated(quarterTurns: 2))
  }

  @Test func `planes give the picture back`() {
    #expect(Image(planes: image.planes(), colorModel: .rgba) == image)
  }

  @Test func `planes outside 0 to 255 are clamped, and not-a-number is 0`() {
    let plane = Plane(width: 4, height: 1, values: [-3, 254.6, 1e9, .nan])
    #expect(Image(planes: [plane], colorModel: .grey).pixels8 == [0, 255, 255, 0])
  }

  @Test func `16-bit samples are resampled over their full range`() {
    let deep = Image(width: 2, height: 1, colorModel: .grey, pixels16: [0, 65535])
    #expect(
      deep.resized(width: 1, height: 1, filter: .box)
        == Image(width: 1, height: 1, colorModel: .grey, pixels16: [32768]))
    #expect(deep.pixels8 == [0, 255])
  }

  @Test(arguments: [
    (1001, 802, 100.0, (100, 80), (100, 80)), (802, 1001, 100.5, (81, 101), (80, 100)),
    (600, 400, 599.5, (600, 400), (599, 399)), (5000, 3, 100, (100, 1), (100, 1)),
    (100, 60, 100, (100, 60), (100, 60)), (20, 10, 100, (20, 10), (20, 10)),
  ])
  func `a picture is reduced to a longest side and never enlarged`(
    width: Int, height: Int, longest: Double, nearest: (Int, Int), down: (Int, Int)
  ) {
    let image = Image(
      width: width, height: height, colorModel: .grey,
      pixels: (0..<width * height).map { UInt8(truncatingIfNeeded: $0 * 7) })
    for filter in ResamplingFilter.allCases {
      let small = image.reduced(toLongestSide: longest, filter: filter)
      #expect(small == image.resized(width: nearest.0, height: nearest.1, filter: filter))
      let floor = image.reduced(toLongestSide: longest, filter: filter, rounding: .down)
      #expect((floor.width, floor.height) == down)
    }
  }

  @Test func `a picture with both sides multiplied has at least one pixel`() {
    #expect(image.resized(by: 2.5, filter: .box) == image.resized(width: 10, height: 8, filter: .box))
    #expect(
      image.resized(by: 2.5, filter: .box, rounding: .down)
        == image.resized(width: 10, height: 7, filter: .box))
    #expect(image.resized(by: 0.01, filter: .box) == image.resized(width: 1, height: 1, filter: .box))
  }

  @Test(arguments: ResamplingFilter.allCases)
  func `a constant picture stays constant at any size`(filter: ResamplingFilter) {
    let flat = Image(width: 9, height: 7, colorModel: .rgb, pixels: [UInt8](repeating: 173, count: 189))
    for (w, h) in [(3, 2), (20, 31), (9, 1)] {
      #expect(flat.resized(width: w, height: h, filter: filter).pixels8.allSatisfy { $0 == 173 })
    }
  }

  @Test func `grey is repeated in colour, and alpha is left out`() {
    let grey = Image(width: 1, height: 1, colorModel: .greyAlpha, pixels: [7, 9])
    #expect(grey.inColor().pixels8 == [7, 7, 7, 9])
    #expect(grey.withoutAlpha().pixels8 == [7])
    #expect(image.withoutAlpha().pixels8.prefix(6) == [0, 5, 10, 20, 25, 30])
  }
}
