public import Tensors

/// MobileNetV2, its normalisations folded into convolutions with a bias, up to a vector for a whole picture.
///
/// Source: Sandler et al. 2018, arXiv:1801.04381; padded as TensorFlow does.
public struct MobileNetV2: Layer {
  /// An inverted residual block.
  struct Block: Sendable {
    var expand: Conv2d?
    var depthwise: Conv2d
    var project: Conv2d
    let hasResidual: Bool

    init(_ inputs: Int, _ outputs: Int, stride: Int, expansion: Int, random: inout RandomStream) {
      let width = inputs * expansion
      expand = expansion == 1 ? nil : Conv2d(inputs, width, kernel: 1, random: &random)
      depthwise = Conv2d(
        width, width, kernel: 3, stride: stride, padding: .same, groups: width, random: &random)
      project = Conv2d(width, outputs, kernel: 1, random: &random)
      hasResidual = stride == 1 && inputs == outputs
    }

    func callAsFunction(_ x: Variable) -> Variable {
      let wide = expand.map { $0(x).activated(.relu6) } ?? x
      let narrow = project(depthwise(wide).activated(.relu6))
      return hasResidual ? x + narrow : narrow
    }

    mutating func visitParameters(_ visitor: ParameterVisitor) {
      if expand != nil { expand!.visitParameters(visitor["expand"]) }
      depthwise.visitParameters(visitor["depthwise"])
      project.visitParameters(visitor["project"])
    }
  }

  var stem: Conv2d
  var blocks: [Block]
  var head: Conv2d
  /// Over the averaged features.
  var vector: Linear

  /// - Parameter outputs: numbers of the vector.
  public init(outputs: Int, random: inout RandomStream) {
    stem = Conv2d(3, 32, kernel: 3, stride: 2, padding: .same, random: &random)
    blocks = []
    var inputs = 32
    // Repeats, stride, expansion, outputs.
    for (repeats, stride, expansion, width) in [
      (1, 1, 1, 16), (2, 2, 6, 24), (3, 2, 6, 32), (4, 2, 6, 64), (3, 1, 6, 96), (3, 2, 6, 160),
      (1, 1, 6, 320),
    ] {
      for i in 0..<repeats {
        blocks.append(
          Block(inputs, width, stride: i == 0 ? stride : 1, expansion: expansion, random: &random))
        inputs = width
      }
    }
    head = Conv2d(inputs, 1280, kernel: 1, random: &random)
    vector = Linear(1280, outputs, random: &random)
  }

  /// [N, outputs] of pictures [N, H, W, 3].
  public func callAsFunction(_ x: Variable) -> Variable {
    var y = stem(x).activated(.relu6)
    for block in blocks { y = block(y) }
    return vector(head(y).activated(.relu6).globalAverage())
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    stem.visitParameters(visitor["stem"])
    for i in blocks.indices { blocks[i].visitParameters(visitor["blocks"][i]) }
    head.visitParameters(visitor["head"])
    vector.visitParameters(visitor["vector"])
  }
}
