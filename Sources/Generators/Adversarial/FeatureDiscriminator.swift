import NeuralNetworks
import Tensors

/// A chain of convolutions with stride 2 down to side 8 and a map of logits at its end.
///
/// Where asked for, a channel before the last convolution says how much the batch's pictures differ at each place: a
/// generator whose pictures all share one layout is seen through.
///
/// Source: Karras et al. 2018, arXiv:1710.10196 (minibatch standard deviation); here place by place.
struct LogitHead: Layer {
  var downs: [SpectralConv2d]
  var norms: [BatchNorm2d]
  var last: SpectralConv2d
  private let seesBatch: Bool

  /// Channels at most: judging takes most of a step's time, and the features do most of the judging.
  private static let widest = 64

  init(_ inputs: Int, side: Int, width: Int, seesBatch: Bool, random: inout RandomStream) {
    downs = []
    norms = []
    var (channels, rest) = (inputs, side)
    while rest > 8 {
      let next = channels < width ? width : min(2 * channels, Self.widest)
      downs.append(
        SpectralConv2d(channels, next, kernel: 4, stride: 2, padding: .symmetric(1), random: &random))
      norms.append(BatchNorm2d(next, activation: .leakyReLU(slope: 0.2)))
      (channels, rest) = (next, rest / 2)
    }
    if downs.isEmpty {
      downs.append(SpectralConv2d(channels, Self.widest, kernel: 3, random: &random))
      norms.append(BatchNorm2d(Self.widest, activation: .leakyReLU(slope: 0.2)))
      channels = Self.widest
    }
    self.seesBatch = seesBatch
    // The coarsest features of a picture of 64 pixels are 2 × 2.
    last = SpectralConv2d(
      seesBatch ? channels + 1 : channels, 1, kernel: min(4, rest), padding: .symmetric(0), random: &random)
  }

  /// Logits [N, some].
  func callAsFunction(_ x: Variable) -> Variable {
    var y = x
    for (down, norm) in zip(downs, norms) { y = norm(down(y)) }
    return last(seesBatch ? Variable.joinedChannels([y, Self.spread(y)]) : y).flattened()
  }

  /// The deviation over the batch at each place, averaged over channels: [N, H, W, 1], alike for all N.
  private static func spread(_ x: Variable) -> Variable {
    let (count, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let mean = x.mean(to: [1, height, width, channels])
    let deviation = ((x - mean).squared().mean(to: [1, height, width, channels]) + 1e-6).squareRoot()
    return x.tape.constant(Tensor([count, height, width, 1])) + deviation.mean(to: [1, height, width, 1])
  }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    for i in downs.indices {
      downs[i].visitParameters(visitor["downs"][i])
      norms[i].visitParameters(visitor["norms"][i])
    }
    last.visitParameters(visitor["last"])
  }
}

/// Judges pictures by the features of a fixed network at four scales and by their pixels.
///
/// The features are mixed by random, fixed convolutions across channels and scales, so that a generator cannot please
/// it by a few of them. Training takes a small part of the pictures that a discriminator from pixels alone needs.
///
/// Source: Sauer et al. 2021, arXiv:2111.01007 (projected discriminators); the head on pixels is added here.
struct FeatureDiscriminator: Layer {
  static let stages: [EfficientNetLite0.Stage] = [.quarter, .eighth, .sixteenth, .thirtySecond]
  private static let widths = [24, 40, 112, 320]
  private static let mixed = 64

  var channelMix: [Conv2d]
  var scaleMix: [Conv2d]
  var heads: [LogitHead]
  var pixels: LogitHead

  init(side: Int, random: inout RandomStream) {
    channelMix = Self.widths.map { Self.fixed($0, kernel: 1, random: &random) }
    // At the finest scale pixels are many, and what comes from above was spread there already.
    scaleMix = Self.widths.indices.map { Self.fixed(Self.mixed, kernel: $0 == 0 ? 1 : 3, random: &random) }
    heads = Self.widths.indices.map {
      LogitHead(Self.mixed, side: side / (4 << $0), width: 64, seesBatch: true, random: &random)
    }
    pixels = LogitHead(3, side: side, width: 16, seesBatch: true, random: &random)
  }

  /// A convolution with normal weights that keeps the size of what it is given, never learned.
  private static func fixed(_ inputs: Int, kernel: Int, random: inout RandomStream) -> Conv2d {
    var layer = Conv2d(inputs, mixed, kernel: kernel, bias: false, random: &random)
    let deviation = 1 / Float(inputs * kernel * kernel).squareRoot()
    layer.weight = Parameter(
      Tensor(normal: [kernel, kernel, inputs, mixed], deviation: deviation, using: &random), role: .buffer,
      fileLayout: .kernel)
    return layer
  }

  /// Logits [N, some] of each head.
  ///
  /// - Parameters:
  ///   - features: the fixed network's, at ``stages``.
  ///   - pictures: [N, side, side, 3].
  func logits(features: [Variable], pictures: Variable) -> [Variable] {
    var above: Variable?
    var results = [pixels(pictures)]
    for level in features.indices.reversed() {
      var x = channelMix[level](features[level])
      if let above { x = x + above.upsampledNearest(2) }
      x = scaleMix[level](x)
      above = x
      results.append(heads[level](x))
    }
    return results
  }

  func callAsFunction(_ x: Variable) -> Variable { pixels(x) }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    for i in channelMix.indices {
      channelMix[i].visitParameters(visitor["channel_mix"][i])
      scaleMix[i].visitParameters(visitor["scale_mix"][i])
      heads[i].visitParameters(visitor["heads"][i])
    }
    pixels.visitParameters(visitor["pixels"])
  }
}
