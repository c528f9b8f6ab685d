import Diagnostics
import Foundation
public import Tensors

extension VisionTransformer {
  /// What a vision transformer is, apart from its numbers; weight files carry it as JSON under `transformer`.
  ///
  /// Blocks are pre-normalised: x + attention(norm(x)), then x + mlp(norm(x)).
  public struct Configuration: Sendable, Hashable, Codable {
    /// Pixels of the square picture's side, a multiple of ``patch``.
    public var side: Int
    /// Pixels of a patch's side.
    public var patch: Int
    /// Channels of a token.
    public var width: Int
    public var heads: Int
    public var blocks: Int
    /// Channels between the two layers of a block's perceptron.
    public var hidden: Int
    /// Tokens beside the class token that belong to no patch (DINOv2's registers).
    public var registers: Int
    public var activation: GaussianErrorUnit
    /// Whether tokens are normalised before the first block, as in CLIP.
    public var normalisesEmbedding: Bool
    /// Whether what a block adds is first scaled by channel, as in DINOv2.
    public var layerScale: Bool
    /// Added to variances.
    public var epsilon: Float
    /// What is taken from red, green and blue in 0...1.
    public var mean: [Float]
    /// What they are divided by then.
    public var deviation: [Float]

    /// CLIP's ViT-B/16 (Radford et al. 2021, arXiv:2103.00020).
    public static let clipB16 = Configuration(
      side: 224, patch: 16, width: 768, heads: 12, blocks: 12, hidden: 3072, registers: 0,

      activation: .quick, normalisesEmbedding: true, layerScale: false, epsilon: 1e-5,
      mean: [0.48145466, 0.4578275, 0.40821073], deviation: [0.26862954, 0.26130258, 0.27577711])

    /// Patches of a picture.
    public var patches: Int { side / patch * (side / patch) }
    /// The class token and the registers, which come before the patches.
    public var prefix: Int { 1 + registers }
    public var tokens: Int { prefix + patches }

    /// Parts of the hidden channels that are computed, quantised and added up one after the other: a part's activations
    /// stay in the processor's cache, and each part has its own scales.
    var hiddenParts: Int { hidden % width == 0 ? hidden / width : 1 }

    /// Refuses what no encoder has or what would take unbounded memory.
    func check(_ path: String) throws(NetworkError) {
      let reasonable =
        (1...4096).contains(side) && (1...256).contains(patch) && side % patch == 0
        && (16...8192).contains(width) && (1...128).contains(heads) && width % (16 * heads) == 0
        && (1...128).contains(blocks) && (16...65536).contains(hidden) && hidden % 16 == 0
        && (0...15).contains(registers) && epsilon > 0 && epsilon < 1 && tokens <= 8192
        && mean.count == 3 && mean.allSatisfy { abs($0) <= 1 } && deviation.count == 3
        && deviation.allSatisfy { $0 > 1e-3 && $0 <= 1000 }
      guard reasonable else {
        throw NetworkError(
          code: "transformer.configuration", location: FaultLocation(file: path, path: "transformer"),
          message: "the file describes no transformer that can be run",
          remedy: "fetch the weights again or convert them anew")
      }
    }

    init(of files: [MappedTensors]) throws(NetworkError) {
      guard let file = files.first(where: { $0.metadata["transformer"] != nil }),
        let text = file.metadata["transformer"],
        let found = try? JSONDecoder().decode(Configuration.self, from: Data(text.utf8))
      else {
        throw NetworkError(
          code: "transformer.configuration", location: FaultLocation(file: files.first?.path),
          message: "the weights do not say what transformer they belong to",
          remedy: "name all files of the encoder, the first one among them")
      }
      try found.check(file.path)
      self = found
    }

    public init(
      side: Int, patch: Int, width: Int, heads: Int, blocks: Int, hidden: Int, registers: Int,
      activation: GaussianErrorUnit, normalisesEmbedding: Bool, layerScale: Bool, epsilon: Float,
      mean: [Float], deviation: [Float]
    ) {
      self.side = side
      self.patch = patch
      self.width = width
      self.heads = heads
      self.blocks = blocks
      self.hidden = hidden
      self.registers = registers
      self.activation = activation
      self.normalisesEmbedding = normalisesEmbedding
      self.layerScale = layerScale
      self.epsilon = epsilon
      self.mean = mean
      self.deviation = deviation
    }
  }
}
