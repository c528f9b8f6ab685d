import Foundation
import Generators
import ImageFormats
import NeuralNetworks
import Tensors
import Testing

struct TrainingTests {
  /// A fixed network with random weights: what is tested is that a run goes through, not what it learns.
  private static func weights() -> Safetensors {
    var random = RandomStream(seed: 5)
    return Safetensors(tensors: EfficientNetLite0(random: &random).weights)
  }

  @Test(arguments: [64, 128])
  func `a generator of either side trains, is observed and is written`(side: Int) throws {
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
    let bytes = try trainer.run(as: ModelIdentity(name: "test", version: "0")) { _ in
    } keep: { step, _ in
      sheets.append(step)
    }
    #expect(sheets == [2])
    let file = folder.appending(path: "model.safetensors")
    try bytes.write(to: file)
    let picture = try PictureModel(file.path).picture(.init(seed: 1, index: 0))
    #expect(picture.width == side && picture.height == side)
  }
}
