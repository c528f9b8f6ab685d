import ContentCredentials
import Foundation
import Generators
import ImageFormats
import Images
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import Watermarks

struct UpsamplerTests {
  static let model = Result { try UpsamplerModel() }

  /// Both ways of computing are tried on every machine.
  static let ways: [UpsamplerModel.Arithmetic] = [.floats, .bytes]

  private func enlarged(
    _ picture: Image, by scale: UpsamplerModel.Scale = .two, tile: Int = UpsamplerModel.tileSide,
    _ way: UpsamplerModel.Arithmetic = .automatic
  ) throws -> Image {
    try Self.model.get().enlarged(picture, by: scale, tile: tile, arithmetic: way)
  }

  @Test(arguments: UpsamplerModel.Scale.allCases)
  func `sides grow by the scale and colours stay`(scale: UpsamplerModel.Scale) throws {
    let picture = Pictures.waves(width: 90, height: 77)
    let result = try enlarged(picture, by: scale)
    #expect(result.width == 90 * scale.rawValue && result.height == 77 * scale.rawValue)
    for channel in 0..<3 {
      func mean(_ image: Image) -> Float {
        let values = image.plane(channel: channel).values
        return values.reduce(0, +) / Float(values.count)
      }
      #expect(abs(mean(result) - mean(picture)) < 2, "channel \(channel)")
    }
  }

