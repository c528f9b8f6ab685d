import Foundation
import NeuralNetworks
import Tensors
import TestSupport
import Testing

struct TransformerBlockTests {
  private static func block(
    width: Int = 8, heads: Int = 2, hidden: Int = 12, scaled: Bool = true, seed: UInt64 = 30
  ) -> TransformerBlock {
    var random = RandomStream(seed: seed)
    var block = TransformerBlock(
      width: width, heads: heads, hidden: hidden, activation: .quick, layerScale: scaled ? 1 : nil,
      random: &random)
    // Gains other than 1, and layer scales.
    block.attentionNorm.weight.value = Tensor(uniform: [width], in: 0.5...1.5, using: &random)
    block.perceptronNorm.weight.value = Tensor(uniform: [width], in: 0.5...1.5, using: &random)
    if scaled {
      block.attentionScale?.value = Tensor(uniform: [width], in: 0.2...1, using: &random)
      block.perceptronScale?.value = Tensor(uniform: [width], in: 0.2...1, using: &random)
    }
    return block
  }

  @Test(arguments: [5, 1])
  func `each parameter's gradient is the finite difference`(queries: Int) throws {
    let block = Self.block()
    var random = RandomStream(seed: 31)
    let x = Tensor(normal: [2, 5, 8], using: &random)
    let seed = Tensor(normal: [2, queries, 8], using: &random)
    let tape = Tape(.training)
    let input = tape.input(x)
    let gradients = block(input, queries: queries).gradients(seed: seed)
    func value(_ block: TransformerBlock, _ x: Tensor) -> Double {
      let y = block(Tape.inference().constant(x), queries: queries).tensor
      return zip(y.values, seed.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let h: Float = 4e-3
    for (path, parameter) in block.parameters {
      let direction = Tensor(uniform: parameter.value.shape, in: -1...1, using: &random)
      var moved = (block, block)
      moved.0.updateParameters { if $0 == path { $1.value.add(direction, scale: h) } }
      moved.1.updateParameters { if $0 == path { $1.value.add(direction, scale: -h) } }
      let numeric = (value(moved.0, x) - value(moved.1, x)) / Double(2 * h)
      let gradient = try #require(gradients[parameter], "\(path)")
      let exact = Double(gradient.dot(direction))
      #expect(abs(numeric - exact) < 1e-2 * max(1, abs(exact)), "\(path): \(numeric) and \(exact)")
    }
    let direction = Tensor(uniform: x.shape, in: -1...1, using: &random)
    let numeric = (value(block, x + direction * h) - value(block, x - direction * h)) / Double(2 * h)
    let exact = Double(try #require(gradients[input]).dot(direction))
    #expect(abs(numeric - exact) < 1e-2 * max(1, abs(exact)), "the input: \(numeric) and \(exact)")
  }

  @Test func `the first queries are the first tokens of the whole block, and samples do not meet`() {
    let block = Self.block(scaled: false)
    var random = RandomStream(seed: 32)
    let x = Tensor(normal: [3, 7, 8], using: &random)
    let all = block.infer(x)
    let first = block(Tape.inference().constant(x), queries: 2).tensor
    for sample in 0..<3 {
      let alone = block.infer(x.rows(sample..<sample + 1)).values
      let together = all.rows(sample..<sample + 1).values
      #expect(zip(alone, together).allSatisfy { abs($0 - $1) < 1e-5 })
      let short = first.rows(sample..<sample + 1).values
      #expect(zip(short, together).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func `results and gradients have the same bits for any number of threads`() throws {
    let block = Self.block(width: 64, heads: 4, hidden: 256)
    var random = RandomStream(seed: 33)
    let x = Tensor(normal: [6, 50, 64], using: &random)
    let seed = Tensor(normal: [6, 50, 64], using: &random)
    func run(_ threads: Int) -> [[Float]] {
      Parallelism.withThreads(threads) {
        let y = block(Tape(.training).constant(x))
        let gradients = y.gradients(seed: seed)
        return [y.tensor.values] + block.parameters.map { gradients[$0.parameter]?.values ?? [] }
      }
    }
    let one = run(1)
    #expect(!one.contains { $0.isEmpty })
    #expect(run(3) == one)
  }

  @Test func `a large product does not overflow the softmax`() throws {
    let tape = Tape(.training)
    let q = tape.input(Tensor([1, 2, 4], repeating: 300))
    let k = tape.input(Tensor([0, 0, 0, 0, 300, 300, 300, 300, -300, -300, -300, -300], shape: [1, 3, 4]))
    let v = tape.input(Tensor((0..<12).map(Float.init), shape: [1, 3, 4]))
    let y = q.attending(to: k, values: v, heads: 1)
    #expect(y.tensor.values == [4, 5, 6, 7, 4, 5, 6, 7])
    let gradients = y.gradients(seed: Tensor([1, 2, 4], repeating: 1))
    #expect(try #require(gradients[v]).values == [0, 0, 0, 0, 2, 2, 2, 2, 0, 0, 0, 0])
    let isFinite = try #require(gradients[q]).isFinite && #require(gradients[k]).isFinite
    #expect(isFinite)
  }

  /// Values from PyTorch 2.13.0, written by Tests/Peers/make_golden_block.py.
  @Test(arguments: [GaussianErrorUnit.exact, .tanh, .quick])
  func `results and gradients are PyTorch's`(activation: GaussianErrorUnit) throws {
    let golden = try Safetensors(path: TestPaths.fixtures.appending(path: "nn/block.safetensors").path)
    var random = RandomStream(seed: 1)
    var block = TransformerBlock(
      width: 32, heads: 4, hidden: 48, activation: activation, layerScale: 1, random: &random)
    try block.load(golden, prefix: "weights.")
    let tape = Tape(.training)
    let x = tape.input(try #require(golden.tensors["x"]))
    let y = block(x)
    let gradients = y.gradients(seed: try #require(golden.tensors["seed"]))
    func compare(_ found: Tensor?, _ key: String) throws {
      let key = "\(activation.rawValue).\(key)"
      let (found, expected) = (try #require(found, "\(key)"), try #require(golden.tensors[key]))
      let worst = zip(found.values, expected.values).map { abs($0 - $1) }.max() ?? .infinity
      #expect(found.shape == expected.shape && worst < 1e-4, "\(key): \(worst)")
    }
    try compare(y.tensor, "y")
    try compare(gradients[x], "x")
    for (path, parameter) in block.parameters { try compare(gradients[parameter], path) }
  }

  @Test func `blocks made of the encoder's weights give what the encoder gives`() throws {
    let encoder = try VisionTransformer(paths: VisionTransformerTests.paths)
    let blocks = encoder.lastBlocks(2)
    for picture in try VisionTransformerTests.pictures().dropFirst().prefix(3) {
      let view = encoder.view(of: picture)
      let encoding = try #require(encoder.encode(view, tokensAfter: [9, 10, 11]).first)
      #expect(
        encoding.tokens[11]?.rows(0..<1).values == Array(encoding.classTokens.values[11 * 768..<12 * 768]))
      for (block, before) in zip(blocks, [9, 10]) {
        let tokens = try #require(encoding.tokens[before]).reshaped(to: [1, 197, 768])
        let expected = try #require(encoding.tokens[before + 1]).values
        let found = block.infer(tokens).values
        // The class token, and all tokens together.
        for range in [0..<768, 0..<197 * 768] {
          let cosine = VisionTransformerTests.cosine(found[range], expected[range])
          #expect(cosine >= 0.9999, "block \(before + 1), \(range.count / 768) tokens")
        }
      }
    }
  }

  @Test func `registers, layer scales, slots and parts survive being made floats`() throws {
    let made = MadeTransformer(seed: 5)
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try made.encoded().write(to: URL(filePath: path))
    let encoder = try VisionTransformer(paths: [path])
    var random = RandomStream(seed: 34)
    let view = Tensor(uniform: [1, 32, 32, 3], in: -2...2, using: &random)
    let encoding = try #require(encoder.encode(view, tokensAfter: [0]).first)
    var tokens = try #require(encoding.tokens[0]).reshaped(to: [1, made.tokens, made.width])
    for block in encoder.lastBlocks(2) { tokens = block.infer(tokens) }
    let expected = made.classTokens(view.values).map { Float($0) }
    let cosine = VisionTransformerTests.cosine(
      tokens.values[0..<made.width], expected[(made.blocks - 1) * made.width..<made.blocks * made.width])
    #expect(cosine > 0.9995)
  }

  @Test func `a block learns: attention finds the token that counts`() throws {
    // The class token is to tell the sign of the one token whose first channel is large.
    struct Finder: Layer {
      var block: TransformerBlock
      var head: Linear
      func callAsFunction(_ x: Variable) -> Variable {
        head(block(x, queries: 1).reshaped(to: [x.shape[0], x.shape[2]]))
      }
      mutating func visitParameters(_ visitor: ParameterVisitor) {
        block.visitParameters(visitor["block"])
        head.visitParameters(visitor["head"])
      }
    }
    var random = RandomStream(seed: 35)
    var network = Finder(
      block: TransformerBlock(width: 16, heads: 2, hidden: 32, activation: .quick, random: &random),
      head: Linear(16, 1, random: &random))
    var optimiser = AdamW(rate: 3e-3)
    func batch() -> (Tensor, Tensor) {
      var x = Tensor(normal: [16, 6, 16], deviation: 0.5, using: &random)
      var targets: [Float] = []
      x.withMutableSpan { x in
        for sample in 0..<16 {
          let place = (sample * 6 + random.integer(in: 1..<6)) * 16
          let isPositive = random.chance(0.5)
          x[place] = 4
          x[place + 1] = isPositive ? 3 : -3
          targets.append(isPositive ? 1 : 0)
        }
      }
      return (x, Tensor(targets, shape: [16]))
    }
    var losses: [Float] = []
    for _ in 0..<150 {
      let (x, targets) = batch()
      let loss = network(Tape(.training).constant(x)).binaryCrossEntropy(targets)
      losses.append(loss.tensor.item)
      optimiser.update(&network, with: loss.gradients())
    }
    #expect(losses.suffix(20).reduce(0, +) / 20 < 0.1, "\(losses[0]) to \(losses[149])")
  }
}
