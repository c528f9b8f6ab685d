import Tensors

/// The first blocks of ``EfficientNetLite0`` and the wide, rectified maps inside them.
///
/// Means and deviations of these maps describe texture; the narrow maps between blocks, which no rectifier follows,
/// describe it less well. Its keys are the network's own.
public struct EfficientNetTrunk: Layer {
  /// A map whose numbers are 0...6.
  public struct Level: Sendable, Hashable {
    /// The block whose expansion it is; nil for the stem.
    public let block: Int?
    /// Pixels of the picture a pixel of the map stands for, each way.
    public let stride: Int
    public let channels: Int

    /// Every level, from the picture inward.
    public static let all = [
      Level(block: nil, stride: 2, channels: 32), Level(block: 1, stride: 2, channels: 96),
      Level(block: 2, stride: 4, channels: 144), Level(block: 4, stride: 8, channels: 240),
      Level(block: 6, stride: 16, channels: 480),
    ]
  }

  var stem: NormalizedConvolution
  var blocks: [EfficientNetLite0.Block]
  public let levels: [Level]

  /// - Parameter depth: how many of ``Level/all`` it gives, 1...5.
  public init(depth: Int) {
    precondition((1...Level.all.count).contains(depth))
    levels = Array(Level.all.prefix(depth))
    var random = RandomStream(seed: 0)
    stem = EfficientNetLite0.convolution(3, 32, kernel: 3, stride: 2, activation: .relu6, random: &random)
    blocks = EfficientNetLite0.makeBlocks((levels.last?.block ?? -1) + 1, random: &random)
  }

  /// Makes it a fixed function; see ``NormalizedConvolution/freeze()``.
  public mutating func freeze() {
    stem.freeze()
    for i in blocks.indices { blocks[i].freeze() }
    setTrainable(false)
  }

  /// The maps of a picture [N, H, W, 3] in −1...1, one for each of ``levels``.
  public func features(_ x: Variable) -> [Variable] {
    var y = stem(EfficientNetLite0.normalized(signed: x))
    var found = [y]
    for (index, block) in blocks.enumerated() {
      let isWanted = levels.contains { $0.block == index }
      guard let expand = block.expand else {
        y = block(y)
        continue
      }
      let wide = expand(y)
      if isWanted { found.append(wide) }
      if index + 1 < blocks.count { y = block.narrowed(wide, from: y) }
    }
    return found
  }

  /// The innermost map.
  public func callAsFunction(_ x: Variable) -> Variable { features(x).last ?? x }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    stem.convolution.visitParameters(visitor["_conv_stem"])
    stem.norm.visitParameters(visitor["_bn0"])
    // Of the last block only the expansion is used.
    for i in blocks.indices {
      blocks[i].visitParameters(visitor["_blocks"][i], onlyExpansion: i > 0 && i + 1 == blocks.count)
    }
  }
}
