import NeuralNetworks
import Tensors

/// From a line drawing and colours to a picture: a chain of convolutions down to 4 × 4 and back, each level joined to its
/// like. On the way back the colours give every channel a gain and a shift; the way down sees lines alone, which
/// broad colours beside them would drown.
///
/// Sources: Isola et al. 2017, doi:10.1109/CVPR.2017.632 (pix2pix); Perez et al. 2018, arXiv:1709.07871 (gains and shifts).
struct TranslationNetwork: Layer {
  static let widths = [24, 48, 96, 160, 192]
  static let side = 128
  /// Of what it is given: the lines and, everywhere the same, the numbers of ``BandColours``.
  static let channels = 1 + BandColours.count

  var downs: [Conv2d]
  var downNorms: [BatchNorm2d]
  var ups: [ConvTranspose2d]
  var upNorms: [BatchNorm2d]
  /// Of the coarsest map and of each level on the way back.
  var gains: [Linear]
  var shifts: [Linear]
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
      upNorms.append(BatchNorm2d(width))
      inputs = 2 * width
    }
    gains = Self.widths.reversed().map { Linear(BandColours.count, $0, random: &random) }
    shifts = Self.widths.reversed().map { Linear(BandColours.count, $0, random: &random) }
    last = ConvTranspose2d(inputs, 3, kernel: 4, stride: 2, padding: 1, random: &random)
  }

  /// Pictures [N, H, W, 3] in −1...1 of drawings [N, H, W, channels], the first 1 on lines; sides are multiples of 32.
  func callAsFunction(_ drawing: Variable) -> Variable {
    let given = BandColours.split(drawing.tensor)
    let colours = drawing.tape.constant(given.colours)
    func coloured(_ x: Variable, _ level: Int) -> Variable {
      x.modulated(gain: gains[level](colours) + 1, shift: shifts[level](colours), activation: .relu)
    }
    var maps: [Variable] = []
    var x = drawing.tape.constant(given.lines)
    for (down, norm) in zip(downs, downNorms) {
      x = norm(down(x))
      maps.append(x)
    }
    x = coloured(x, 0)
    for (index, (up, norm)) in zip(ups, upNorms).enumerated() {
      x = Variable.joinedChannels([coloured(norm(up(x)), index + 1), maps[maps.count - 2 - index]])
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
    for i in gains.indices {
      gains[i].visitParameters(visitor["gains"][i])
      shifts[i].visitParameters(visitor["shifts"][i])
    }
    last.visitParameters(visitor["last"])
  }
}
