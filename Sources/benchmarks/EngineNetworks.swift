import NeuralNetworks
import Tensors

/// A residual block of two 3×3 convolutions.
private struct ResidualBlock: Layer {
  var first: NormalizedConvolution
  var second: NormalizedConvolution
  var skip: NormalizedConvolution?

  init(_ inputs: Int, _ outputs: Int, stride: Int, random: inout RandomStream) {
    first = NormalizedConvolution(
      inputs, outputs, kernel: 3, stride: stride, activation: .relu, random: &random)
    second = NormalizedConvolution(outputs, outputs, kernel: 3, activation: .relu, random: &random)
    skip =
      stride == 1 && inputs == outputs
      ? nil : NormalizedConvolution(inputs, outputs, kernel: 1, stride: stride, random: &random)
  }

  func callAsFunction(_ x: Variable) -> Variable {
    second(first(x), residual: skip.map { $0(x) } ?? x)
  }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    first.visitParameters(visitor["first"])
    second.visitParameters(visitor["second"])
    skip?.visitParameters(visitor["skip"])
  }
}

/// A ResNet-like classifier of ten classes: 331 million multiplications at 128×128.
struct ResidualClassifier: Layer {
  private var stem: NormalizedConvolution
  private var blocks: [ResidualBlock]
  private var classifier: Linear

  init(random: inout RandomStream) {
    stem = NormalizedConvolution(3, 32, kernel: 3, stride: 2, activation: .relu, random: &random)
    blocks = []
    for (inputs, outputs, stride) in [(32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 128, 2), (128, 256, 2)] {
      blocks.append(ResidualBlock(inputs, outputs, stride: stride, random: &random))
    }
    classifier = Linear(256, 10, random: &random)
  }

  func callAsFunction(_ x: Variable) -> Variable {
    classifier(blocks.reduce(stem(x)) { $1($0) }.globalAverage())
  }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    stem.visitParameters(visitor["stem"])
    for i in blocks.indices { blocks[i].visitParameters(visitor["blocks"][i]) }
    classifier.visitParameters(visitor["classifier"])
  }
}

/// DCGAN for 64×64 pictures (Radford, Metz and Chintala 2016, arXiv:1511.06434).
struct AdversarialPair: Layer {
  var generator: Sequential
  var discriminator: Sequential

  init(random: inout RandomStream) {
    var layers: [any Layer] = []
    var inputs = 100
    for (index, outputs) in [512, 256, 128, 64].enumerated() {
      layers += [
        ConvTranspose2d(
          inputs, outputs, kernel: 4, stride: index == 0 ? 1 : 2, padding: index == 0 ? 0 : 1, bias: false,
          random: &random),
        BatchNorm2d(outputs, activation: .relu), Activation.identity,
      ]
      inputs = outputs
    }
    layers += [
      ConvTranspose2d(64, 3, kernel: 4, stride: 2, padding: 1, bias: false, random: &random), Activation.tanh,
    ]
    generator = Sequential(layers)
    layers = [
      Conv2d(3, 64, kernel: 4, stride: 2, padding: .symmetric(1), bias: false, random: &random),
      Activation.leakyReLU(slope: 0.2),
    ]
    inputs = 64
    for outputs in [128, 256, 512] {
      layers += [
        Conv2d(inputs, outputs, kernel: 4, stride: 2, padding: .symmetric(1), bias: false, random: &random),
        BatchNorm2d(outputs, activation: .leakyReLU(slope: 0.2)), Activation.identity,
      ]
      inputs = outputs
    }
    layers.append(Conv2d(512, 1, kernel: 4, padding: .symmetric(0), bias: false, random: &random))
    discriminator = Sequential(layers)
  }

  func callAsFunction(_ x: Variable) -> Variable { discriminator(generator(x)) }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    generator.visitParameters(visitor["generator"])
    discriminator.visitParameters(visitor["discriminator"])
  }
}

/// A convolution over mirrored borders.
private struct MirroredConvolution: Layer {
  var conv: Conv2d
  let pad: Int

  init(_ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, random: inout RandomStream) {
    conv = Conv2d(
      inputs, outputs, kernel: kernel, stride: stride, padding: .symmetric(0), random: &random)
    pad = kernel / 2
  }

  func callAsFunction(_ x: Variable) -> Variable { conv(x.reflectionPadded(pad)) }
  mutating func visitParameters(_ visitor: ParameterVisitor) { conv.visitParameters(visitor["conv"]) }
}

/// Feed-forward style transfer (Johnson, Alahi and Fei-Fei 2016, arXiv:1603.08155) with instance normalisation.
struct StyleNetwork: Layer {
  private struct Block: Sendable {
    var convolutions: [MirroredConvolution]
    var norms: [InstanceNorm2d]
  }

  private var convolutions: [MirroredConvolution] = []
  private var norms: [InstanceNorm2d] = []
  private var blocks: [Block] = []
  private var last: MirroredConvolution

  init(random: inout RandomStream) {
    let plan = [(3, 32, 9, 1), (32, 64, 3, 2), (64, 128, 3, 2), (128, 64, 3, 1), (64, 32, 3, 1)]
    for (inputs, outputs, kernel, stride) in plan {
      convolutions.append(
        MirroredConvolution(inputs, outputs, kernel: kernel, stride: stride, random: &random))
      norms.append(InstanceNorm2d(outputs, affine: true, activation: .relu))
    }
    for _ in 0..<5 {
      blocks.append(
        Block(
          convolutions: [
            MirroredConvolution(128, 128, kernel: 3, random: &random),
            MirroredConvolution(128, 128, kernel: 3, random: &random),
          ],
          norms: [
            InstanceNorm2d(128, affine: true, activation: .relu), InstanceNorm2d(128, affine: true),
          ]))
    }
    last = MirroredConvolution(32, 3, kernel: 9, random: &random)
  }

  func callAsFunction(_ x: Variable) -> Variable {
    var y = x
    for index in convolutions.indices {
      if index == 3 {
        for block in blocks {
          let inner = block.norms[0](block.convolutions[0](y))
          y = block.norms[1](block.convolutions[1](inner), residual: y)
        }
      }
      if index >= 3 { y = y.upsampledNearest(2) }
      y = norms[index](convolutions[index](y))
    }
    return last(y)
  }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    for i in convolutions.indices {
      convolutions[i].visitParameters(visitor["convolutions"][i])
      norms[i].visitParameters(visitor["norms"][i])
    }
    for i in blocks.indices {
      let child = visitor["blocks"][i]
      blocks[i].convolutions[0].visitParameters(child["first"])
      blocks[i].convolutions[1].visitParameters(child["second"])
      blocks[i].norms[0].visitParameters(child["norm1"])
      blocks[i].norms[1].visitParameters(child["norm2"])
    }
    last.visitParameters(visitor["last"])
  }
}
