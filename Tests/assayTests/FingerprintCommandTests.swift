import Foundation
import ImageFormats
import Images
import TestSupport
import Testing

/// `assay fingerprint learn` and `test`, and `assay scan --fingerprints`, as a person runs them.
struct FingerprintCommandTests {
  /// Whole numbers that a seed decides, 0..<bound.
  struct Numbers {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  static let side = 320

  /// What the made-up model adds to all of its pictures.
  static let pattern: [Int] = {
    var numbers = Numbers(state: 1)
    return (0..<side * side).map { _ in numbers.next(9) - 4 }
  }()

  /// Coarse blocks that fade into one another, with grain.
  static func picture(seed: UInt64, isMarked: Bool) -> Image {
    var numbers = Numbers(state: seed &* 977 &+ 5)
    let blocks = Plane(width: 7, height: 7, values: (0..<49).map { _ in Float(40 + numbers.next(170)) })
    let content = blocks.resized(width: side, height: side, filter: .bicubic)
    let pixels = content.values.enumerated().map { place, value in
      let level = Int(value) + numbers.next(5) + (isMarked ? pattern[place] : 0)
      return UInt8(max(0, min(255, level)))
    }
    return Image(width: side, height: side, colorModel: .grey, pixels: pixels)
  }

  /// A folder with `marked` (14 pictures by the model), `others` (2 more) and `photos` (3 without it).
  static func pictures() throws -> ScratchFolder {
    let folder = try ScratchFolder()
    for (name, seeds, isMarked) in [
      ("marked", UInt64(1)..<15, true), ("others", UInt64(40)..<42, true), ("photos", UInt64(60)..<63, false),
    ] {
      let place = folder.url.appending(path: name)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for seed in seeds {
        try Data(ImageEncoder.png(picture(seed: seed, isMarked: isMarked)))
          .write(to: place.appending(path: "\(seed).png"))
      }
    }
    return folder
  }

  static func fingerprint(_ arguments: String...) throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(["fingerprint"] + arguments)
  }

  @Test func `a model's own pattern is learnt, and found in what it made and in nothing else`() throws {
    let folder = try Self.pictures()
    func path(_ name: String) -> String { folder.url.appending(path: name).path }
    let file = path("mine.fingerprint")
    // The same picture twice, and one that is no picture.
    try FileManager.default.copyItem(atPath: path("marked/1.png"), toPath: path("marked/twice.png"))
    let learnt = try Self.fingerprint(
      "learn", path("marked"), "--family", "Acme Painter 3", "-o", file, "--json")
    #expect(learnt.status == 0, "\(learnt.errors)")
    let object = try #require(try learnt.objects().first)
    #expect(object["name"] as? String == "own.acme-painter-3")
    #expect(object["learntFrom"] as? Int == 14 && object["copies"] as? Int == 1)
    // Fewer than its help asks for.
    #expect(learnt.errors.contains("note: learnt from 14 pictures, and below 20 "), "\(learnt.errors)")
    #expect((object["caution"] as? String)?.contains("a pattern is weak") == true)

    let again = try Self.fingerprint("learn", path("marked"), "-o", file)
    #expect(again.status == 1 && again.errors.contains("--force"))

    let tested = try Self.fingerprint(
      "test", path("others"), path("photos"), "--fingerprints", file, "--json")
    #expect(tested.status == 0, "\(tested.errors)")
    let results = try tested.objects()
    #expect(results.map { $0["found"] as? Bool } == [true, true, false, false, false])
    #expect(tested.errors.contains("5 files: 2 Acme Painter 3, 3 none"))
    let text = try Self.fingerprint("test", path("others"), "--fingerprints", file)
    #expect(
      text.output.contains("Acme Painter 3, T ")
        && text.output.hasSuffix("2 files: 2 Acme Painter 3, 0 none\n"))

    let scan = try CommandLineTool.run([
      "scan", path("others/40.png"), path("photos"), "--only", "watermark", "--fingerprints", file, "--json",
    ])
    #expect(scan.status == 0, "\(scan.errors)")
    #expect(
      try scan.objects().map { $0["outcome"] as? String }
        == ["aiWatermarked", "noIndication", "noIndication", "noIndication"])
    #expect(scan.output.contains("fingerprint.own.acme-painter-3"))
    #expect(scan.output.contains("pictures that its user named"))
    #expect(!scan.output.contains("public pictures; the maker"))
  }

  @Test func `a damaged or foreign file is refused with what is wrong and where`() throws {
    let folder = try Self.pictures()
    func path(_ name: String) -> String { folder.url.appending(path: name).path }
    let file = path("mine.fingerprint")
    #expect(try Self.fingerprint("learn", path("marked"), "-o", file).status == 0)
    let bytes = try Data(contentsOf: URL(filePath: file))
    for (name, damaged, wrong) in [
      ("cut", bytes.dropLast(100), "100 bytes"), ("changed", bytes.dropLast() + [bytes.last! ^ 1], "SHA-256"),
      ("foreign", Data("GIF89a and more".utf8), "does not begin as a fingerprint does"),
    ] {
      let other = path("\(name).fingerprint")
      try Data(damaged).write(to: URL(filePath: other))
      for command in [
        ["fingerprint", "test", path("photos"), "--fingerprints", other],
        ["scan", path("photos"), "--fingerprints", other],
      ] {
        let refused = try CommandLineTool.run(command)
        #expect(refused.status == 1 && refused.output.isEmpty, "\(command)")
        #expect(refused.errors.contains("\(name).fingerprint"), "\(refused.errors)")
        #expect(refused.errors.contains("\n  fix: ") && refused.errors.contains("byte"), "\(refused.errors)")
        if name != "cut" { #expect(refused.errors.contains(wrong), "\(refused.errors)") }
      }
    }
    let twice = try Self.fingerprint("test", path("photos"), "--fingerprints", "\(file),\(file)")
    #expect(twice.status == 1 && twice.errors.contains("another fingerprint called own.marked"))
    let gone = try CommandLineTool.run(["scan", path("photos"), "--fingerprints", path("none.fingerprint")])
    #expect(gone.status == 1 && gone.errors.contains("none.fingerprint"))
  }

  @Test(arguments: ["landscapes", "flowers"], [[], ["--scale", "4"]])
  func `what Assay itself generates carries nobody's fingerprint`(model: String, enlarged: [String]) throws {
    let folder = try ScratchFolder()
    let out = folder.url.appending(path: "out").path
    let made = try CommandLineTool.run(
      [
        "generate", "gan", "--model", model, "--seed", "7", "--count", "3", "-o", out,
      ] + enlarged)
    #expect(made.status == 0, "\(made.errors)")
    let tested = try Self.fingerprint("test", out, "--json")
    #expect(tested.status == 0, "\(tested.errors)")
    let results = try tested.objects()
    #expect(results.count == 3 && results.allSatisfy { $0["found"] as? Bool == false })
  }

  @Test func `pictures that share nothing are refused, and nothing is written`() throws {
    let folder = try ScratchFolder()
    for seed in UInt64(80)..<87 {
      try Data(ImageEncoder.png(Self.picture(seed: seed, isMarked: false)))
        .write(to: folder.url.appending(path: "\(seed).png"))
    }
    let file = folder.url.appending(path: "mine.fingerprint").path
    let refused = try Self.fingerprint("learn", folder.url.path, "-o", file)
    #expect(refused.status == 1 && refused.errors.contains("  fix: "), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: file))
    let few = try Self.fingerprint("learn", folder.url.appending(path: "80.png").path, "-o", file)
    #expect(few.status == 1 && few.errors.contains("at least 4 pictures"), "\(few.errors)")
  }
}
