import NeuralNetworks
import Tensors

/// An ``UpsamplerNetwork`` whose maps are bytes and whose weights are int8, for processors that multiply those.
///
/// The sums between blocks stay floats. Rows follow each other through the layers, each layer a row behind the one before,
/// so that what a layer reads still lies in the cache.
struct ByteUpsampler: Sendable {
  /// The least and greatest numbers of each map: the head's, each block's rectified one and sum, the body's sum, and the
  /// two enlarged ones.
  typealias Bounds = [ClosedRange<Float>]

  private let head: ByteConvolution
  private let residuals: [ByteConvolution]
  private let body: ByteConvolution
  private let enlarged: [ByteConvolution]
  private let refined: ByteConvolution
  private let colour: ByteConvolution
  private let scales: [ByteScale]

  /// - Precondition: there are as many bounds as ``UpsamplerNetwork/mapCount``.
  init(_ network: UpsamplerNetwork, bounds: Bounds) {
    precondition(bounds.count == UpsamplerNetwork.mapCount)
    let scales = bounds.map { ByteScale($0) }
    self.scales = scales
    func bytes(
      _ layer: RectifiedConvolution, _ source: ByteScale, pixels: Int = 1, phase: ByteConvolution.Phase? = nil
    ) -> ByteConvolution {
      let outputs = layer.convolution.weight.value.shape[3]
      return ByteConvolution(
        weight: layer.convolution.weight.value,
        bias: layer.convolution.bias?.value ?? Tensor([outputs]), source: source,
        activation: layer.activation, pixels: pixels, phase: phase)
    }
    head = bytes(network.head, .pixels)
    residuals = network.residuals.enumerated().map { bytes($1, scales[$0]) }
    let count = network.residuals.count
    body = bytes(network.body, scales[count])
    enlarged = ByteConvolution.Phase.allCases.map { bytes(network.enlarged, scales[count + 1], phase: $0) }
    refined = bytes(network.refined, scales[count + 2])
    // Five neighbouring pixels of three colours fill a vector but for one number.
    colour = bytes(network.colour, scales[count + 3], pixels: 5)
  }

  /// A picture [1, 2 H, 2 W, 3], about −1...1, of a picture [1, H, W, 3] in −1...1, which is read in 255 steps.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let (height, width) = (x.shape[1], x.shape[2])
    let factor = UpsamplerNetwork.factor
    let given = ByteImage(x, scale: .pixels)
    func image(_ index: Int, _ channels: Int, enlarged: Int = 1) -> ByteImage {
      ByteImage(
        height: enlarged * height, width: enlarged * width, channels: channels, scale: scales[index])
    }
    let wide = head.outputs
    let kept = NumberImage(height: height, width: width, channels: wide)
    let running = NumberImage(height: height, width: width, channels: wide)
    let pixels = NumberImage(
      Tape.inference().constant(x).resizedBilinear(height: factor * height, width: factor * width).tensor)
    // A block's sum takes the place of the one before, row by row, and so does its rectified map: whoever reads a row
    // is at least a row ahead of who writes over it.
    let count = residuals.count
    let places = [image(0, wide), image(1, wide)]
    let maps = (0...count).map { ByteImage(over: places[$0 % 2], scale: scales[$0]) }
    let (low, high, fine) = (
      image(count + 1, wide), image(count + 2, enlarged[0].outputs, enlarged: factor),
      image(count + 3, refined.outputs, enlarged: factor)
    )
    var stages: [Stage] = [
      Stage(height) { head(given, rows: $0, into: .init(numbers: kept, bytes: maps[0])) }
    ]
    for index in 0..<count {
      let results: ByteConvolution.Results =
        index % 2 == 0
        ? .init(bytes: maps[index + 1])
        : .init(residual: index == 1 ? kept : running, numbers: running, bytes: maps[index + 1])
      stages.append(Stage(height) { residuals[index](maps[index], rows: $0, into: results) })
    }
    stages += [
      Stage(height) { body(maps[count], rows: $0, into: .init(residual: kept, bytes: low)) },
      Stage(height, makes: factor) { rows in
        for phase in enlarged { phase(low, rows: rows, into: .init(bytes: high)) }
      },
      Stage(factor * height) { refined(high, rows: $0, into: .init(bytes: fine)) },
      Stage(factor * height) {
        colour(fine, rows: $0, into: .init(residual: pixels, numbers: pixels))
      },
    ]
    let band = ByteConvolution.sliceRows * max(2, Parallelism.threads)
    for start in stride(from: 0, to: height, by: band) {
      var ready = min(start + band, height)
      var isWhole = ready == height
      for index in stages.indices {
        // Its input's last row is still to come, unless the input is whole.
        let last = isWhole ? stages[index].height : max(index == 0 ? ready : ready - 1, stages[index].done)
        stages[index].work(stages[index].done..<last)
        stages[index].done = last
        ready = last * stages[index].makes
        isWhole = last == stages[index].height
      }
    }
    return pixels.tensor
  }

  /// One layer on its way down the rows.
  private struct Stage {
    let height: Int
    /// Rows of its result for each of its input.
    let makes: Int
    var done = 0
    let work: (Range<Int>) -> Void

    init(_ height: Int, makes: Int = 1, work: @escaping (Range<Int>) -> Void) {
      self.height = height
      self.makes = makes
      self.work = work
    }
  }
}
