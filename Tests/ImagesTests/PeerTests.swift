import Foundation
import ImageFormats
import Images
import TestSupport
import Testing

/// Pillow's and scikit-image's answers, made by fixtures/formats/resampling.py.
private struct Golden: Decodable {
  struct Resized: Decodable {
    var source: String
    var filter: String
    var width: Int
    var height: Int
    var fnv1a64: String
  }
  struct Floats: Decodable {
    var filter: String
    var width: Int
    var height: Int
    var values: [Float]
  }
  struct Similar: Decodable {
    var file: String
    var psnr: Double
    var ssim: Double
  }
  var resized: [Resized]
  var floats: [Floats]
  var similarity: [Similar]
  var turned: [String: String]
  /// grey8.png at 100 × 31 by Lanczos in one call, base64.
  var atOnce: Data
  var luminance: [Float]

  static let folder = TestPaths.fixtures.appending(path: "formats")

  static func load() throws -> Golden {
    try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: folder.appending(path: "resampling.json")))
  }

  static func image(_ name: String) throws -> Image {
    try ImageFile(path: folder.appending(path: name).path).decode().image
  }
}

private func hash(_ pixels: [UInt8]) -> String {
  let value = pixels.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  let text = String(value, radix: 16)
  return String(repeating: "0", count: 16 - text.count) + text
}

@Suite struct `Images against their peers` {
  @Test func `8-bit resampling gives Pillow's very samples`() throws {
    for expected in try Golden.load().resized {
      let filter = try #require(ResamplingFilter(rawValue: expected.filter))
      let image = try Golden.image(expected.source).resized(
        width: expected.width, height: expected.height, filter: filter)
      #expect(
        hash(image.pixels8) == expected.fnv1a64,
        "\(expected.source) \(expected.filter) \(expected.width)x\(expected.height)")
    }
  }

  @Test func `whatever order Pillow chooses, one level is the most that differs`() throws {
    let ours = try Golden.image("grey8.png").resized(width: 100, height: 31, filter: .lanczos3).pixels8
    let theirs = [UInt8](try Golden.load().atOnce)
    try #require(ours.count == theirs.count)
    #expect(zip(ours, theirs).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
  }

  @Test func `planes are resampled as Pillow resamples floats`() throws {
    let plane = try Golden.image("grey8.png").luminance()
    for expected in try Golden.load().floats {
      let filter = try #require(ResamplingFilter(rawValue: expected.filter))
      let resized = plane.resized(width: expected.width, height: expected.height, filter: filter)
      for (ours, theirs) in zip(resized.values, expected.values) {
        #expect(abs(ours - theirs) < 1e-3, "\(expected.filter)")
      }
    }
  }

  @Test func `PSNR and SSIM are scikit-image's`() throws {
    let original = try Golden.image("rgb8.png")
    for expected in try Golden.load().similarity {
      let other = try Golden.image(expected.file)
      #expect(abs(Similarity.psnr(original, other) - expected.psnr) < 1e-3)
      let ssim = try #require(Similarity.ssim(original, other))
      #expect(abs(ssim - expected.ssim) < 1e-6)
    }
    #expect(Similarity.psnr(original, original) == .infinity)
    #expect(abs(try #require(Similarity.ssim(original, original)) - 1) < 1e-12)
  }

  @Test(arguments: 1...8)
  func `an EXIF orientation turns the picture as Pillow does`(orientation: Int) throws {
    let image = try Golden.image("rgb8.png").oriented(orientation)
    #expect(hash(image.pixels8) == (try Golden.load().turned["\(orientation)"]))
    #expect((image.width, image.height) == (orientation < 5 ? (61, 47) : (47, 61)))
  }

  @Test func `luminance has the weights of BT.601`() throws {
    let plane = try Golden.image("rgb8.png").luminance()
    for (ours, theirs) in zip(plane.values, try Golden.load().luminance) {
      #expect(abs(ours - theirs) < 1e-2)
    }
    #expect(plane.values.count == 61 * 47)
  }
}