  /// A pattern of squares or stripes would show where there is nothing to see.
  @Test(arguments: UpsamplerModel.Scale.allCases, [UInt8(40), 128, 215])
  func `one colour stays one colour`(scale: UpsamplerModel.Scale, level: UInt8) throws {
    for way in Self.ways {
      let result = try enlarged(Pictures.plain(width: 80, height: 64, level: level), by: scale, way)
      let inner = result.cropped(x: 24, y: 24, width: result.width - 48, height: result.height - 48).pixels8
      let (least, greatest) = (inner.min() ?? 0, inner.max() ?? 0)
      #expect(
        greatest - least <= 3 && abs(Int(least) - Int(level)) <= 4,
        "\(least)...\(greatest) of \(level), \(way)")
    }
  }

  @Test func `edges come out steeper than interpolation makes them`() throws {
    // A slanted edge, so that no row can be kept as it is.
    let (side, small) = (256, 128)
    let pixels = (0..<side).flatMap { y in
      (0..<side).flatMap { x in [UInt8](repeating: 2 * x + y < 380 ? 60 : 190, count: 3) }
    }
    let original = Image(width: side, height: side, colorModel: .rgb, pixels: pixels)
    let reduced = original.resized(width: small, height: small, filter: .bicubic)
    func error(_ image: Image) -> Double { Similarity.psnr(image, original) }
    let interpolated = error(reduced.resized(width: side, height: side, filter: .bicubic))
    for way in Self.ways { #expect(try error(enlarged(reduced, way)) > interpolated + 1, "\(way)") }
  }

  /// Bytes are as good an enlargement as floats; what differs is far below what the enlargement itself gets wrong.
  @Test(arguments: UpsamplerModel.Scale.allCases)
  func `bytes give what floats give`(scale: UpsamplerModel.Scale) throws {
    let original = try ImageFile(path: TestPaths.fixtures.appending(path: "formats/rgb16.png").path)
      .decode().image.resized(width: 320, height: 256, filter: .bicubic)
    for picture in [Pictures.waves(width: 160, height: 128), original, Pictures.mosaic()] {
      let reduced = picture.resized(
        width: picture.width / 2, height: picture.height / 2, filter: .bicubic)
      let (floats, bytes) = (
        try enlarged(reduced, by: scale, .floats), try enlarged(reduced, by: scale, .bytes)
      )
      #expect(Similarity.psnr(floats, bytes) > 36, "\(Similarity.psnr(floats, bytes)) dB")
    }
  }

  @Test(arguments: ways) func `tiles have no seams`(way: UpsamplerModel.Arithmetic) throws {
    let picture = Pictures.waves(width: 203, height: 148)
    for scale in UpsamplerModel.Scale.allCases {
      let whole = try enlarged(picture, by: scale, tile: 8192, way)
      // Rounding may differ in the last bit where kernels cut the work in another way.
      for tile in [200, 404] {
        let difference = Pictures.difference(whole, try enlarged(picture, by: scale, tile: tile, way))
        #expect(difference <= 1, "tile \(tile), \(scale)")
      }
    }
  }

  @Test(arguments: ways) func `one thread and two give the same bits`(way: UpsamplerModel.Arithmetic) throws {
    let picture = Pictures.waves()
    let one = try Parallelism.withThreads(1) { try enlarged(picture, by: .four, tile: 400, way) }
    let two = try Parallelism.withThreads(2) { try enlarged(picture, by: .four, tile: 400, way) }
    #expect(one == two)
  }

  @Test(arguments: ["grey8.png", "greyalpha16.png", "rgb16.png", "rgba8.png", "cmyk.jpg", "palette8.png"])
  func `pictures of every kind are enlarged and keep their alpha`(name: String) throws {
    let file = try ImageFile(path: TestPaths.fixtures.appending(path: "formats/\(name)").path)
    let image = try file.decode().image.resized(width: 70, height: 65, filter: .bicubic)
    let result = try enlarged(image)
    #expect(result.width == 140 && result.height == 130)
    #expect(result.colorModel.hasAlpha == image.colorModel.hasAlpha)
    guard image.colorModel.hasAlpha else { return }
    let alpha = image.resized(width: 140, height: 130, filter: .bicubic).pixels8
    let (channels, after) = (image.channels, result.pixels8)
    #expect((0..<result.pixelCount).allSatisfy { after[4 * $0 + 3] == alpha[channels * $0 + channels - 1] })
  }

  @Test func `sizes and models that do not fit are named`() throws {
    for (width, height, scale, code, remedy) in [
      (200, 63, UpsamplerModel.Scale.two, "upscale.small", "enlarge it 4 times"),
      (200, 31, .two, "upscale.small", "give a larger picture"),
      (200, 31, .four, "upscale.small", "give a larger picture"),
      (1, 1, .two, "upscale.small", "give a larger picture"),
      (1, 1500, .two, "upscale.small", "give a larger picture"),
      (2049, 64, .two, "upscale.large", "give a smaller picture"),
      (1025, 64, .four, "upscale.large", "enlarge it 2 times"),
    ] {
      let error = #expect(throws: GeneratorError.self) {
        try enlarged(Pictures.plain(width: width, height: height), by: scale)
      }
      #expect(error?.code == code && error?.remedy == remedy, "\(width) × \(height): \(error?.remedy ?? "")")
    }
    for (name, expected) in [("none", "model.unknown"), ("style", "model.kind")] {
      let error = #expect(throws: GeneratorError.self) { try UpsamplerModel(name) }
      #expect(error?.code == expected)
    }
  }

  /// Weights that are finite and whose sums are not: found by reading, as they ended the program.
  @Test func `weights that no training gives are refused`() throws {
    let shipped = TestPaths.root.appending(path: "Sources/Generators/Resources/upsampler/weights.safetensors")
    var weights = try Safetensors(path: shipped.path)
    let name = try #require(weights.tensors.keys.filter { $0.hasSuffix("weight") }.min())
    weights.tensors[name] = weights.tensors[name]?.map { _ in 3e38 }
    let place = try ScratchPlace()
    defer { withExtendedLifetime(place) {} }
    let file = place.url.appending(path: "large.safetensors")
    try weights.write(to: file.path)
    let error = #expect(throws: GeneratorError.self) { try UpsamplerModel(file.path) }
    #expect(error?.code == "model.architecture" && error?.location.path == name)
  }

  @Test func `an enlarged generated picture is marked and names both models`() throws {
    let picture = try PictureModelTests.model.get().picture(.init(seed: 5))
    let result = try Self.model.get().upscale(picture, by: .two)
    #expect(result.identifier != picture.identifier)
    let file = try OutputMarker(testKeyAt: Date()).mark(result)
    #expect(AssayMark().read(try Pictures.decoded(file)).marks.first?.payload.hex == file.identifier)
    let report = CredentialsReader().report(on: file.bytes)
    #expect(report.state == .valid, "\(report)")
    let actions = try #require(report.active?.actions)
    #expect(actions.map(\.action) == ["c2pa.created", "c2pa.edited", "c2pa.watermarked.bound"])
    #expect(actions[0].softwareAgent?.contains("Assay untrained") == true)
    #expect(actions[1].softwareAgent?.contains("Assay upsampler") == true)
    #expect(actions[1].description == "enlarged 2 times")
    #expect(report.origin.kind == .generated)
    let sheet = try OutputMarker(testKeyAt: Date()).mark(PictureModel.sheet([result, result], columns: 2))
    #expect(
      CredentialsReader().report(on: sheet.bytes).active?.actions.contains {
        $0.softwareAgent?.contains("Assay upsampler") == true
      } == true)
  }

  /// Half of these came out as `dwtDct` marks of a generator: Assay's own mark moves their bits together.
  @Test(arguments: [380, 390, 395, 400, 405, 410])
  func `a smooth ramp that is enlarged and marked shows no mark but Assay's`(slope: Int) throws {
    let row = (0..<160).map { UInt16($0 * slope) }
    let ramp = Image(
      width: 160, height: 120, colorModel: .grey, pixels16: (0..<120).flatMap { _ in row })
    let payload = try #require(Payload(hex: "29d6bac4e4781047"))
    let reading = OpenMarkReader(effort: .ownGrid).read(
      try AssayMark().embed(payload, in: try enlarged(ramp)))
    #expect(reading.own.marks.map(\.payload) == [payload])
    #expect(reading.foreign.marks.isEmpty)
  }

  @Test func `an enlarged photo keeps it as parent and counts as edited`() throws {
    let photo = Pictures.waves()
    let result = try Self.model.get().upscale(photo, by: .two, source: Pictures.source(photo))
    let report = CredentialsReader().report(on: try OutputMarker(testKeyAt: Date()).mark(result).bytes)
    #expect(report.state == .valid, "\(report)")
    #expect(
      report.active?.actions.map(\.action) == ["c2pa.opened", "c2pa.edited", "c2pa.watermarked.bound"])
    #expect(report.origin.kind == .editedWithAI)
  }
}

