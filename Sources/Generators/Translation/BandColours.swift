import Images
import Tensors

/// What the lines of a landscape leave open: the colours of its upper, middle and lower third, as means and deviations of red,
/// green and blue.
///
/// A translation that has to guess them learns their average, which is dull; one that is told them paints a drawing at dusk or in
/// snow. What is not given is drawn from how they are spread over the pictures that were learned from.
struct BandColours: Sendable, Hashable {
  static let bands = 3
  /// Numbers: for each band three means in −1...1 and three deviations.
  static let count = 6 * bands

  /// ``count`` numbers.
  var values: [Float]

  /// Of a picture [1, H, W, 3] in −1...1, H at least ``bands``.
  init(_ picture: Tensor) {
    let (height, width) = (picture.shape[1], picture.shape[2])
    let pixels = picture.values
    values = (0..<Self.bands).flatMap { band -> [Float] in
      let rows = height * band / Self.bands..<height * (band + 1) / Self.bands
      var sums = SIMD3<Double>.zero
      var squares = SIMD3<Double>.zero
      for start in stride(from: rows.lowerBound * width * 3, to: rows.upperBound * width * 3, by: 3) {
        let colour = SIMD3(Double(pixels[start]), Double(pixels[start + 1]), Double(pixels[start + 2]))
        sums += colour
        squares += colour * colour
      }
      let mean = sums / Double(rows.count * width)
      let variance = squares / Double(rows.count * width) - mean * mean
      return (0..<3).map { Float(mean[$0]) } + (0..<3).map { Float(max(variance[$0], 0).squareRoot()) }
    }
  }

  private init(values: [Float]) { self.values = values }

  /// How they are spread over many pictures.
  struct Spread: Sendable {
    /// [1, count].
    var mean: Tensor
    /// A lower triangle, [count, count], that makes unit deviates into differences from the mean.
    var factor: Tensor

    /// - Precondition: some colours.
    init(of all: [BandColours]) {
      let number = Double(all.count)
      let means = (0..<count).map { place in all.reduce(0) { $0 + Double($1.values[place]) } / number }
      var covariance = [Double](repeating: 0, count: count * count)
      for colours in all {
        let away = zip(colours.values, means).map { Double($0) - $1 }
        for row in 0..<count {
          for column in 0..<count { covariance[row * count + column] += away[row] * away[column] / number }
        }
      }
      mean = Tensor(means.map(Float.init), shape: [1, count])
      factor = Tensor(
        SymmetricMatrix(side: count, values: covariance).cholesky().map(Float.init), shape: [count, count])
    }

    private init(mean: Tensor, factor: Tensor) { (self.mean, self.factor) = (mean, factor) }

    /// Of a file; nil where it holds none.
    init?(_ tensors: [String: Tensor]) {
      guard let mean = tensors["colour_mean"], let factor = tensors["colour_factor"],
        mean.shape == [1, count], factor.shape == [count, count]
      else { return nil }
      self.init(mean: mean, factor: factor)
    }

    var tensors: [String: Tensor] { ["colour_mean": mean, "colour_factor": factor] }

    /// Colours of a seed: usual ones for these pictures, and as different from seed to seed as they are.
    func drawn(_ seed: UInt64) -> BandColours {
      var random = RandomStream(seed: seed, stream: 1 << 44)
      let deviates = Tensor(normal: [1, count], using: &random)
      let values = (mean + deviates.matrixProduct(factor, otherTransposed: true)).values
      return BandColours(
        values: values.enumerated().map { place, value in
          place % 6 < 3 ? min(max(value, -1), 1) : min(max(value, 0), 1)
        })
    }
  }

  /// Lines [N, H, W, 1] with one plane more for each number of each picture's colours: [N, H, W, 1 + count].
  static func joined(_ lines: Tensor, _ colours: [BandColours]) -> Tensor {
    let (samples, height, width) = (lines.shape[0], lines.shape[1], lines.shape[2])
    precondition(colours.count == samples)
    var result = Tensor([samples, height, width, 1 + count])
    let drawn = lines.values
    result.withMutableSpan { span in
      for sample in 0..<samples {
        for pixel in sample * height * width..<(sample + 1) * height * width {
          span[pixel * (1 + count)] = drawn[pixel]
          for place in 0..<count { span[pixel * (1 + count) + 1 + place] = colours[sample].values[place] }
        }
      }
    }
    return result
  }

  /// The lines [N, H, W, 1] and the colours [N, count] of what ``joined(_:_:)`` made.
  static func split(_ given: Tensor) -> (lines: Tensor, colours: Tensor) {
    let (samples, height, width) = (given.shape[0], given.shape[1], given.shape[2])
    let values = given.values
    let planes = 1 + count
    let lines = stride(from: 0, to: values.count, by: planes).map { values[$0] }
    let colours = (0..<samples).flatMap { sample in
      let first = sample * height * width * planes
      return values[first + 1..<first + planes]
    }
    return (
      Tensor(lines, shape: [samples, height, width, 1]), Tensor(Array(colours), shape: [samples, count])
    )
  }
}
