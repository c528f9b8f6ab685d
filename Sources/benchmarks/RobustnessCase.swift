import ImageFormats
import Images
import Watermarks

/// A named chain of attacks; angles and factors that a name leaves open are drawn from the seed.
struct RobustnessCase {
  var name: String
  var steps: @Sendable (inout Draw) -> [WatermarkAttack]

  /// Draws numbers for the steps.
  struct Draw {
    var state: UInt64

    mutating func within(_ range: ClosedRange<Double>) -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return range.lowerBound + (range.upperBound - range.lowerBound) * Double(state >> 33) / 2_147_483_648
    }
  }

  func apply(to image: Image, seed: UInt64) throws -> Image {
    var draw = Draw(state: seed)
    _ = draw.within(0...1)
    var image = image
    for (index, step) in steps(&draw).enumerated() {
      image = try step.apply(to: image, seed: seed &+ UInt64(index), codecs: Self.codecs)
    }
    return image
  }

  static let codecs = WatermarkAttack.Codecs(
    jpeg: { image, quality in
      try ImageFile(bytes: ImageEncoder.jpeg(image, quality: quality, subsampling: .both)).decode().image
    },
    webp: { image, quality in
      try ImageFile(bytes: ImageEncoder.webp(image, quality: Double(quality))).decode().image
    })

  private static func fixed(_ name: String, _ steps: WatermarkAttack...) -> RobustnessCase {
    RobustnessCase(name: name) { _ in steps }
  }

  static let all: [RobustnessCase] =
    [fixed("none")]
    + [95, 75, 60, 50, 40, 30, 20].map { fixed("jpeg \($0)", .jpeg(quality: $0)) }
    + [80, 50, 30].map { fixed("webp \($0)", .webp(quality: $0)) }
    + [2, 1.5, 0.75, 0.5, 0.35, 0.25].map { fixed("resize \($0)", .resize($0)) }
    + [
      RobustnessCase(name: "resize 0.5–2") { [.resize($0.within(0.5...2))] },
      fixed("crop 50 %", .crop(area: 0.5)), fixed("crop 25 %", .crop(area: 0.25)),
      fixed("crop 10 %", .crop(area: 0.1)), fixed("rotate 1°", .rotate(1)),
      RobustnessCase(name: "rotate any") { [.rotate($0.within(-180...180))] },
      fixed("quarter turn", .quarterTurns(1)), fixed("half turn", .quarterTurns(2)), fixed("mirror", .mirror),
      fixed("brightness +30 %", .brightness(1.3)), fixed("brightness −30 %", .brightness(0.7)),
      fixed("contrast +30 %", .contrast(1.3)), fixed("contrast −30 %", .contrast(0.7)),
      fixed("gamma 0.7", .gamma(0.7)), fixed("gamma 1.4", .gamma(1.4)), fixed("blur σ 1", .blur(1)),
      fixed("blur σ 2", .blur(2)), fixed("noise σ 8", .noise(8)), fixed("noise σ 16", .noise(16)),
      fixed("median 3×3", .median), fixed("palette 256", .palette),
      RobustnessCase(name: "screenshot") { [.resize($0.within(0.6...1.4)), .jpeg(quality: 85)] },
      RobustnessCase(name: "crop 50 %, resize, jpeg 70") {
        [.crop(area: 0.5), .resize($0.within(0.6...1.5)), .jpeg(quality: 70)]
      },
      RobustnessCase(name: "rotate, crop 60 %, jpeg 75") {
        [.rotate($0.within(-20...20)), .crop(area: 0.6), .jpeg(quality: 75)]
      },
      RobustnessCase(name: "mirror, contrast, webp 60") {
        [.mirror, .contrast($0.within(0.7...1.3)), .webp(quality: 60)]
      },
      RobustnessCase(name: "jpeg 75, resize, jpeg 75") {
        [.jpeg(quality: 75), .resize($0.within(0.6...1.4)), .jpeg(quality: 75)]
      },
    ]
}