/// A run of a few steps: what is tested is that it goes through, not what it learns.
struct UpsamplerTrainingTests {
  private func trained(
    _ pictures: PictureSet, details: PictureSet?, steps: Int, folder: String
  ) throws -> (bytes: Data, sheets: [Int]) {
    var settings = UpsamplerTrainer.Settings()
    settings.steps = steps
    settings.batch = 3
    settings.warmUp = 1
    settings.observeEvery = 2
    let trainer = try UpsamplerTrainer(
      pictures: pictures, details: details, weights: TrainingTests.weights(), settings: settings,
      folder: folder)
    var sheets: [Int] = []
    let bytes = try trainer.train(as: ModelIdentity(name: "test", version: "0")) { step, _ in
      sheets.append(step)
    }
    return (bytes, sheets)
  }

  private func set(_ count: Int, side: Int, in folder: URL) throws -> PictureSet {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for seed in 0..<count {
      let image = Pictures.waves(width: side, height: side, seed: seed)
      try Data(ImageEncoder.png(image)).write(to: folder.appending(path: "\(100 + seed).png"))
    }
    return try PictureSet(folders: [folder.path], side: side)
  }

  @Test func `a run that was cut off ends with the weights of one that never stopped`() throws {
    let scratch = try ScratchPlace()
    let pictures = try set(21, side: 128, in: scratch.url.appending(path: "pictures"))
    let details = try set(2, side: 220, in: scratch.url.appending(path: "details"))
    func run(_ steps: Int, _ name: String) throws -> (bytes: Data, sheets: [Int]) {
      try trained(
        pictures, details: details, steps: steps, folder: scratch.url.appending(path: name).path)
    }
    let whole = try run(4, "whole")
    #expect(whole.sheets == [2, 4])
    // The second step is the first with a discriminator; a new process knows only the folder.
    #expect(try run(2, "cut").bytes != whole.bytes)
    #expect(try run(4, "cut").bytes == whole.bytes)
    let file = scratch.url.appending(path: "model.safetensors")
    try whole.bytes.write(to: file)
    let result = try UpsamplerModel(file.path).enlarged(Pictures.waves(), by: .two, tile: 256)
    #expect(result.width == 320 && result.height == 288)
  }

  @Test func `one picture in twenty is kept apart`() throws {
    let scratch = try ScratchPlace()
    let set = try set(41, side: 32, in: scratch.url.appending(path: "pictures"))
    let (trained, held) = set.split()
    #expect(held.names == ["119.png", "139.png"] && trained.count == 39)
    #expect(!trained.names.contains("119.png") && held.image(0) == set.image(19))
  }
}
