import Foundation
import Generators
import ImageFormats
import Images
import NeuralNetworks
import Tensors
import TestSupport
import Testing

struct PictureModelTests {
  /// An untrained generator in a file of its own.
  static let file = Result<URL, any Error> {
    var random = RandomStream(seed: 51)
    let generator = PictureGenerator(.init(side: 128), random: &random)
    let url = FileManager.default.temporaryDirectory.appending(
      path: "assay-gan-\(ProcessInfo.processInfo.processIdentifier).safetensors")
    try PictureModel.file(generator, identity: .init(name: "untrained", version: "0"), seed: 3).write(to: url)
    return url
  }

  static let model = Result { try PictureModel(file.get().path) }

  private func request(_ seed: UInt64, index: Int = 0) -> PictureModel.Request {
    .init(seed: seed, index: index)
  }

  /// The bytes before signing, by way of the identifier, which is their hash.
  private func identifier(_ request: PictureModel.Request) throws -> [UInt8] {
    try Self.model.get().picture(request).identifier
  }

  @Test func `a seed gives the same picture on one thread and two, alone and among others`() throws {
    let one = try Parallelism.withThreads(1) { try identifier(request(7, index: 3)) }
    let two = try Parallelism.withThreads(2) { try identifier(request(7, index: 3)) }
    #expect(one == two)
    #expect(try identifier(request(7, index: 2)) != one && identifier(request(8, index: 3)) != one)
  }

  @Test func `interpolation begins and ends at its seeds`() throws {
    func between(_ place: Float) throws -> [UInt8] {
      var request = request(1)
      request.toward = .init(seed: 2, place: place)
      return try identifier(request)
    }
    #expect(try between(0) == identifier(request(1)))
    #expect(try between(1) == identifier(request(2)))
    #expect(try between(0.5) != between(0))
  }

  @Test func `mixing takes all, some or no layers of the second seed`() throws {
    func mixed(_ crossover: Int) throws -> [UInt8] {
      var request = request(1)
      request.fine = .init(seed: 2, crossover: crossover)
      return try identifier(request)
    }
    #expect(try mixed(4) == identifier(request(2)))
    #expect(try mixed(256) == identifier(request(1)))
    #expect(try Set([4, 16, 64, 256].map { try mixed($0) }).count == 4)
  }

  @Test func `truncation to 0 is the average, whatever the seed`() throws {
    func average(_ seed: UInt64) throws -> [UInt8] {
      var request = request(seed)
      request.truncation = 0
      return try identifier(request)
    }
    #expect(try average(1) == average(2))
  }

  @Test func `unknown models and foreign weights are named`() throws {
    func code(_ name: String) -> String? {
      do {
        _ = try PictureModel(name)
        return nil
      } catch { return error.code }
    }
    #expect(code("no-such-model") == "model.unknown")
    #expect(code("/nowhere/weights.safetensors") == "model.unreadable")
    #expect(code("style") == "model.kind")
    let folder = try ScratchPlace()
    let whole = try Data(contentsOf: Self.file.get())
    let cut = folder.url.appending(path: "cut.safetensors")
    try whole.prefix(whole.count / 2).write(to: cut)
    #expect(code(cut.path) == "model.unreadable")
    // A weight is missing.
    var weights = try Safetensors(path: Self.file.get().path)
    weights.tensors["colour.bias"] = nil
    let lacking = folder.url.appending(path: "lacking.safetensors")
    try weights.write(to: lacking.path)
    #expect(code(lacking.path) == "model.architecture")
    // Numbers that no training gives, whose sums would not be finite.
    weights = try Safetensors(path: Self.file.get().path)
    weights.tensors["colour.bias"] = weights.tensors["colour.bias"]?.map { _ in 3e38 }
    try weights.write(to: lacking.path)
    #expect(code(lacking.path) == "model.architecture")
    // Nothing says what it is.
    weights.metadata = [:]
    try weights.write(to: lacking.path)
    #expect(code(lacking.path) == "model.header")
    // A plan that no network has.
    weights = try Safetensors(path: Self.file.get().path)
    weights.metadata["assay.model"] = weights.metadata["assay.model"]?.replacingOccurrences(
      of: "128", with: "130")
    try weights.write(to: lacking.path)
    #expect(code(lacking.path) == "model.architecture")
  }

  @Test func `the shipped models make pictures that differ`() throws {
    for name in PictureModel.shipped {
      let model = try PictureModel(name)
      let identifiers = Set((0..<8).map { model.picture(request(1, index: $0)).identifier })
      #expect(identifiers.count == 8 && model.side == (name.hasSuffix("-256") ? 256 : 128), "\(name)")
    }
  }
}

/// A folder that goes when nobody holds it any more.
final class ScratchPlace: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}
