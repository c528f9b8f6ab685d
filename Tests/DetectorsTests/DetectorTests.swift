import Detectors
import Evaluation
import Foundation
import ImageFormats
import Images
import NeuralNetworks
import Spectra
import Tensors
import TestSupport
import Testing

/// A detector with random heads: everything but its accuracy can be tested on it.
func untrained() throws -> Detector {
  let encoder = try PictureEncoder.installed.get()
  var random = RandomStream(seed: 7)
  let head = DetectorHead(
    means: [Float](repeating: 0, count: encoder.inputs),
    spreads: [Float](repeating: 1, count: encoder.inputs),
    units: 8, random: &random)
  var rows: [[Float]] = []
  for seed in 0..<8 {
    let image = SpectralFeaturesSupport.noise(64, seed: UInt64(seed))
    rows.append(try SpectralFeatures(of: image).values)
  }
  let regression = try LogisticRegression(
    rows: rows, labels: (0..<8).map { $0 % 2 == 0 }, importance: [Float](repeating: 1, count: 8), penalty: 10)
  let spectral = SpectralClassifier(
    regressions: Dictionary(
      uniqueKeysWithValues: SpectralClassifier.Compression.allCases.map { ($0, regression) }))
  let source = Detector.Card.Source(name: "noise", kind: "noise", isGenerated: true, count: 8)
  let tokens = encoder.tokens(of: SpectralFeaturesSupport.noise(64, seed: 1))
  return Detector(
    card: Detector.Card(
      trainedBy: "a test", seed: 7, steps: 0, real: 0, generated: 0, owners: 0, encoder: encoder.checksums,
      calibration: try CalibrationTests.fitted(), spectral: spectral, sources: [source]),
    heads: [head], encoder: encoder, centres: Detector.centres([[tokens]], head: head, encoder: encoder))
}

enum SpectralFeaturesSupport {
  static func noise(_ width: Int, _ height: Int? = nil, seed: UInt64) -> Image {
    var random = SplitMix(state: seed)
    let height = height ?? width
    return Image(
      width: width, height: height, colorModel: .rgb,
      pixels: (0..<3 * width * height).map { _ in UInt8.random(in: 0...255, using: &random) })
  }
}

extension Image {
  /// The first channel alone.
  fileprivate var grey: Image {
    Image(
      width: width, height: height, colorModel: .grey,
      pixels: stride(from: 0, to: pixels8.count, by: channels).map { pixels8[$0] })
  }
}

struct DetectorTests {
  @Test func `a picture that is too small or flat gets a reason and no score`() throws {
    let detector = try untrained()
    for (width, height, word) in [
      (1, 1, "small"), (16, 16, "small"), (2000, 127, "small"), (256, 256, "flat"),
    ] {
      let image = Image(
        width: width, height: height, colorModel: .rgb,
        pixels: [UInt8](repeating: 90, count: 3 * width * height))
      guard case .unfit(let reason) = detector.judge(image, luminance: image.luminance()) else {
        Issue.record("\(width)×\(height) was scored")
        continue
      }
      #expect(reason.contains(word))
    }
  }

  /// Strokes on paper, as a page of text has them, with the paper's grain; `share` of it is paper.
  private static func page(paper share: Double) -> Image {
    var random = SplitMix(state: 11)
    let pixels = (0..<300 * 300).flatMap { place -> [UInt8] in
      let isInk = Double(place % 300) / 300 >= share
      let grey: UInt8 = isInk ? .random(in: 0...255, using: &random) : .random(in: 228...236, using: &random)
      return [grey, grey, grey]
    }
    return Image(width: 300, height: 300, colorModel: .rgb, pixels: pixels)
  }

