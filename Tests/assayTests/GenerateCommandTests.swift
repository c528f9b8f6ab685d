import Foundation
import ImageFormats
import TestSupport
import Testing

/// `assay stylize` and `generate`, and what `scan` and `audit` say of what they made.
struct GenerateCommandTests {
  /// A folder with a content and a style.
  private static func folder() throws -> ScratchFolder {
    let folder = try ScratchFolder()
    try Data(ImageEncoder.png(WatermarkCommandTests.picture(width: 260, height: 200)))
      .write(to: folder.url.appending(path: "content.png"))
    try Data(ImageEncoder.png(WatermarkCommandTests.picture(width: 150, height: 180).flippedVertically()))
      .write(to: folder.url.appending(path: "style.png"))
    return folder
  }

  /// Holds every output against the scanner and the rules for AI's pictures.
  private static func check(_ path: String) throws {
    let scan = try #require(try CommandLineTool.run(["scan", "--json", path]).objects().first)
    let verdict = String(describing: scan["outcome"] ?? "")
    #expect(verdict.contains("aiDeclared"), "\(verdict)")
    let text = String(describing: scan)
    #expect(text.contains("rainedAlgorithmicMedia") && text.contains("watermark"))
    let audit = try CommandLineTool.run(
      ["audit", path, "--rules", "eu,c2pa,iptc,cn", "--format", "json", "-o", path + ".audit"])
    #expect(audit.status == 0, "\(audit.errors)")
    let report = try String(contentsOfFile: path + ".audit/report.json", encoding: .utf8)
    #expect(report.contains("EU-50-2"))
  }

