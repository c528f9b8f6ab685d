import Detectors
import Evaluation
import Foundation
import ImageFormats
import Images
import Synchronization
import TestSupport
import Testing
import Training

/// Pictures of noise whose colour tells the class, and their features.
private struct TinySet {
  let folder: URL
  let index: PictureIndex

  /// Fourteen owners of each label with two pictures each, and one of each for validation; and further owners of screenshots,
  /// which are green.
  init(interfaces: Int = 0, side: Int = 128) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "assay-detector-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var lines = ["path,label,generator,source,repo,format,width,height,split"]
    for owner in 0..<30 + interfaces {
      let isInterface = owner >= 30
      let isGenerated = owner % 2 == 0 && !isInterface
      for number in 0..<2 {
        let name = "\(owner)-\(number).png"
        let noise = SpectralFeaturesSupport.noise(side, seed: UInt64(100 * owner + number))
        let pixels = noise.pixels8.enumerated().map {
          $0 % 3 == (isInterface ? 1 : isGenerated ? 0 : 2) ? $1 / 2 + 127 : $1 / 2
        }
        try Data(ImageEncoder.png(Image(width: side, height: side, colorModel: .rgb, pixels: pixels)))
          .write(to: folder.appending(path: name))
        lines.append(
          "\(name),\(isGenerated ? "ai" : "real"),\(isInterface ? "interface" : "noise"),s\(owner),o\(owner)/r,PNG,\(side),\(side),"
            + ((28..<30).contains(owner) ? "val" : "train")
        )
      }
    }
    let list = folder.appending(path: "index.csv")
    try Data(lines.joined(separator: "\n").utf8).write(to: list)
    index = try PictureIndex([list.path])
  }
}

struct DetectorTrainerTests {
  @Test func `heads are trained, calibrated on owners they never saw, and come out the same again`() throws {
    let set = try TinySet()
    defer { try? FileManager.default.removeItem(at: set.folder) }
    let cache = try FeatureCache(folder: set.folder.appending(path: "features"))
    #expect(try cache.fill(set.index, workers: 2) { _ in }.isEmpty)
    var settings = DetectorTrainer.Settings()
    (settings.steps, settings.batch, settings.units, settings.heads) = (40, 16, 8, 2)
    func trained(_ run: String) throws -> DetectorTrainer.Outcome {
      try DetectorTrainer(
        index: set.index, cache: cache, folder: set.folder.appending(path: run), settings: settings
      ).run()
    }
    let first = try trained("first")
    let detector = try Detector(weights: first.weights)
    #expect(detector.card.real == 28 && detector.card.generated == 28 && detector.card.owners == 28)
    #expect(detector.card.calibration.realCount == 28)
    #expect(try trained("second").weights == first.weights)

    // The checkpoints of one training are not taken for those of another.
    settings.seed = 2
    #expect {
      try trained("first")
    } throws: {
      ($0 as? DetectorError)?.code == "detector.run"
    }

    // Red and blue are told apart on owners that the judging heads never saw.
    #expect(first.crossValidation.rows.map(\.laundering) == ["none", "journey"])
    #expect(try #require(first.crossValidation.rows[0].metrics.auc) > 0.95)
    let validation = try #require(first.validation)
    #expect(validation.rows.map(\.laundering) == ["none", "web", "social"])
    #expect(validation.rows[0].metrics.real == 2 && validation.rows[0].metrics.generated == 2)