  @Test(arguments: [(0.93, true), (0.8, false)])
  func `a page of text gets a reason and no score, a picture before much sky gets one`(
    paper: Double, isUnfit: Bool
  ) throws {
    let detector = try untrained()
    for image in [Self.page(paper: paper), Self.page(paper: paper).grey] {
      let outcome = detector.judge(image, luminance: image.luminance())
      switch outcome {
      case .unfit(let reason): #expect(isUnfit && reason.contains("pages of text"), "\(reason)")
      case .opinion: #expect(!isUnfit)
      }
    }
  }

  @Test(arguments: [128, 129, 700])
  func `scores are finite, within bounds, and the same on one thread and on two`(side: Int) throws {
    let detector = try untrained()
    let image = SpectralFeaturesSupport.noise(side, side + 31, seed: 9)
    func opinion(_ threads: Int) throws -> Detector.Opinion {
      let outcome = Parallelism.withThreads(threads) {
        detector.judge(image, luminance: image.luminance(), quality: 80)
      }
      guard case .opinion(let opinion) = outcome else { throw CocoaError(.featureUnsupported) }
      return opinion
    }
    let (one, two) = (try opinion(1), try opinion(2))
    #expect(one.network == two.network && one.spectral == two.spectral && one.probability == two.probability)
    #expect((0...1).contains(one.probability))
    #expect(one.network.isFinite && one.spectral?.isFinite == true)
    #expect(one.similar.map(\.source.name) == ["noise"])
    #expect(abs(one.similar[0].similarity) <= 1.0001)
  }