  /// The result of each rule on one file.
  private static func results(of path: String) throws -> [String: String] {
    let run = try CommandLineTool.run([
      "audit", path, "--rules", "eu,cn,kr,in", "--format", "json", "-o", path + ".rules",
    ])
    #expect(run.status == 0, "\(run.errors)")
    let report = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(filePath: path + ".rules/report.json")))
    let items = (report as? [String: Any])?["items"] as? [[String: Any]]
    let judgements = items?.first?["judgements"] as? [[String: Any]] ?? []
    return Dictionary(
      judgements.compactMap { judgement in
        guard let rule = judgement["rule"] as? String, let result = judgement["result"] as? String
        else { return nil }
        return (rule, result)
      }, uniquingKeysWith: { first, _ in first })
  }

  @Test func `a picture without a visible label is known to have none`() throws {
    let folder = try ScratchFolder()
    let path = folder.url.appending(path: "plain.png").path
    let made = try CommandLineTool.run([
      "generate", "gan", "--model", "landscapes", "--seed", "3", "-o", path,
    ])
    #expect(made.status == 0, "\(made.errors)")
    let results = try Self.results(of: path)
    #expect(results["EU-ICON-001"] == "notApplicable" && results["CN-45438-005"] == "fail")
    #expect(results["KR-31-001"] == "pass" && results["IN-120E-001"] == "undetermined")
  }

  @Test func `what stylize makes is recognised by scan and audit`() throws {
    let folder = try Self.folder()
    let output = folder.url.appending(path: "out.png").path
    let made = try CommandLineTool.run([
      "stylize", folder.url.path + "/content.png", "--style", folder.url.path + "/style.png", "-o", output,
      "--label", "AI-generated", "--aigc-producer", "Test",
    ])
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("test key"), "the test key is told of")
    try Self.check(output)
    #expect(try Self.results(of: output)["EU-ICON-001"] == "pass", "what was drawn is written down")
    // It is there now.
    let again = try CommandLineTool.run([
      "stylize", folder.url.path + "/content.png", "--style", folder.url.path + "/style.png", "-o", output,
    ])
    #expect(again.status == 1 && again.errors.contains("fix:"))
  }

  @Test func `what stylize --refine makes is another picture, recognised as well`() throws {
    let folder = try Self.folder()
    let common = [
      "stylize", folder.url.path + "/content.png", "--style", folder.url.path + "/style.png", "-o",
    ]
    let output = folder.url.appending(path: "quality.jpg").path
    let made = try CommandLineTool.run(
      common + [output, "--refine", "2", "--jpeg-quality", "92"])
    #expect(made.status == 0, "\(made.errors)")
    try Self.check(output)
    for wrong in [["--refine", "0"], ["--jpeg-quality", "0"]] {
      #expect(try CommandLineTool.run(common + [output] + wrong).status == 64)
    }
  }

  @Test(arguments: ["landscapes", "flowers"], ["png", "jpeg", "webp"])
  func `what generate makes is recognised by scan and audit`(model: String, format: String) throws {
    let folder = try ScratchFolder()
    let made = try CommandLineTool.run([
      "generate", "gan", "--model", model, "--seed", "7", "--count", "2", "--picture-format", format, "-o",
      folder.url.path, "--json",
    ])
    #expect(made.status == 0, "\(made.errors)")
    let files = try made.objects().compactMap { $0["file"] as? String }
    #expect(files.count == 2)
    for file in files { try Self.check(file) }
  }

  @Test func `sheets, mixtures and interpolations are marked as well`() throws {
    let folder = try ScratchFolder()
    for extra in [
      ["--grid", "--count", "4"], ["--mix", "8"], ["--scale", "4", "--count", "2"],
      ["--grid", "--count", "2", "--scale", "2", "--picture-format", "jpeg"],
      ["--interpolate", "9", "--count", "2", "--force"],
    ] {
      let made = try CommandLineTool.run(
        ["generate", "gan", "--model", "landscapes", "--seed", "7", "-o", folder.url.path, "--force"] + extra)
      #expect(made.status == 0, "\(made.errors)")
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.url.path) {
      try Self.check(folder.url.appending(path: name).path)
    }
  }

  @Test(arguments: ["png", "jpg", "webp"])
  func `what upscale makes is recognised by scan and audit`(format: String) throws {
    let folder = try Self.folder()
    let output = folder.url.appending(path: "out.\(format)").path
    let made = try CommandLineTool.run([
      "upscale", folder.url.path + "/content.png", "--scale", "2", "-o", output, "--aigc-producer", "Test",
    ])
    #expect(made.status == 0, "\(made.errors)")
    let image = try ImageFile(path: output).decode().image
    #expect(image.width == 520 && image.height == 400)
    try Self.check(output)
  }

  @Test func `bad input ends with 1 and a remedy, wrong arguments with 64`() throws {
    let folder = try Self.folder()
    let content = folder.url.path + "/content.png"
    let cases: [([String], Int32)] = [
      (["generate", "gan", "--model", "none", "-o", folder.url.path], 1),
      (["generate", "gan", "--model", "landscapes", "--crossover", "33", "-o", folder.url.path], 64),
      (["generate", "gan", "--model", "landscapes", "--key", content, "-o", folder.url.path], 64),
      (["generate", "gan", "--model", "landscapes", "--scale", "3", "-o", folder.url.path], 64),
      (
        [
          "generate", "gan", "--model", "landscapes", "--scale", "2", "--upsampler", "flowers", "-o",
          folder.url.path,
        ], 1
      ),
      (
        [
          "generate", "gan", "--model", "landscapes", "--scale", "4", "--grid", "--count", "26", "-o",
          folder.url.path,
        ], 64
      ),
      (["upscale", content, "--scale", "3", "-o", folder.url.path + "/o.png"], 64),
      (["upscale", content, "-o", folder.url.path + "/o.bmp"], 64),
      (["upscale", content, "--model", "landscapes", "-o", folder.url.path + "/o.png"], 1),
      (["upscale", folder.url.path + "/none.png", "-o", folder.url.path + "/o.png"], 1),
      (["translate", content, "--model", "none", "-o", folder.url.path + "/o.png"], 1),
      (["stylize", content, "--style", folder.url.path + "/none.png", "-o", folder.url.path + "/o.png"], 1),
      (["stylize", content, "--style", content, "--blend", "0.3", "-o", folder.url.path + "/o.png"], 64),
      (["stylize", content, "--style", content, "-o", folder.url.path + "/o.bmp"], 64),
      (
        [
          "stylize", content, "--style", content, "--key", content, "--certificates", content, "-o",
          folder.url.path + "/o.png",
        ], 1
      ),
    ]
    for (arguments, status) in cases {
      let result = try CommandLineTool.run(arguments)
      #expect(Int32(result.status) == status, "\(arguments): \(result.errors)")
      if status == 1 { #expect(result.errors.contains("fix:"), "\(result.errors)") }
    }
    #expect(!FileManager.default.fileExists(atPath: folder.url.path + "/o.png"))
  }
}
