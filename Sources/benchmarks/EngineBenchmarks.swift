import Foundation
import NeuralNetworks
import Synchronization
import Tensors

/// A network trained or used by the engine and, from the same weights on the same data, by PyTorch.
///
/// Every subject runs the same steps in turn, and each result is held against the engine's: of the first steps
/// of a training the losses, of a use sampled outputs.
struct EngineBenchmark: BenchmarkCase {
  enum Work: String, CaseIterable {
    case classifierStep = "classifier.step"
    case dcganStep = "dcgan.step"
    case classifierInference = "classifier.inference"
    case styleInference = "style.inference"
  }

  let work: Work
  let threads: Int

  static let all: [any BenchmarkCase] = Work.allCases.flatMap { work in
    [EngineBenchmark(work: work, threads: 1), EngineBenchmark(work: work, threads: 2)]
  }

  var name: String { "engine.\(work.rawValue).\(threads)" }

  var title: String {
    let what =
      switch work {
      case .classifierStep:
        "a training step of a ResNet-like classifier, 331 million multiplications an image at 128×128, batch 16, SGD"
      case .dcganStep:
        "a DCGAN-64 step, batch 32: discriminator on real and generated, generator through it, AdamW"
      case .classifierInference: "the ResNet-like classifier in use at 224×224, batch 8"
      case .styleInference: "fast style transfer at 1024×1024"
      }
    return "\(what); \(threads) thread\(threads == 1 ? "" : "s")"
  }

  var goal: String? {
    switch work {
    case .classifierStep: "at most 0.75 of PyTorch's time and 1.2 of its memory"
    case .dcganStep: "at most 1.05 of PyTorch's time and 1.2 of its memory"
    case .classifierInference: "at most 0.65 of PyTorch's time and 0.9 of onnxruntime's"
    case .styleInference: "at most 0.6 of PyTorch's time"
    }
  }

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let results = EngineResults()
    let start = ResidentMemory.startPeak()
    let (run, tensors) = prepared()
    var subjects = [
      BenchmarkSubject(
        name: "Assay", peakMemory: { ResidentMemory.peak - start },
        work: { [threads] in
          let result = Parallelism.withThreads(threads) { run() }
          guard result.allSatisfy(\.isFinite) else { throw BenchmarkError("a result is not finite") }
          results.append(result)
        })
    ]
    guard let peers else { return subjects }
    let file = try Scratch.folder(name).appending(path: "weights.safetensors")
    try Safetensors(tensors: tensors).write(to: file.path)
    let peer = try PeerProcess(
      python: peers, arguments: ["Tests/Peers/bench_torch.py", work.rawValue, file.path, "\(threads)"])
    let isTraining = work == .classifierStep || work == .dcganStep
    subjects.append(
      BenchmarkSubject(
        name: "PyTorch", processor: { try await peer.ask("clock")[0] },
        peakMemory: { try await peer.ask("memory")[0] },
        work: { [work] in
          try results.check(
            try await peer.ask("run"), by: "PyTorch", isTraining: isTraining,
            growth: work == .dcganStep ? 1e-2 : 1e-3)
        }))
    if work == .classifierInference {
      subjects.append(
        BenchmarkSubject(
          name: "onnxruntime", processor: { try await peer.ask("clock")[0] },
          work: { try results.check(try await peer.ask("onnx"), by: "onnxruntime") }))
    }
    return subjects
  }

  /// What a run does, and the weights and data that it starts with, by PyTorch's keys.
  private func prepared() -> (run: @Sendable () -> [Float], tensors: [String: Tensor]) {
    var random = RandomStream(seed: 21)
    func images(_ shape: Shape, _ random: inout RandomStream) -> Tensor {
      Tensor(normal: shape, using: &random)
    }
    switch work {
    case .classifierStep:
      let network = ResidualClassifier(random: &random)
      let images = images([16, 128, 128, 3], &random)
      let labels = (0..<16).map { $0 % 10 }
      let state = Locked((network: network, optimiser: SGD(rate: 0.01, momentum: 0.9)))
      let data = ["images": images, "labels": Tensor(labels.map(Float.init), shape: [16])]
      return (
        {
          state.withLock { state in
            let loss = state.network(Tape(.training).constant(images)).crossEntropy(labels)
            state.optimiser.update(&state.network, with: loss.gradients())
            return [loss.tensor.item]
          }
        }, Self.file(network, data)
      )
    case .dcganStep:
      let pair = AdversarialPair(random: &random)
      let real = images([32, 64, 64, 3], &random)
      let noise = [images([32, 1, 1, 100], &random), images([32, 1, 1, 100], &random)]
      let state = Locked(AdversarialTraining(pair: pair))
      let data = ["images": real, "noise1": noise[0], "noise2": noise[1]]
      return ({ state.withLock { $0.step(real: real, noise: noise) } }, Self.file(pair, data))
    case .classifierInference:
      let network = ResidualClassifier(random: &random)
      let images = images([8, 224, 224, 3], &random)
      return ({ Self.sampled(network.infer(images)) }, Self.file(network, ["images": images]))
    case .styleInference:
      let network = StyleNetwork(random: &random)
      let images = images([1, 1024, 1024, 3], &random)
      return ({ Self.sampled(network.infer(images)) }, Self.file(network, ["images": images]))
    }
  }

  private static func file(_ network: some Layer, _ data: [String: Tensor]) -> [String: Tensor] {
    var tensors = network.weights
    for (key, value) in data { tensors["data.\(key)"] = value }
    return tensors
  }

  /// At most 64 elements at even distances.
  private static func sampled(_ y: Tensor) -> [Float] {
    y.withBuffer { buffer in
      stride(from: 0, to: buffer.count, by: max(1, buffer.count / 64)).prefix(64).map { buffer[$0] }
    }
  }
}

