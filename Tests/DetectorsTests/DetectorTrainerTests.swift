import Detectors
import Evaluation
import Foundation
import ImageFormats
import Images
import NeuralNetworks
import Synchronization
import Tensors
import TestSupport
import Testing
import Training

struct DetectorTrainerTests {
  /// An index of ten sources of each label, with as many crops of noise as ``count`` each, one of them large enough for
  /// four smaller ones.
  private func index(in folder: URL, count: Int) throws -> CropIndex {
    var lines = ["path,split,label,generator,source,original_width,original_height,original_format"]
    for source in 0..<20 {
      for number in 0..<count {
        let name = "\(source)-\(number).png"
        let image = SpectralFeaturesSupport.noise(
          number == 0 ? 192 : 144, seed: UInt64(100 * source + number))
        try Data(ImageEncoder.png(image)).write(to: folder.appending(path: name))
        let split = source < 18 ? "train" : "val"
        lines.append("\(name),\(split),\(source % 2 == 0 ? "ai" : "real"),noise,s\(source),800,600,png")
      }
    }
    try Data(lines.joined(separator: "\n").utf8).write(to: folder.appending(path: "index.csv"))
    return try CropIndex(folder: folder)
  }

  @Test func `networks without a fifth each are trained, judge their fifth and ship as their mean`()
    throws
  {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-detector-\(UUID().uuidString)")
    let data = folder.appending(path: "data")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let index = try index(in: data, count: 11)
    var random = RandomStream(seed: 3)
    let start = folder.appending(path: "start.safetensors")
    try Safetensors(tensors: EfficientNetLite0(random: &random).weights).write(to: start.path)
    var settings = DetectorTrainer.Settings()
    settings.steps = 2
    settings.batch = 4
    settings.folds = [1, 3]
    settings.statisticsBatches = 2
    let said = Mutex<[String]>([])
    let trainer = try DetectorTrainer(
      index: index, start: start, folder: folder.appending(path: "run"), settings: settings
    ) { line in said.withLock { $0.append(line) } }
    let bytes = try trainer.run()
    let detector = try Detector(weights: bytes)
    #expect(detector.card.heldOut == [1, 3])
    let judged = index.items.filter { !$0.isValidation && [1, 3].contains($0.fold) }
    #expect(detector.card.calibration.realCount == judged.count { !$0.isGenerated })
    #expect(detector.card.calibration.generatedCount == judged.count(where: \.isGenerated))
    #expect(detector.card.calibration.withinShare > 0 && detector.card.calibration.withinShare <= 1)

    // What was trained for other steps is not taken for this run.
    settings.steps = 3
    #expect(throws: DetectorError.self) {
      try DetectorTrainer(
        index: index, start: start, folder: folder.appending(path: "run"), settings: settings
      ).run()
    }

    // The weights are the mean of the fifths' networks.
    let shipped = try Safetensors(data: Data(bytes))
    let folds = try [1, 3].map { fold in
      try Safetensors(path: CropIndex.foldFile(fold, in: folder.appending(path: "run")).path)
    }
    let key = "_blocks.5._project_conv.weight"
    let values = try ([shipped] + folds).map { try #require($0.tensors[key]).values }
    for place in 0..<values[0].count {
      #expect(abs(values[0][place] - (values[1][place] + values[2][place]) / 2) < 2e-3)
    }

    // Each fifth is judged by the detector that never saw it.
    let set = EvaluationSet(index, folds: [1, 3])
    let detectors = try [1, 3].map { fold in
      let file = CropIndex.foldFile(fold, in: folder.appending(path: "run"))
      return (fold, try Detector(weights: [UInt8](Data(contentsOf: file))))
    }
    let evaluation = try DetectorEvaluation(
      set, name: "a test", detector: detector, folds: Dictionary(uniqueKeysWithValues: detectors),
      launderings: [.jpeg85])
    #expect(evaluation.rows.first?.metrics.real == judged.count { !$0.isGenerated })
  }

  @Test func `aligned fakes come from one autoencoder of each kind and change what is learned`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-aligned-\(UUID().uuidString)")
    let data = folder.appending(path: "data")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let index = try index(in: data, count: 11)
    var random = RandomStream(seed: 3)
    let start = folder.appending(path: "start.safetensors")
    try Safetensors(tensors: EfficientNetLite0(random: &random).weights).write(to: start.path)
    func trained(_ share: Float, in name: String) throws -> [UInt8] {
      var settings = DetectorTrainer.Settings()
      (settings.steps, settings.batch, settings.folds) = (1, 4, [1])
      (settings.alignedShare, settings.reconstructorSteps) = (share, 1)
      return try DetectorTrainer(
        index: index, start: start, folder: folder.appending(path: name), settings: settings
      ).run()
    }
    let aligned = try trained(1, in: "first")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "first").path)
    #expect(files.count { $0.hasPrefix("reconstructor-") && $0.hasSuffix(".safetensors") } == 8)
    #expect(try trained(1, in: "second") == aligned)
    #expect(try trained(0, in: "third") != aligned)
    // Where every source is held out nothing is left to train autoencoders on.
    var settings = DetectorTrainer.Settings()
    (settings.folds, settings.alignedShare) = (Array(0...4), 1)
    #expect(throws: DetectorError.self) {
      try DetectorTrainer(
        index: index, start: start, folder: folder.appending(path: "fourth"), settings: settings
      ).run()
    }
  }
}