    // Features give what pictures give.
    let measured = try DetectorEvaluation(
      EvaluationSet(set.index), name: "a test", detector: detector, launderings: [.none, .web])
    for (own, cached) in zip(measured.rows, validation.rows) {
      #expect(own.metrics.auc == cached.metrics.auc && own.detected == cached.detected)
    }
  }

  @Test func `a trial of training the encoder judges owners it never saw, and goes on where it stopped`()
    throws
  {
    let set = try TinySet(interfaces: 2)
    defer { try? FileManager.default.removeItem(at: set.folder) }
    var settings = EncoderTrial.Settings()
    (settings.pictures, settings.rounds, settings.batch) = (20, 1, 4)
    let told = Mutex<[String]>([])
    func tried() throws -> EncoderTrial.Outcome {
      try EncoderTrial(index: set.index, folder: set.folder.appending(path: "trial"), settings: settings) {
        line in told.withLock { $0.append(line) }
      }.run()
    }
    let first = try tried()
    #expect(first.pictures == 20 && first.sources == 20 && first.owners == 20 && first.rounds.count == 5)
    #expect(first.comparison.real == 10 && first.comparison.generated == 10)
    // Red and blue are told apart.
    #expect(try #require(first.comparison.auc.before) > 0.9)
    #expect(try #require(first.comparison.auc.after) > 0.9)
    let files = try FileManager.default.subpathsOfDirectory(atPath: set.folder.appending(path: "trial").path)
    #expect(files.count { $0.hasSuffix(".tokens") } == 20)
    #expect(!files.contains { $0.hasSuffix("checkpoint.safetensors") })

    // What is known is not computed again.
    told.withLock { $0 = [] }
    let second = try tried()
    #expect(second.rounds == first.rounds && second.comparison.auc.after == first.comparison.auc.after)
    #expect(!told.withLock { $0.contains { $0.contains("loss") } })
    settings.rate = 1e-4
    #expect {
      try tried()
    } throws: {
      ($0 as? DetectorError)?.code == "detector.run"
    }
  }

  @Test func `a trial of a head for windows comes out the same again, and goes on from no other pictures`()
    throws
  {
    let set = try TinySet(side: 400)
    defer { try? FileManager.default.removeItem(at: set.folder) }
    var settings = RegionTrial.Settings()
    (settings.composites, settings.validation, settings.windows) = (40, 8, 2)
    (settings.head.steps, settings.head.batch, settings.head.units) = (30, 16, 8)
    func tried(_ index: PictureIndex, _ run: String) throws -> RegionTrial.Outcome {
      try RegionTrial(index: index, settings: settings).run(folder: set.folder.appending(path: run))
    }
    let first = try tried(set.index, "first")
    #expect(first.composites == 40 && first.windows > 40)
    // Red and blue are told apart.
    #expect(first.heldOut.overAllWindows > 0.8)
    func text(_ outcome: RegionTrial.Outcome) throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return String(decoding: try encoder.encode(outcome), as: UTF8.self)
    }
    #expect(try text(tried(set.index, "second")) == text(first))
    #expect(try text(tried(set.index, "first")) == text(first))
    // Other pictures, of which nothing could be learned either: they are smaller than what composites are made of.
    let other = try TinySet()
    defer { try? FileManager.default.removeItem(at: other.folder) }
    for (run, code) in [("first", "detector.run"), ("third", "detector.classes")] {
      #expect {
        _ = try tried(other.index, run)
      } throws: {
        ($0 as? DetectorError)?.code == code
      }
    }
  }

  @Test func `a trial of tiles judges owners it never saw, and goes on where it stopped`() throws {
    let set = try TinySet(interfaces: 2)
    defer { try? FileManager.default.removeItem(at: set.folder) }
    var settings = TileTrial.Settings()
    settings.pictures = 20
    (settings.head.steps, settings.head.batch, settings.head.units) = (40, 16, 8)
    let told = Mutex<[String]>([])
    func tried() throws -> TileTrial.Outcome {
      try TileTrial(index: set.index, folder: set.folder.appending(path: "tiles"), settings: settings) {
        line in told.withLock { $0.append(line) }
      }.run()
    }
    let first = try tried()
    #expect(first.pictures == 20 && first.owners == 20 && (0...1).contains(first.open))
    // Red and blue are told apart by either.
    for comparison in [first.joined, first.joinedWhereOpen, first.tilesAlone] {
      #expect(comparison.real == 10 && comparison.generated == 10)
      #expect(try #require(comparison.auc.before) > 0.9 && #require(comparison.auc.after) > 0.9)
    }
    #expect(told.withLock { $0.count { $0.contains("trained without it") } } == 10)
    #expect(try tried().joined.auc.after == first.joined.auc.after)
    settings.head.steps = 41
    #expect { try tried() } throws: { ($0 as? DetectorError)?.code == "detector.run" }
  }

  @Test(arguments: [(1024, 768), (768, 1024), (500, 300), (448, 448), (128, 900)])
  func `tiles lie within the picture, side by side along its long side`(width: Int, height: Int) {
    let tiles = TileTrial.tiles(width: width, height: height)
    let side = min(width, height, 448)
    for tile in tiles {
      #expect(tile.side == side && tile.x >= 0 && tile.y >= 0)
      #expect(tile.x + side <= width && tile.y + side <= height)
    }
    // Both leave as much at either end.
    #expect(abs(tiles[0].x + tiles[1].x + side - width) <= 1)
    #expect(abs(tiles[0].y + tiles[1].y + side - height) <= 1)
  }

  @Test func `screenshots of programs teach the gate and not the heads`() throws {
    let set = try TinySet(interfaces: 10)
    defer { try? FileManager.default.removeItem(at: set.folder) }
    let cache = try FeatureCache(folder: set.folder.appending(path: "features"))
    #expect(try cache.fill(set.index, workers: 2) { _ in }.isEmpty)
    var settings = DetectorTrainer.Settings()
    (settings.steps, settings.batch, settings.units, settings.heads) = (40, 16, 8, 1)
    let outcome = try DetectorTrainer(
      index: set.index, cache: cache, folder: set.folder.appending(path: "run"), settings: settings
    ).run()
    let detector = try Detector(weights: outcome.weights)
    #expect(
      detector.card.real == 28 && detector.card.calibration.realCount == 28 && detector.card.owners == 28)
    let gate = try #require(detector.card.interfaces)
    #expect(gate.caught > 0.9)
    for item in set.index.items where item.isInterface {
      let image = try ImageFile(path: item.path).decode().image
      guard case .unfit(let reason) = detector.judge(image, luminance: image.luminance()) else { continue }
      #expect(reason.contains("screenshot"))
    }
  }

  @Test func `what was interrupted is not computed again, and a picture that is none is named`() throws {
    let set = try TinySet()
    defer { try? FileManager.default.removeItem(at: set.folder) }
    let features = set.folder.appending(path: "features")
    try Data("no picture".utf8).write(to: set.folder.appending(path: "3-1.png"))
    let faults = try FeatureCache(folder: features).fill(set.index, workers: 2) { _ in }
    #expect(faults.map { URL(filePath: $0.path).lastPathComponent } == ["3-1.png"])
    func files() throws -> [String: Date] {
      let all = try #require(
        FileManager.default.enumerator(
          at: features, includingPropertiesForKeys: [.contentModificationDateKey]))
      var dates: [String: Date] = [:]
      for case let url as URL in all where url.pathExtension == "features" {
        dates[url.lastPathComponent] = try url.resourceValues(forKeys: [.contentModificationDateKey])
          .contentModificationDate
      }
      return dates
    }
    let before = try files()
    #expect(before.count == 59)
    _ = try FeatureCache(folder: features).fill(set.index, workers: 1) { _ in }
    #expect(try files() == before)
  }

  /// What a training may never do: learn from an owner that it is measured on.
  @Test func `no owner lies in two fifths, nor on both sides of the split`() throws {
    let set = try TinySet()
    defer { try? FileManager.default.removeItem(at: set.folder) }
    try check(set.index)
  }

  private func check(_ index: PictureIndex) throws {
    let training = index.items.filter { !$0.isValidation }
    for (owner, items) in Dictionary(grouping: training, by: \.owner) {
      #expect(Set(items.map(\.fold)).count == 1, "\(owner)")
    }
    let owners = (
      training: Set(training.map(\.owner)), held: Set(index.items.filter(\.isValidation).map(\.owner))
    )
    #expect(owners.training.isDisjoint(with: owners.held))
    #expect(Set(training.map(\.fold)) == Set(0..<PictureIndex.folds))
  }

  @Test func `a list without a column or with a short line is refused with its place`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data("path,label\na.png,ai\n".utf8).write(to: file)
    #expect(throws: DetectorError.self) { try PictureIndex([file.path]) }
    try Data("path,label,generator,source,repo,format,width,height,split\na.png,ai\n".utf8).write(to: file)
    do {
      _ = try PictureIndex([file.path])
      Issue.record("taken")
    } catch {
      #expect(error.message.contains("line 2"))
    }
    #expect(throws: DetectorError.self) { try PictureIndex(["/nowhere.csv"]) }
  }
}