  @Test func `the most textured places are looked at, in reading order and each once`() throws {
    // Faint grain everywhere, strong grain in one corner: 4 × 3 places of 128 pixels.
    let (width, height) = (1536, 1024)
    var random = SplitMix(state: 4)
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        let grain = x >= 1024 && y < 384 ? 60 : 3
        pixels += [UInt8](repeating: UInt8(128 + Int.random(in: -grain...grain, using: &random)), count: 3)
      }
    }
    let image = Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
    let regions = CropSelection.of(image.luminance())
    #expect(regions.count == 9)
    let inCorner = regions.filter { $0.x >= 1024 - 64 && $0.y <= 384 - 64 }
    #expect(inCorner.count >= 4)
    #expect(regions == regions.sorted { ($0.y, $0.x) < ($1.y, $1.x) })
    for (place, one) in regions.enumerated() {
      for other in regions[(place + 1)...] {
        #expect(abs(one.x - other.x) >= one.width || abs(one.y - other.y) >= one.height)
      }
    }
  }

  @Test func `every colour model and depth is judged`() throws {
    let detector = try untrained()
    let color = SpectralFeaturesSupport.noise(128, seed: 10)
    var sixteen = [UInt16]()
    for value in color.pixels8 { sixteen.append(UInt16(value) * 257) }
    let deep = Image(width: 128, height: 128, colorModel: .rgb, pixels16: sixteen)
    var withAlpha: [UInt8] = []
    for place in 0..<128 * 128 { withAlpha += color.pixels8[3 * place..<3 * place + 3] + [0] }
    let clear = Image(width: 128, height: 128, colorModel: .rgba, pixels: withAlpha)
    var probabilities: [Double] = []
    for image in [color, deep, clear] {
      guard case .opinion(let opinion) = detector.judge(image, luminance: image.luminance()) else {
        Issue.record("not judged")
        continue
      }
      probabilities.append(opinion.probability)
    }
    // The same picture, however it is stored; luminance rounds differently from 16 bits.
    let spread = (probabilities.max() ?? 1) - (probabilities.min() ?? 0)
    #expect(probabilities.count == 3 && spread < 1e-3)
  }

  @Test func `a weight file gives the detector back, and a damaged one an error`() throws {
    let detector = try untrained()
    let bytes = try detector.encoded()
    let read = try Detector(weights: bytes)
    #expect(try read.encoded() == bytes)
    #expect(throws: DetectorError.self) { try Detector(weights: Array(bytes.dropLast(1))) }
    #expect(throws: DetectorError.self) { try Detector(weights: Array(bytes.prefix(1000))) }
    #expect(throws: DetectorError.self) { try Detector(weights: []) }
  }

  @Test func `weights that are not numbers, and those for another encoder, are refused by name`() throws {
    let detector = try untrained()
    func refusal(_ change: (inout Safetensors) throws -> Void) throws -> DetectorError? {
      var file = try Safetensors(data: Data(detector.encoded()))
      try change(&file)
      do {
        _ = try Detector(weights: [UInt8](file.encoded()))
        return nil
      } catch { return error }
    }
    let notNumber = try refusal { $0.tensors["heads.0.output.bias"] = Tensor([.nan], shape: [1]) }
    #expect(notNumber?.code == "detector.weights")
    let short = try refusal { $0.tensors["heads.0.means"] = Tensor([0, 0], shape: [2]) }
    #expect(short?.code == "detector.weights")
    // A few kilobytes must not ask for gigabytes.
    let large = try refusal { file in
      file.tensors["heads.0.hidden.bias"] = Tensor([200_000])
    }
    #expect(large?.code == "detector.weights")
    let loud = try refusal { file in
      file.metadata["assay.detector"] = try #require(file.metadata["assay.detector"])
        .replacing("\"a test\"", with: "\"a \\u001b[2J test\"")
    }
    #expect(loud?.code == "detector.weights")
    let foreign = try refusal { file in
      let card = try #require(file.metadata["assay.detector"])
      file.metadata["assay.detector"] = card.replacing(
        String(detector.card.encoder[0]), with: String(detector.card.encoder[0] ^ 1))
    }
    #expect(foreign?.code == "detector.encoder")
    #expect(try refusal { _ in } == nil)
  }

  @Test func `pictures of every shape are judged or refused, and none takes it down`() throws {
    let detector = try untrained()
    for (width, height) in [(128, 4000), (4000, 128), (129, 129), (641, 191)] {
      let image = SpectralFeaturesSupport.noise(width, height, seed: 3)
      guard case .opinion(let opinion) = detector.judge(image, luminance: image.luminance(), quality: 30)
      else {
        Issue.record("\(width)×\(height) was not judged")
        continue
      }
      #expect(opinion.probability.isFinite)
    }
  }

  @Test func `a heat map covers the picture and is drawn at its size`() throws {
    let detector = try untrained()
    let image = SpectralFeaturesSupport.noise(300, 1100, seed: 11)
    let map = try #require(detector.heatMap(of: image, luminance: image.luminance()))
    #expect(map.cells.map { $0.region.x + $0.region.width }.max() == 300)
    #expect(map.cells.map { $0.region.y + $0.region.height }.max() == 1100)
    #expect(
      map.cells.allSatisfy { $0.region.x + $0.region.width <= 300 && $0.region.y + $0.region.height <= 1100 })
    let drawing = map.drawing(over: image.luminance(), limit: 0.5)
    #expect(drawing.width == 300 && drawing.height == 1100)
    // A region is framed twice.
    let framed = map.drawing(
      over: image.luminance(), limit: 2, standout: PixelRegion(x: 64, y: 128, width: 128, height: 192))
    let plain = map.drawing(over: image.luminance(), limit: 2)
    let changed = zip(framed.pixels8, plain.pixels8).count { $0 != $1 }
    #expect(changed > 3 * 900 && changed < 3 * 1300)
    #expect(map.cells.count <= HeatMap.most)
    let long = SpectralFeaturesSupport.noise(128, 4608, seed: 13)
    let reduced = try #require(detector.heatMap(of: long, luminance: long.luminance()))
      .drawing(over: long.luminance(), limit: 0.5)
    #expect(reduced.height == HeatMap.largestDrawing && (113...114).contains(reduced.width))
    let small = SpectralFeaturesSupport.noise(127, seed: 12)
    #expect(detector.heatMap(of: small, luminance: small.luminance()) == nil)
  }
}
