import Images
internal import NeuralNetworks
import Tensors

/// An autoencoder of crops: what it gives back of a real crop shares its subject, size and compression, and differs in
/// the decoder's trace alone.
///
/// Source: Rajan et al. 2024, arXiv:2410.11835 (AlignedForensics).
struct Reconstructor: Layer {
  /// How the decoder doubles its maps.
  enum Upsampling: String, CaseIterable, Sendable {
    case nearest, bilinear, transposed, shuffle
  }

  struct Kind: Sendable, Hashable {
    var upsampling: Upsampling
    /// Pixels of a latent cell, 4 or 8.
    var stride: Int

    var name: String { "\(upsampling.rawValue)-\(stride)" }
    /// The halvings of the encoder.
    var stages: Int { stride == 8 ? 3 : 2 }
    /// Numbers in a latent cell: a fourth of a cell's samples at stride 4, a sixth at 8.
    var latent: Int { stride == 8 ? 32 : 12 }

    static let all = [4, 8].flatMap { stride in
      Upsampling.allCases.map { Kind(upsampling: $0, stride: stride) }
    }
  }

  private static let widths = [32, 64, 96]

  let kind: Kind
  private var downs: [Conv2d] = []
  private var latent: Conv2d
  private var first: Conv2d
  private var ups: [any Layer] = []
  private var last: Conv2d

  init(_ kind: Kind, random: inout RandomStream) {
    self.kind = kind
    let widths = Self.widths.prefix(kind.stages)
    var inputs = 3
    for width in widths {
      downs.append(Conv2d(inputs, width, kernel: 4, stride: 2, padding: .symmetric(1), random: &random))
      inputs = width
    }
    latent = Conv2d(inputs, kind.latent, kernel: 3, random: &random)
    first = Conv2d(kind.latent, inputs, kernel: 3, random: &random)
    for level in (0..<kind.stages).reversed() {
      let outputs = widths[max(level - 1, 0)]
      switch kind.upsampling {
      case .nearest, .bilinear: ups.append(Conv2d(inputs, outputs, kernel: 3, random: &random))
      case .transposed:
        ups.append(ConvTranspose2d(inputs, outputs, kernel: 4, stride: 2, padding: 1, random: &random))
      case .shuffle: ups.append(Conv2d(inputs, 4 * outputs, kernel: 3, random: &random))
      }
      inputs = outputs
    }
    last = Conv2d(inputs, 3, kernel: 3, random: &random)
  }

  /// Pictures [N, H, W, 3] in −1...1 from pictures; sides are multiples of the stride.
  func callAsFunction(_ x: Variable) -> Variable {
    let code = latent(downs.reduce(x) { $1($0).activated(.leakyReLU(slope: 0.2)) })
    let start = first(code).activated(.leakyReLU(slope: 0.2))
    return last(ups.reduce(start) { doubled($0, $1).activated(.leakyReLU(slope: 0.2)) })
  }

  private func doubled(_ x: Variable, _ layer: any Layer) -> Variable {
    switch kind.upsampling {
    case .nearest: layer(x.upsampledNearest(2))
    case .bilinear: layer(x.resizedBilinear(height: 2 * x.shape[1], width: 2 * x.shape[2]))
    case .transposed: layer(x)
    case .shuffle: layer(x).pixelShuffled(2)
    }
  }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    for i in downs.indices { downs[i].visitParameters(visitor["downs"][i]) }
    latent.visitParameters(visitor["latent"])
    first.visitParameters(visitor["first"])
    for i in ups.indices { ups[i].visitParameters(visitor["ups"][i]) }
    last.visitParameters(visitor["last"])
  }

  /// [N, H, W, 3] in −1...1 from 8-bit pictures of one size.
  static func input(_ images: [Image]) -> Tensor { Tensor(images).map { $0 / 127.5 - 1 } }

  /// What is given back of a picture whose sides are multiples of the stride.
  func reconstruction(of image: Image) -> Image {
    let values = Parallelism.withThreads(1) { infer(Self.input([image])).values }
    return Image(
      width: image.width, height: image.height, colorModel: .rgb,
      pixels: values.map { UInt8((min(max($0, -1), 1) + 1) * 127.5 + 0.5) })
  }
}
