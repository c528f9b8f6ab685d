import Foundation
import Generators
import ImageFormats
import NeuralNetworks
import Tensors
import Testing

struct TrainingTests {
  /// A fixed network with random weights: what is tested is that a run goes through, not what it learns.
  static func weights() -> Safetensors {
    var random = RandomStream(seed: 5)
    return Safetensors(tensors: EfficientNetLite0(random: &random).weights)
  }

  @Test func `the generator nearest to the real pictures is the model, across an interruption too`() throws {
    let scratch = try ScratchPlace()
    for seed in 0..<3 {
      let image = Pictures.waves(width: 64, height: 64, seed: seed)
      try Data(ImageEncoder.png(image)).write(to: scratch.url.appending(path: "\(seed).png"))
    }
    let distances: [Int: Double] = [1: 9, 2: 4, 3: 5, 4: .nan, 5: 4]
    func trained(_ steps: Int, _ folder: String) throws -> (model: Data, told: String) {
      var settings = AdversarialTrainer.Settings()
      settings.steps = steps
      settings.batch = 2
      settings.observeEvery = 1
      var trainer = AdversarialTrainer(
        pictures: try PictureSet(folders: [scratch.url.path], side: 64),
        features: try PictureFeatures(weights: Self.weights()), settings: settings,
        folder: scratch.url.appending(path: folder).path)
      trainer.distance = { distances[$0] ?? 0 }
      var told = ""
      let model = try trainer.run(as: ModelIdentity(name: "test", version: "0")) {
        told = $0
      } keep: { _, _ in
      }
      return (model, told)
    }
    let second = try trained(2, "two")
    #expect(second.told.contains("of step 2"), "the first is worse: \(second.told)")
    #expect(try trained(3, "cut").model == second.model)
    let whole = try trained(5, "cut")
    #expect(whole.model == second.model && whole.told.contains("of step 2"), "\(whole.told)")
  }

  @Test(arguments: PictureGenerator.Plan.sides)
  func `a generator of any side trains, is observed and is written`(side: Int) throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-training-\(side)-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for seed in 0..<3 {
      let image = Pictures.waves(width: side, height: side, seed: seed)
      try Data(ImageEncoder.png(image)).write(to: folder.appending(path: "\(seed).png"))
    }
    var settings = AdversarialTrainer.Settings()
    settings.steps = 2
    settings.batch = 2
    settings.observeEvery = 2
    settings.samples = 20
    let trainer = AdversarialTrainer(
      pictures: try PictureSet(folders: [folder.path], side: side, least: 1),
      features: try PictureFeatures(weights: Self.weights()), settings: settings,
      folder: folder.appending(path: "run").path)
    var sheets: [Int] = []
    var told: [String] = []
    let bytes = try trainer.run(as: ModelIdentity(name: "test", version: "0")) {
      told.append($0)
    } keep: { step, _ in
      sheets.append(step)
    }
    #expect(sheets == [2])
    #expect(told.last?.contains("of step 2") == true, "\(told)")
    let file = folder.appending(path: "model.safetensors")
    try bytes.write(to: file)
    let picture = try PictureModel(file.path).picture(.init(seed: 1, index: 0))
    #expect(picture.width == side && picture.height == side)
  }

  @Test func `a generator of twice the side begins with the layers of the smaller one`() throws {
    var random = RandomStream(seed: 3)
    let small = PictureGenerator(.init(side: 128), random: &random)
    var large = PictureGenerator(.init(side: 256), random: &random)
    let fresh = large.weights
    try large.grow(from: small)
    let (given, grown) = (small.weights, large.weights)
    for (key, value) in grown {
      if let source = given[key], key != "colour.weight" {
        #expect(value.values == source.values, "\(key)")
      } else {
        #expect(value.values == fresh[key]?.values, "\(key)")
      }
    }
    #expect(given.keys.allSatisfy { grown[$0] != nil })
    #expect { try large.grow(from: PictureGenerator(.init(side: 64), random: &random)) } throws: {
      ($0 as? NetworkError)?.code == "weights.shape"
    }
  }
}