/// The two networks of a DCGAN and what trains them.
private struct AdversarialTraining: Sendable {
  var pair: AdversarialPair
  var judging = AdamW(rate: 2e-4, beta1: 0.5, weightDecay: 0)
  var making = AdamW(rate: 2e-4, beta1: 0.5, weightDecay: 0)

  /// - Returns: the discriminator's loss and the generator's.
  mutating func step(real: Tensor, noise: [Tensor]) -> [Float] {
    let fake = pair.generator(Tape(.training, isRecording: false).constant(noise[0])).tensor
    let tape = Tape(.training)
    let loss = AdversarialLoss.nonSaturating.discriminator(
      real: pair.discriminator(tape.constant(real)), generated: pair.discriminator(tape.constant(fake)))
    judging.update(&pair.discriminator, with: loss.gradients())
    let other = Tape(.training)
    let made = pair.generator(other.constant(noise[1]))
    let fooled = AdversarialLoss.nonSaturating.generator(
      generated: other.withConstantParameters { pair.discriminator(made) })
    making.update(&pair.generator, with: fooled.gradients())
    return [loss.tensor.item, fooled.tensor.item]
  }
}

/// What the engine found in each run, for the peers to be held against.
private final class EngineResults: Sendable {
  private let ours = Mutex<[[Float]]>([])
  /// Rounding grows from step to step of a training, so only its beginning can be compared.
  private static let comparedSteps = 3

  func append(_ result: [Float]) { ours.withLock { $0.append(result) } }

  /// - Parameter growth: the tolerance of the steps after a training's first. Adam divides by the size of the
  ///   gradient, so that rounding in the smallest ones reaches the weights: the DCGAN's losses were seen to part
  ///   by 0.25 % in the second and third step.
  func check(_ theirs: [Double], by name: String, isTraining: Bool = false, growth: Double = 1e-3) throws {
    let (expected, runs) = ours.withLock { ($0.last ?? [], $0.count) }
    if isTraining && runs > Self.comparedSteps { return }
    let size = expected.reduce(1e-6) { max($0, abs($1)) }
    let tolerance = (runs == 1 ? 1e-3 : growth) * Double(size)
    guard theirs.count == expected.count,
      zip(theirs, expected).allSatisfy({ abs($0 - Double($1)) <= tolerance })
    else { throw BenchmarkError("\(name) found \(theirs.prefix(4)) where Assay found \(expected.prefix(4))") }
  }
}

/// A value behind a lock.
private final class Locked<Value: Sendable>: Sendable {
  private let value: Mutex<Value>
  init(_ value: Value) { self.value = Mutex(value) }

  func withLock<R: Sendable>(_ body: (inout Value) -> R) -> R {
    value.withLock { value in body(&value) }
  }
}
