import Foundation
import ImageFormats
import Images
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// The encoder that ships, against PyTorch's features written by Tests/Peers/make_golden_encoder.py.
struct VisionTransformerTests {
  static let folder = TestPaths.root.appending(path: "Sources/Detectors/Resources/encoder")
  static let paths = ["clip-vit-b16-1.safetensors", "clip-vit-b16-2.safetensors"].map {
    folder.appending(path: $0).path
  }

  /// The ten pictures of the golden features, in their order.
  static func pictures() throws -> [Image] {
    let made = [(224, 224), (300, 200), (37, 91), (1, 1), (640, 480)].enumerated().map { index, size in
      let (width, height) = size
      let pixels = (0..<width * height * 3).map { i in
        let (x, y, c) = (i / 3 % width, i / 3 / width, i % 3)
        let noise = (x * x + 31 * y * y) % (9 + index)
        let value = x * (index + 3) + y * (7 - index) + c * 50 + x * y / (16 + index) + noise
        return UInt8(truncatingIfNeeded: value)
      }
      return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
    }
    let files = try [
      "audit-case/pictures/generated/full.png", "audit-case/pictures/edited/stylised.png",
      "audit-case/pictures/photos/captured.png", "credentials/kinds/update.png", "formats/rgb8.png",
    ].map { try ImageFile(path: TestPaths.fixtures.appending(path: $0).path).decode().image }
    return made + files
  }

