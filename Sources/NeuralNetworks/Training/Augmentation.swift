import Foundation
public import ImageFormats
public import Images
public import Tensors

/// What happens to a picture on its way to the network: what happens to pictures on the web, at random.
///
/// The same for every class, so that no class can be told by its compression. Compression goes through the real
/// encoders. Each picture's random stream is its own, so the threads' timing changes nothing.
public struct Augmentation: Sendable, Hashable {
  /// The side of the square crop.
  public var side: Int
  public var flipProbability: Float = 0.5
  public var jpegProbability: Float = 0.5
  public var jpegQuality: ClosedRange<Int> = 60...98
  public var webpProbability: Float = 0.1
  public var webpQuality: ClosedRange<Int> = 60...95
  public var resizeProbability: Float = 0.3
  public var resizeScale: ClosedRange<Float> = 0.5...1.5
  public var blurProbability: Float = 0.1
  /// Standard deviation of the blur in pixels.
  public var blurDeviation: ClosedRange<Float> = 0.3...1.5
  public var noiseProbability: Float = 0.1
  /// Standard deviation of the noise in levels of 255.
  public var noiseDeviation: ClosedRange<Float> = 1...6
  public var gammaProbability: Float = 0.1
  public var gamma: ClosedRange<Float> = 0.7...1.4

  /// How often the compressed picture is cut off its encoder's grid of blocks, as cropping on the web does.
  public var gridShiftProbability: Float = 0

  public init(side: Int) { self.side = max(1, side) }

  /// The picture after resizing, cropping, flipping, gamma, blur, noise and compression, `side` × `side` in colour.
  public func callAsFunction(_ image: Image, random: inout RandomStream) throws(ImageFormatError) -> Image {
    var image = image.withoutAlpha().inColor()
    if random.chance(resizeProbability) {
      let scale = random.uniform(in: resizeScale)
      let filters = ResamplingFilter.allCases
      image = resized(image, scale: scale, filter: filters[random.integer(in: 0..<filters.count)])
    }
    let least = min(image.width, image.height)
    if least < side { image = resized(image, scale: Float(side) / Float(least), filter: .bicubic) }
    // What is cut away after compression: 0 leaves the result on the encoder's grid.
    let isShifted = random.chance(gridShiftProbability)
    let (width, height) = (
      min(image.width, side + (isShifted ? 15 : 0)), min(image.height, side + (isShifted ? 15 : 0))
    )
    image = image.cropped(
      x: random.integer(in: 0..<image.width - width + 1),
      y: random.integer(in: 0..<image.height - height + 1),
      width: width, height: height)
    if random.chance(flipProbability) { image = image.flippedHorizontally() }
    if random.chance(gammaProbability) {
      image = image.withGamma(random.uniform(in: gamma))
    }
    if random.chance(blurProbability) { image = blurred(image, random.uniform(in: blurDeviation)) }
    if random.chance(noiseProbability) {
      let deviation = random.uniform(in: noiseDeviation)
      image = image.mappingLevels { level in
        UInt8(min(max((Float(level) + deviation * random.normal()).rounded(), 0), 255))
      }
    }
    image = try compressed(image, random: &random)
    return image.cropped(
      x: random.integer(in: 0..<image.width - side + 1), y: random.integer(in: 0..<image.height - side + 1),
      width: side, height: side)
  }

  private func compressed(_ image: Image, random: inout RandomStream) throws(ImageFormatError) -> Image {
    var bytes: [UInt8]
    if random.chance(jpegProbability) {
      let subsampling = ImageEncoder.ChromaSubsampling.allCases
      bytes = try ImageEncoder.jpeg(
        image, quality: random.integer(in: jpegQuality.lowerBound..<jpegQuality.upperBound + 1),
        subsampling: subsampling[random.integer(in: 0..<subsampling.count)])
    } else if random.chance(webpProbability) {
      let quality = random.integer(in: webpQuality.lowerBound..<webpQuality.upperBound + 1)
      bytes = try ImageEncoder.webp(image, quality: Double(quality))
    } else {
      return image
    }
    return try ImageFile(bytes: bytes).decode().image.inColor()
  }

  private func resized(_ image: Image, scale: Float, filter: ResamplingFilter) -> Image {
    let width = max(side, Int((Float(image.width) * scale).rounded(.up)))
    let height = max(side, Int((Float(image.height) * scale).rounded(.up)))
    return image.resized(width: width, height: height, filter: filter)
  }

  /// Convolves rows, then columns, with a Gaussian; borders are repeated.
  private func blurred(_ image: Image, _ deviation: Float) -> Image {
    let radius = Int((3 * deviation).rounded(.up))
    var taps = (-radius...radius).map { exp(-Float($0 * $0) / (2 * deviation * deviation)) }
    let total = taps.reduce(0, +)
    taps = taps.map { $0 / total }
    let channels = image.channels
    func pass(_ source: [Float], step: Int, length: Int) -> [Float] {
      source.indices.map { i in
        let place = i / step % length
        var sum: Float = 0
        for (k, tap) in taps.enumerated() {
          sum += tap * source[i + (min(max(place + k - radius, 0), length - 1) - place) * step]
        }
        return sum
      }
    }
    let across = pass(image.pixels8.map(Float.init), step: channels, length: image.width)
    let down = pass(across, step: channels * image.width, length: image.height)
    return Image(
      width: image.width, height: image.height, colorModel: image.colorModel,
      pixels: down.map { UInt8(min(max($0.rounded(), 0), 255)) })
  }
}

extension Tensor {
  /// Pictures of one size as [N, H, W, 3], levels 0...255.
  ///
  /// - Precondition: at least one, and all of the first one's size.
  public init(_ images: [Image]) {
    precondition(
      !images.isEmpty && images.allSatisfy { $0.width == images[0].width && $0.height == images[0].height })
    let values = images.flatMap { $0.withoutAlpha().inColor().pixels8.map(Float.init) }
    self.init(values, shape: [images.count, images[0].height, images[0].width, 3])
  }
}
