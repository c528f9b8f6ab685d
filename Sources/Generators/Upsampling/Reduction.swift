import ImageFormats
import Images
import NeuralNetworks
import Tensors

/// Makes of a picture what an upsampler may be given: half its sides, by filters in use, at times a little blurred,
/// noisy or compressed.
///
/// Generated pictures come clean and photographs mostly as JPEG; a network that met reductions by one filter alone would
/// sharpen the blocks of the one and the grain of the other.
struct Reduction: Sendable {
  private static let filters: [ResamplingFilter] = [.box, .bilinear, .bicubic, .lanczos3]

  private var augmentation: Augmentation

  /// - Parameter side: of the reduced pictures.
  init(side: Int) {
    augmentation = Augmentation(side: side)
    augmentation.flipProbability = 0
    augmentation.resizeProbability = 0
    augmentation.gammaProbability = 0
    augmentation.webpProbability = 0
    augmentation.jpegProbability = 0.35
    augmentation.jpegQuality = 60...95
    augmentation.blurProbability = 0.15
    augmentation.blurDeviation = 0.3...0.7
    augmentation.noiseProbability = 0.2
    augmentation.noiseDeviation = 0.5...3
  }

  /// - Parameter image: twice as wide and high as the result.
  func callAsFunction(_ image: Image, random: inout RandomStream) throws(ImageFormatError) -> Image {
    let filter = Self.filters[random.integer(in: 0..<Self.filters.count)]
    let side = augmentation.side
    return try augmentation(image.resized(width: side, height: side, filter: filter), random: &random)
  }
}
