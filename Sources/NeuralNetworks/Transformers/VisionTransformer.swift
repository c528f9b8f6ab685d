import Diagnostics
import Foundation
import Synchronization
public import Tensors

/// A vision transformer (Dosovitskiy et al. 2020, arXiv:2010.11929) for inference with weights of int8.
///
/// Each call runs on the calling thread; callers fan out. Results have the same bits whatever runs beside them. The
/// weights stay in the mapped files, which all threads and processes share; a call takes about 6 MB of scratch memory for
/// CLIP's ViT-B/16, kept for the next one.
///
/// Activations are quantised token by token, the class token and registers to twice the bits, and columns of large values
/// over several slots (CKTransformer.h). Everything else is computed in 32-bit floats.
public final class VisionTransformer: Sendable {
  public let configuration: Configuration
  private let files: [MappedTensors]
  let weights: TransformerWeights
  private let idle = Mutex<[Workspace]>([])

  /// Maps the weights.
  ///
  /// - Parameters:
  ///   - paths: the files that together hold the tensors, in any order.
  ///   - checksums: what ``checksum(ofFile:)`` gives for each of them; without them the files are believed.
  /// - Throws: ``NetworkError`` naming the file and the tensor that is missing, of another shape or not finite, or the file
  ///   that is cut or changed.
  public init(paths: [String], checksums: [UInt64]? = nil) throws(NetworkError) {
    var files: [MappedTensors] = []
    for (index, path) in paths.enumerated() {
      let file = try MappedTensors(path: path)
      if let checksums, index < checksums.count, checksums[index] != file.checksum {
        throw NetworkError(
          code: "weights.changed", location: FaultLocation(file: path),
          message: "the weights are not those that this program was made with",
          remedy: "fetch the file again; its SHA-256 tells whether it is whole")
      }
      files.append(file)
    }
    configuration = try Configuration(of: files)
    weights = try TransformerWeights(files, configuration)
    self.files = files
  }

  /// A checksum of a file of weights, to find that one was cut or changed by accident.
  ///
  /// It reads 90 MB in a tenth of the time that SHA-256 takes, and touches pages that the first call needs anyway.
  public static func checksum(ofFile path: String) throws(NetworkError) -> UInt64 {
    try MappedTensors(path: path).checksum
  }

  /// Those of the files that it was made from, in their order.
  package var checksums: [UInt64] { files.map(\.checksum) }

  /// What is known of a view after some blocks.
  public struct Encoding: Sendable {
    /// The class token after each block, [blocks, width].
    public var classTokens: Tensor
    /// The patches' tokens, [patches, width], after the blocks that were asked for.
    public var patches: [Int: Tensor]
    /// All tokens in their order, the class token first, [tokens, width], after the blocks that were asked for.
    public var tokens: [Int: Tensor]
  }

  /// The class token after each block.
  ///
  /// - Parameter views: [N, side, side, 3], normalised as the weights want it.
  /// - Returns: [N, blocks, width].
  public func classTokens(of views: Tensor) -> Tensor {
    let one = configuration.blocks * configuration.width
    var result = Tensor([views.shape[0], configuration.blocks, configuration.width])
    result.withMutableSpan { result in
      for (n, encoding) in encode(views).enumerated() {
        encoding.classTokens.withSpan { for i in 0..<one { result[n * one + i] = $0[i] } }
      }
    }
    return result
  }

  /// The class token after each block and the patches' tokens after some.
  ///
  /// - Parameters:
  ///   - views: [N, side, side, 3], normalised as the weights want it.
  ///   - patchesAfter: block indices from 0.
  ///   - tokensAfter: block indices from 0.
  public func encode(_ views: Tensor, patchesAfter: Set<Int> = [], tokensAfter: Set<Int> = []) -> [Encoding] {
    let c = configuration
    precondition(
      views.shape.rank == 4 && views.shape[1] == c.side && views.shape[2] == c.side && views.shape[3] == 3,
      "\(views.shape) are no views of \(c.side)×\(c.side)")
    let workspace = idle.withLock { $0.popLast() } ?? Workspace(c, weights)
    defer { idle.withLock { $0.append(workspace) } }
    return (0..<views.shape[0]).map { index in
      encode(view: views.view(index), workspace, patchesAfter: patchesAfter, tokensAfter: tokensAfter)
    }
  }

  private func encode(
    view: Tensor, _ workspace: Workspace, patchesAfter: Set<Int>, tokensAfter: Set<Int>
  ) -> Encoding {
    let c = configuration
    let x = workspace.tokens
    embed(view, into: x)
    var encoding = Encoding(classTokens: Tensor([c.blocks, c.width]), patches: [:], tokens: [:])
    encoding.classTokens.withMutableBuffer { found in
      for (index, block) in weights.blocks.enumerated() {
        // After the last block only the class token counts, unless more is asked for.
        let isShort = index + 1 == c.blocks && !patchesAfter.contains(index) && !tokensAfter.contains(index)
        workspace.run(block, c, queries: isShort ? 1 : c.tokens)
        found.baseAddress?.advanced(by: index * c.width).update(from: x, count: c.width)
        if patchesAfter.contains(index) {
          let patches = UnsafeBufferPointer(start: x + c.prefix * c.width, count: c.patches * c.width)
          encoding.patches[index] = Tensor(Array(patches), shape: [c.patches, c.width])
        }
        if tokensAfter.contains(index) {
          let tokens = UnsafeBufferPointer(start: x, count: c.tokens * c.width)
          encoding.tokens[index] = Tensor(Array(tokens), shape: [c.tokens, c.width])
        }
      }
    }
    return encoding
  }

  /// Patches through the first layer, positions added, the prefix before them, normalised where the encoder does so.
  private func embed(_ view: Tensor, into x: UnsafeMutablePointer<Float>) {
    let c = configuration
    let geometry = ConvolutionGeometry(
      input: view.shape, weight: weights.patch.shape, stride: c.patch, padding: .symmetric(0))
    let patches = Parallelism.withThreads(1) {
      Kernels.convolve(view, weights.patch, residual: weights.positions, geometry)
    }
    weights.prefix.withUnsafeBufferPointer { x.update(from: $0.baseAddress!, count: $0.count) }
    patches.withBuffer { (x + c.prefix * c.width).update(from: $0.baseAddress!, count: $0.count) }
    if let norm = weights.embeddingNorm {
      TokenKernels.normalise(
        x, rows: c.tokens, columns: c.width, gain: norm.gain, bias: norm.bias, epsilon: c.epsilon)
    }
  }
}

extension Tensor {
  /// One of N views, [1, H, W, C].
  fileprivate func view(_ index: Int) -> Tensor {
    if shape[0] == 1 { return self }
    let one = shape.count / shape[0]
    let values = withBuffer { Array($0[index * one..<(index + 1) * one]) }
    return Tensor(values, shape: [1, shape[1], shape[2], shape[3]])
  }
}
