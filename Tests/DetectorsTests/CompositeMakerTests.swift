import Detectors
import Images
import Testing
import Training

struct CompositeMakerTests {
  private static func plain(_ level: UInt8, _ width: Int, _ height: Int) -> Image {
    Image(
      width: width, height: height, colorModel: .rgb,
      pixels: [UInt8](repeating: level, count: 3 * width * height))
  }

  /// A black picture with a white part: every place is as bright as the part covers it.
  @Test(arguments: 0..<12)
  func `the shares lie where the part lies, through crop, size and compression`(stream: Int) throws {
    var maker = CompositeMaker(seed: 1, stream: UInt64(stream))
    let made = try maker.composite(
      host: Self.plain(0, 500, 380), isGenerated: false, inset: Self.plain(255, 900, 700), isGenerated: true)
    let grid = CompositeMaker.grid
    #expect(made.shares.count == grid * grid)
    let small = made.image.luminance().resized(width: grid, height: grid, filter: .box).values
    let differences = zip(small, made.shares).map { abs($0 / 255 - $1) }
    #expect(differences.reduce(0, +) / Float(differences.count) < 0.02)
    let whole = PixelRegion(x: 0, y: 0, width: made.image.width, height: made.image.height)
    let mean = made.shares.reduce(0, +) / Float(made.shares.count)
    #expect(abs(made.share(of: whole) - mean) < 1e-4)
    // The reverse is the same picture with the classes changed.
    var again = CompositeMaker(seed: 1, stream: UInt64(stream))
    let reverse = try again.composite(
      host: Self.plain(0, 500, 380), isGenerated: true, inset: Self.plain(255, 900, 700), isGenerated: false)
    #expect(reverse.image == made.image)
    #expect(zip(reverse.shares, made.shares).allSatisfy { abs($0 + $1 - 1) < 1e-5 })
  }

  @Test(arguments: [false, true])
  func `pictures of one class are of one class all over`(isGenerated: Bool) throws {
    var maker = CompositeMaker(seed: 2, stream: 0)
    let made = try maker.composite(
      host: Self.plain(80, 400, 300), isGenerated: isGenerated, inset: Self.plain(200, 96, 120),
      isGenerated: isGenerated)
    #expect(made.shares.allSatisfy { $0 == (isGenerated ? 1 : 0) })
  }
}
