import NeuralNetworks
import Tensors

/// Mean and deviation of each channel of a map, over all of a picture.
struct ChannelMoments: Sendable {
  /// [1, C].
  var mean: Tensor
  var deviation: Tensor

  static let epsilon: Float = 1e-4

  init(mean: Tensor, deviation: Tensor) {
    self.mean = mean
    self.deviation = deviation
  }

  /// Those of a map [1, H, W, C].
  init(_ map: Tensor) {
    let place: Shape = [1, map.shape.channels]
    let count = Float(map.shape[1] * map.shape[2])
    mean = map.sum(to: [map.shape.channels]).reshaped(to: place) * (1 / count)
    let centred = map - mean.reshaped(to: [map.shape.channels])
    deviation = (centred.squared().sum(to: [map.shape.channels]) * (1 / count) + Self.epsilon).squareRoot()
      .reshaped(to: place)
  }

  /// Moments between several styles, each with a weight; the weights sum to 1.
  static func blended(_ parts: [(moments: ChannelMoments, weight: Float)]) -> ChannelMoments {
    var mean = parts[0].moments.mean * parts[0].weight
    var deviation = parts[0].moments.deviation * parts[0].weight
    for part in parts.dropFirst() {
      mean.add(part.moments.mean, scale: part.weight)
      deviation.add(part.moments.deviation, scale: part.weight)
    }
    return ChannelMoments(mean: mean, deviation: deviation)
  }
}

/// Sums from which moments follow, gathered tile by tile in double precision.
struct MomentSums: Sendable {
  private var count = 0.0
  private var sums: [Double]
  private var squares: [Double]

  init(channels: Int) {
    sums = [Double](repeating: 0, count: channels)
    squares = sums
  }

  /// Adds the part of a map [1, H, W, C] within rows and columns.
  mutating func add(_ map: Tensor, rows: Range<Int>, columns: Range<Int>) {
    let (width, channels) = (map.shape[2], map.shape[3])
    count += Double(rows.count * columns.count)
    map.withSpan { span in
      for row in rows {
        for column in columns {
          let start = (row * width + column) * channels
          for c in 0..<channels {
            let value = Double(span[start + c])
            sums[c] += value
            squares[c] += value * value
          }
        }
      }
    }
  }

  var moments: ChannelMoments {
    let place: Shape = [1, sums.count]
    let means = sums.map { $0 / max(count, 1) }
    let deviations = zip(squares, means).map {
      Float((max($0 / max(count, 1) - $1 * $1, 0) + Double(ChannelMoments.epsilon)).squareRoot())
    }
    return ChannelMoments(
      mean: Tensor(means.map(Float.init), shape: place), deviation: Tensor(deviations, shape: place))
  }
}
