public import NeuralNetworks
public import Tensors

/// A convolution that keeps the side, or a transposed one that doubles it; normalised over the batch and then given a
/// gain and a shift for each channel by the style.
struct StyledConvolution: Layer {
  var convolution: any Layer
  var norm: BatchNorm2d
  var gain: Linear
  var shift: Linear

  init(_ inputs: Int, _ outputs: Int, style: Int, upsamples: Bool, random: inout RandomStream) {
    // The transposed convolution does with four taps a pixel what one after an enlargement needs nine for.
    convolution =
      upsamples
      ? ConvTranspose2d(inputs, outputs, kernel: 4, stride: 2, padding: 1, bias: false, random: &random)
      : Conv2d(inputs, outputs, kernel: 3, bias: false, random: &random)
    norm = BatchNorm2d(outputs)
    gain = Linear(style, outputs, random: &random)
    shift = Linear(style, outputs, random: &random)
  }

  func callAsFunction(_ x: Variable, style: Variable) -> Variable {
    norm(convolution(x))
      .modulated(gain: gain(style) + 1, shift: shift(style), activation: .leakyReLU(slope: 0.2))
  }

  func callAsFunction(_ x: Variable) -> Variable { self(x, style: x) }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    convolution.visitParameters(visitor["convolution"])
    norm.visitParameters(visitor["norm"])
    gain.visitParameters(visitor["gain"])
    shift.visitParameters(visitor["shift"])
  }
}

/// A gate for each channel of a large map from a small one: coarse content rules fine detail.
///
/// Source: Liu et al. 2021, arXiv:2101.04775 (skip-layer excitation)
struct Excitation: Layer {
  var squeeze: Linear
  var excite: Linear
  let pooling: Int

  init(_ inputs: Int, side: Int, _ outputs: Int, random: inout RandomStream) {
    pooling = side / 4
    squeeze = Linear(16 * inputs, outputs, random: &random)
    excite = Linear(outputs, outputs, random: &random)
  }

  /// The gates [N, 1, 1, outputs], 0...1.
  func callAsFunction(_ x: Variable) -> Variable {
    let small = pooling > 1 ? x.averagePooled(kernel: pooling, stride: pooling) : x
    let gates = excite(squeeze(small.flattened()).activated(.leakyReLU(slope: 0.1))).activated(.sigmoid)
    return gates.reshaped(to: [gates.shape[0], 1, 1, gates.shape[1]])
  }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    squeeze.visitParameters(visitor["squeeze"])
    excite.visitParameters(visitor["excite"])
  }
}

/// A generator of square pictures from normal deviates: a mapping to a style, a trunk whose every layer the style
/// modulates, and gates from coarse layers to fine ones.
///
/// Sources: Liu et al. 2021, arXiv:2101.04775 (FastGAN's trunk and gates); Karras et al. 2019, arXiv:1812.04948
/// (the style, its truncation and its mixing); Chen et al. 2019, arXiv:1810.01365 (modulation after normalisation).
public struct PictureGenerator: Layer {
  /// What the sizes of the layers follow from.
  public struct Plan: Sendable, Hashable, Codable {
    /// The pictures' side: one of ``sides``.
    public var side: Int
    /// Length of the latent.
    public var latent = 128
    /// Length of the style.
    public var style = 256
    /// Channels at side 4, 8, 16, …
    public var channels: [Int]

    /// The sides that there are plans for.
    public static let sides = [64, 128, 256]

    /// - Precondition: the side is one of ``sides``.
    public init(side: Int) {
      precondition(Self.sides.contains(side))
      self.side = side
      channels =
        switch side {
        case 64: [256, 256, 128, 64, 32]
        case 128: [256, 256, 128, 64, 48, 24]
        default: [256, 256, 128, 64, 48, 24, 16]
        }
    }

    /// Gates from coarse levels to fine ones: from side 8 on, one more where there are three levels beyond side 32.
    ///
    /// A plan of twice the side keeps the gates of the smaller one.
    var gates: Int { side == 256 ? 3 : 2 }
    /// How many levels a gate passes over.
    var gatesReach: Int { channels.count - 1 - gates }
  }

  public let plan: Plan
  var mapping: [Linear]
  var root: Linear
  var rootNorm: BatchNorm2d
  var rootGain: Linear
  var rootShift: Linear
  var blocks: [StyledConvolution]
  /// For each block, whether another of the same side follows.
  private let places: [Int]
  var gates: [Excitation]
  var colour: Conv2d

