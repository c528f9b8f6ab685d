import NeuralNetworks
import Tensors

/// From a line drawing to a picture: a chain of convolutions down to 4 × 4 and back, each level joined to its like.
///
/// Source: Isola et al. 2017, doi:10.1109/CVPR.2017.632 (pix2pix)
struct TranslationNetwork: Layer {
  static let widths = [24, 48, 96, 160, 192]
  static let side = 128

  var downs: [Conv2d]
  var downNorms: [BatchNorm2d]
  var ups: [ConvTranspose2d]
  var upNorms: [BatchNorm2d]
  var last: ConvTranspose2d

  init(random: inout RandomStream) {
    downs = []
    downNorms = []
    var inputs = 1
    for width in Self.widths {
      downs.append(
        Conv2d(inputs, width, kernel: 4, stride: 2, padding: .symmetric(1), bias: false, random: &random))
      downNorms.append(BatchNorm2d(width, activation: .leakyReLU(slope: 0.2)))
      inputs = width
    }
    ups = []
    upNorms = []
    for level in (0..<Self.widths.count - 1).reversed() {
      let width = Self.widths[level]
      ups.append(
        ConvTranspose2d(inputs, width, kernel: 4, stride: 2, padding: 1, bias: false, random: &random))
      upNorms.append(BatchNorm2d(width, activation: .relu))
      inputs = 2 * width
    }
    last = ConvTranspose2d(inputs, 3, kernel: 4, stride: 2, padding: 1, random: &random)
  }

  /// Pictures [N, H, W, 3] in −1...1 of drawings [N, H, W, 1], 1 on lines; sides are multiples of 32.
  func callAsFunction(_ drawing: Variable) -> Variable {
    var maps: [Variable] = []
    var x = drawing
    for (down, norm) in zip(downs, downNorms) {
      x = norm(down(x))
      maps.append(x)
    }
    for (index, (up, norm)) in zip(ups, upNorms).enumerated() {
      x = Variable.joinedChannels([norm(up(x)), maps[maps.count - 2 - index]])
    }
    return last(x).activated(.tanh)
  }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    for i in downs.indices {
      downs[i].visitParameters(visitor["downs"][i])
      downNorms[i].visitParameters(visitor["down_norms"][i])
    }
    for i in ups.indices {
      ups[i].visitParameters(visitor["ups"][i])
      upNorms[i].visitParameters(visitor["up_norms"][i])
    }
    last.visitParameters(visitor["last"])
  }
}