  static func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    let dot = zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    func square(_ x: ArraySlice<Float>) -> Double { x.reduce(0) { $0 + Double($1) * Double($1) } }
    return dot / (square(a) * square(b)).squareRoot()
  }

  @Test func `the class token of every block lies within a cosine of 0.999 of PyTorch's float run`() throws {
    let encoder = try VisionTransformer(paths: Self.paths)
    let file = TestPaths.fixtures.appending(path: "nn/encoder.safetensors").path
    let golden = try #require(try Safetensors(path: file).tensors["features"]).values
    var sum = 0.0
    for (index, picture) in try Self.pictures().enumerated() {
      let features = encoder.classTokens(of: picture)
      #expect(features.shape == [12, 768])
      for block in 0..<12 {
        let place = (index * 12 + block) * 768
        let cosine = Self.cosine(
          features.values[block * 768..<(block + 1) * 768], golden[place..<place + 768])
        #expect(cosine >= 0.999, "picture \(index), block \(block)")
        sum += cosine
      }
    }
    #expect(sum / 120 > 0.9998)
  }

  @Test func `a view has the same bits alone, in a batch and beside other workers`() async throws {
    let encoder = try VisionTransformer(paths: Self.paths)
    let views = try Self.pictures().prefix(3).map { encoder.view(of: $0) }
    let alone = views.map { encoder.classTokens(of: $0).values }
    let batch = Tensor(views.flatMap(\.values), shape: [3, 224, 224, 3])
    #expect(encoder.classTokens(of: batch).values == alone.flatMap(\.self))
    let beside = await withTaskGroup(of: (Int, [Float]).self) { group in
      for index in 0..<6 { group.addTask { (index, encoder.classTokens(of: views[index % 3]).values) } }
      return await group.reduce(into: [Int: [Float]]()) { $0[$1.0] = $1.1 }
    }
    for index in 0..<6 { #expect(beside[index] == alone[index % 3]) }
  }

  @Test func `patches are given after the blocks asked for, and asking changes no class token`() throws {
    let encoder = try VisionTransformer(paths: Self.paths)
    let view = encoder.view(of: try Self.pictures()[1])
    let plain = encoder.classTokens(of: view).values
    let encoding = try #require(encoder.encode(view, patchesAfter: [3, 11]).first)
    #expect(encoding.classTokens.values == plain)
    #expect(encoding.patches.keys.sorted() == [3, 11])
    #expect(encoding.patches[11]?.shape == [196, 768])
    let isFinite = encoding.patches.values.allSatisfy { $0.isFinite }
    #expect(isFinite)
  }

  @Test func `grey, alpha and 16 bits become the same view as the picture in 8-bit RGB`() throws {
    let encoder = try VisionTransformer(paths: Self.paths)
    let grey = (0..<60 * 40).map { UInt8(truncatingIfNeeded: $0 * 5) }
    func view(_ model: Image.ColorModel, _ pixels: [UInt8]) -> [Float] {
      encoder.view(of: Image(width: 60, height: 40, colorModel: model, pixels: pixels)).values
    }
    let rgb = view(.rgb, grey.flatMap { [$0, $0, $0] })
    #expect(view(.grey, grey) == rgb)
    #expect(view(.rgba, grey.flatMap { [$0, $0, $0, 9] }) == rgb)
    let deep = Image(
      width: 224, height: 224, colorModel: .grey, pixels16: (0..<224 * 224).map { UInt16($0 % 256 * 257) })
    let flat = Image(
      width: 224, height: 224, colorModel: .grey, pixels: (0..<224 * 224).map { UInt8($0 % 256) })
    #expect(encoder.view(of: deep) == encoder.view(of: flat))
  }

  @Test func `weights cut or changed are refused, and the error names the file`() throws {
    let checksums = try Self.paths.map { try VisionTransformer.checksum(ofFile: $0) }
    _ = try VisionTransformer(paths: Self.paths, checksums: checksums)
    let whole = try Data(contentsOf: URL(filePath: Self.paths[0]), options: .alwaysMapped)
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    func refusal(_ data: Data) -> NetworkError? {
      do {
        try data.write(to: URL(filePath: path))
        _ = try VisionTransformer(paths: [path, Self.paths[1]], checksums: checksums)
        return nil
      } catch { return error as? NetworkError }
    }
    for end in [0, 7, 8, 100, 20_000, whole.count - 1] {
      let error = try #require(refusal(whole[0..<end]))
      #expect(error.location.file == path, "cut at \(end)")
    }
    var changed = Data(whole)
    changed[changed.count / 2] ^= 1
    #expect(refusal(changed)?.code == "weights.changed")
    #expect(refusal(changed)?.location.file == path)
    #expect(throws: NetworkError.self) { try VisionTransformer(paths: ["/nowhere"]) }
    #expect(throws: NetworkError.self) { try VisionTransformer(paths: [Self.paths[1]]) }
    #expect(throws: NetworkError.self) { try VisionTransformer(paths: [Self.paths[0]]) }
  }

  private func encoder(_ data: Data) throws -> VisionTransformer {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try data.write(to: URL(filePath: path))
    return try VisionTransformer(paths: [path])
  }

  @Test
  func `a transformer of another kind is a description and a file: registers, layer scales, GELU, slots`()
    throws
  {
    for seed in UInt64(1)...3 {
      let made = MadeTransformer(seed: seed)
      var random = RandomStream(seed: 100 + seed)
      let view = Tensor(uniform: [1, 32, 32, 3], in: -2...2, using: &random)
      let found = try encoder(made.encoded()).classTokens(of: view).values
      let expected = made.classTokens(view.values).map { Float($0) }
      for block in 0..<made.blocks {
        let range = block * made.width..<(block + 1) * made.width
        #expect(Self.cosine(found[range], expected[range]) > 0.9995, "seed \(seed), block \(block)")
      }
    }
  }

  @Test func `descriptions and tensors that do not fit each other are refused`() throws {
    let made = MadeTransformer(seed: 4)
    func refusal(_ data: Data) -> NetworkError? {
      do {
        _ = try encoder(data)
        return nil
      } catch { return error as? NetworkError }
    }
    #expect(try refusal(made.encoded()) == nil)
    for change: [String: Any] in [
      ["side": 33], ["heads": 3], ["blocks": 0], ["blocks": 1_000_000], ["width": 1 << 40], ["registers": 99],
      ["mean": [0.5]], ["deviation": [0, 0, 0]], ["epsilon": 0], ["activation": "swish"], ["patch": 0],
    ] {
      #expect(
        refusal(try made.encoded(configuration: change))?.code == "transformer.configuration", "\(change)")
    }
    // More blocks than there are, other extents than the tensors'.
    for change: [String: Any] in [["blocks": 4], ["hidden": 128], ["side": 64]] {
      #expect(try refusal(made.encoded(configuration: change))?.code == "weights.tensor", "\(change)")
    }
    for key in [
      "embedding.class", "blocks.2.mlp.expand.sum", "blocks.0.attention.scale",
      "blocks.1.mlp.contract.weights",
    ] {
      let error = refusal(try made.encoded(without: key))
      #expect(error?.code == "weights.tensor" && error?.location.path == key, "\(key)")
    }
    var broken = made
    broken.floats["blocks.1.mlp.norm.bias"]?.values[3] = .nan
    #expect(try refusal(broken.encoded())?.location.path == "blocks.1.mlp.norm.bias")
    #expect(try refusal(Self.replacingSlots(in: made.encoded(), by: 32))?.code == "weights.tensor")
  }

  /// The file with its first slot's column replaced.
  private static func replacingSlots(in data: Data, by column: Int32) throws -> Data {
    let known = [Int32(5), 5, 5, 9].withUnsafeBytes { Data($0) }
    var data = data
    let range = try #require(data.range(of: known))
    data.replaceSubrange(
      range.lowerBound..<range.lowerBound + 4, with: withUnsafeBytes(of: column) { Data($0) })
    return data
  }
}