  public init(_ plan: Plan, random: inout RandomStream) {
    self.plan = plan
    mapping = [
      Self.lossless(plan.latent, plan.style, random: &random),
      Self.lossless(plan.style, plan.style, random: &random),
    ]
    root = Linear(plan.style, 16 * plan.channels[0], bias: false, random: &random)
    rootNorm = BatchNorm2d(plan.channels[0])
    rootGain = Linear(plan.style, plan.channels[0], random: &random)
    rootShift = Linear(plan.style, plan.channels[0], random: &random)
    blocks = []
    var places: [Int] = []
    for level in 1..<plan.channels.count {
      let (inputs, outputs) = (plan.channels[level - 1], plan.channels[level])
      blocks.append(
        StyledConvolution(inputs, outputs, style: plan.style, upsamples: true, random: &random))
      places.append(level)
      // A second layer where pixels are few.
      if level < 3 {
        blocks.append(
          StyledConvolution(outputs, outputs, style: plan.style, upsamples: false, random: &random))
        places.append(level)
      }
    }
    self.places = places
    gates = (1...plan.gates).map { level in
      Excitation(
        plan.channels[level], side: 4 << level, plan.channels[level + plan.gatesReach], random: &random)
    }
    colour = Conv2d(plan.channels[plan.channels.count - 1], 3, kernel: 3, random: &random)
  }

  /// A layer that keeps the size of what passes, without bias at first: with PyTorch's defaults the biases outweigh
  /// the latent after two layers, and all pictures begin alike.
  private static func lossless(_ inputs: Int, _ outputs: Int, random: inout RandomStream) -> Linear {
    var layer = Linear(inputs, outputs, random: &random)
    let deviation = (2 / Float(inputs)).squareRoot()
    layer.weight.value = Tensor(normal: [outputs, inputs], deviation: deviation, using: &random)
    layer.bias?.value = Tensor([outputs])
    return layer
  }

  /// Takes the layers of a generator of half the side; those that it lacks stay as they are.
  ///
  /// - Throws: ``NetworkError`` where a layer that both have is of another shape.
  package mutating func grow(from smaller: PictureGenerator) throws(NetworkError) {
    var weights = smaller.weights
    weights["colour.weight"] = nil  // It makes colours of a map that is not the last here.
    try load(Safetensors(tensors: weights)) { weights[$0] == nil }
  }

  /// The style [N, style] of latents [N, latent], normal deviates.
  public func style(_ latent: Variable) -> Variable {
    // Latents of one length, so that the mapping cannot be left by a long one.
    let length = (latent.squared().mean(to: [latent.shape[0], 1]) + 1e-8).squareRoot()
    return mapping.reduce(latent / length) { $1($0).activated(.leakyReLU(slope: 0.2)) }
  }

  /// Pictures [N, side, side, 3] in −1...1.
  ///
  /// - Parameters:
  ///   - coarse: the style of the layers below `crossover`.
  ///   - fine: the style of the others.
  ///   - crossover: the side of the first map that takes the fine style; 0 for all, above the plan's side for none.
  public func pictures(coarse: Variable, fine: Variable, crossover: Int) -> Variable {
    func chosen(_ level: Int) -> Variable { 4 << level >= crossover ? fine : coarse }
    let first = chosen(0)
    let seed = root(first).reshaped(to: [first.shape[0], 4, 4, plan.channels[0]])
    var x = rootNorm(seed).modulated(
      gain: rootGain(first) + 1, shift: rootShift(first), activation: .leakyReLU(slope: 0.2))
    x = trunk(x, through: plan.channels.count - 1) { block, x, level in block(x, style: chosen(level)) }.map
    return colour(x).activated(.tanh)
  }

  /// Runs the blocks on the map of the first layer.
  ///
  /// - Parameters:
  ///   - last: the level after which it ends; the map doubles its sides from level to level.
  ///   - given: the gates of levels; by default those that the coarse maps make themselves.
  ///   - gated: lays a gate on a map.
  ///   - block: the result of a block of a level.
  func trunk(
    _ first: Variable, through last: Int, gates given: [Int: Variable] = [:],
    gated: (_ map: Variable, _ gate: Variable) -> Variable = { $0 * $1 },
    block: (StyledConvolution, _ map: Variable, _ level: Int) -> Variable
  ) -> (map: Variable, gates: [Int: Variable]) {
    var x = first
    var open = given
    for (index, layer) in blocks.enumerated() {
      let level = places[index]
      guard level <= last else { break }
      x = block(layer, x, level)
      // Only the last layer of a side is gated or gates.
      guard index + 1 == blocks.count || places[index + 1] != level else { continue }
      if given.isEmpty, level <= gates.count { open[level + plan.gatesReach] = gates[level - 1](x) }
      if let gate = open[level] { x = gated(x, gate) }
    }
    return (x, open)
  }

  /// Pictures of latents [N, latent].
  public func callAsFunction(_ latent: Variable) -> Variable {
    let style = style(latent)
    return pictures(coarse: style, fine: style, crossover: 0)
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    for i in mapping.indices { mapping[i].visitParameters(visitor["mapping"][i]) }
    root.visitParameters(visitor["root"])
    rootNorm.visitParameters(visitor["root_norm"])
    rootGain.visitParameters(visitor["root_gain"])
    rootShift.visitParameters(visitor["root_shift"])
    for i in blocks.indices { blocks[i].visitParameters(visitor["blocks"][i]) }
    for i in gates.indices { gates[i].visitParameters(visitor["gates"][i]) }
    colour.visitParameters(visitor["colour"])
  }
}
