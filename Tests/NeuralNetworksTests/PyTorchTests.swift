import Foundation
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// Values from PyTorch 2.13.0, written by Tests/Peers/make_golden_nn.py.
struct PyTorchTests {
  @Test func `twenty steps from the same weights follow PyTorch's losses`() throws {
    let golden = try Safetensors(path: TestPaths.fixtures.appending(path: "nn/training.safetensors").path)
    var random = RandomStream(seed: 1)
    var network = Sequential(
      Conv2d(3, 16, kernel: 3, bias: false, random: &random), BatchNorm2d(16), Activation.relu,
      Conv2d(16, 16, kernel: 3, stride: 2, groups: 16, random: &random), GroupNorm(groups: 4, 16),
      Activation.leakyReLU(slope: 0.2),
      ConvTranspose2d(16, 8, kernel: 4, stride: 2, padding: 1, random: &random),
      BatchNorm2d(8, activation: .relu6), Activation.identity,
      Reshaping.maxPool(kernel: 2, stride: 2, padding: 0), Reshaping.globalAverage, Reshaping.flatten,
      Linear(8, 1, random: &random))
    try network.load(golden, prefix: "weights.")
    var optimiser = AdamW(rate: 1e-2, weightDecay: 0.05, decaysOffsets: true)
    let losses = try #require(golden.tensors["losses"]).values
    for step in 0..<20 {
      let x = try #require(golden.tensors["batch.\(step % 4)"])
      let y = try #require(golden.tensors["target.\(step % 4)"])
      let loss = network(Tape(.training).constant(x)).binaryCrossEntropy(y)
      #expect(abs(loss.tensor.item - losses[step]) < 1e-3, "step \(step)")
      optimiser.update(&network, with: loss.gradients())
    }
  }

  /// What `make test-peers` converts with Tests/Peers/convert_efficientnet.py.
  static let lite0 = TestPaths.root.appending(path: ".venv-peers/efficientnet-lite0.safetensors").path

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: lite0),
      "skipped: no EfficientNet-Lite0 weights; make test-peers converts them"))
  func `EfficientNet-Lite0 gives PyTorch's logits`() throws {
    let golden = try Safetensors(path: TestPaths.fixtures.appending(path: "nn/efficientnet.safetensors").path)
    var random = RandomStream(seed: 1)
    var network = EfficientNetLite0(random: &random)
    try network.load(Safetensors(path: Self.lite0))
    var pixels: [Float] = []
    for h in 0..<224 {
      for w in 0..<224 {
        for c in 0..<3 { pixels.append(Float((h * 7 + w * 3 + c * 50 + h * w / 16) % 256)) }
      }
    }
    let image = EfficientNetLite0.normalized(Tensor(pixels, shape: [1, 224, 224, 3]))
    let expected = try #require(golden.tensors["logits"]).values
    // Fused, and layer by layer.
    for logits in [network.infer(image), network(Tape(.evaluation).constant(image)).tensor] {
      let worst = zip(logits.values, expected).map { abs($0 - $1) }.max() ?? .infinity
      #expect(logits.shape == [1, 1000] && worst < 1e-3, "\(worst)")
    }
  }
}
