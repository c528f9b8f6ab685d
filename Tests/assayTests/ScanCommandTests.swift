import Foundation
import TestSupport
import Testing

private let gallery = TestPaths.fixtures.appending(path: "gallery").path

struct ScanCommandTests {
  static func scan(_ arguments: String..., input: String = "") throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(["scan", "--only", "provenance"] + arguments, input: Data(input.utf8))
  }

  @Test func `the gallery gets the outcomes that it was made for`() throws {
    struct Expected: Decodable { var outcome: String }
    let expected = try JSONDecoder().decode(
      [String: Expected].self, from: Data(contentsOf: URL(filePath: gallery + "/expected.json")))
    let result = try Self.scan("--json", gallery)
    #expect(result.status == 1, "cut.jpg cannot be read whole")
    let objects = try result.objects()
    #expect(objects.count == expected.count)
    for object in objects {
      let name = URL(filePath: try #require(object["file"] as? String)).lastPathComponent
      #expect(object["outcome"] as? String == expected[name]?.outcome, "\(name)")
    }
    let names = objects.compactMap { $0["file"] as? String }
    #expect(names == names.sorted())
    #expect(result.errors.isEmpty)
  }

  @Test func `results do not depend on the number of workers`() throws {
    let one = try Self.scan("--json", "--workers", "1", gallery)
    for workers in ["2", "7"] {
      #expect(try Self.scan("--json", "--workers", workers, gallery).output == one.output)
    }
  }

  @Test func `the block of a file has its verdict, evidence and place`() throws {
    let result = try Self.scan("--details", "fixtures/gallery/comfyui.png")
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("fixtures/gallery/comfyui.png (PNG, 192×128)\n"))
    #expect(result.output.contains("The file declares AI origin; nobody vouches for it (ComfyUI)."))
    #expect(result.output.contains("+ declared, strong: a node graph declares ComfyUI"))
    #expect(result.output.contains("at tEXt prompt, bytes 33..<"))
    #expect(result.output.contains("Not looked at: watermark, spectra, detector."))
    #expect(!result.output.contains("\u{1B}"))
  }

  @Test func `a met --fail-on exits with 2, also where something is unreadable, which exits with 1 else`()
    throws
  {
    #expect(try Self.scan("--fail-on", "aiDeclared", gallery + "/webui.png").status == 2)
    #expect(try Self.scan("--fail-on", "aiDeclared,conflicting", gallery + "/nothing.png").status == 0)
    #expect(try Self.scan("--fail-on", "aiDeclared", gallery + "/webui.png", "missing.png").status == 2)
    #expect(try Self.scan("--fail-on", "aiWatermarked", gallery + "/webui.png", "missing.png").status == 1)
  }

  @Test(arguments: [
    ["scan"], ["scan", "--only", "nothing", "x.png"], ["scan", "--workers", "0", "x.png"],
    ["scan", "--fail-on", "bad", "x.png"], ["scan", "--max-pixels", "many", "x.png"], ["scan", "--nonsense"],
    ["scan", "--null", "x.png"], ["nonsense"], ["inspect"],
  ])
  func `wrong arguments exit with 64 and say so`(arguments: [String]) throws {
    let result = try CommandLineTool.run(arguments)
    #expect(result.status == 64)
    #expect(result.errors.hasPrefix("error: "))
    #expect(result.output.isEmpty)
  }

  @Test func `paths come from standard input too, with line feeds or zeros between`() throws {
    let lines = "\(gallery)/webui.png\n\(gallery)/nothing.png\n"
    let zeros = lines.replacing("\n", with: "\0")
    let expected = try Self.scan("--json", gallery + "/webui.png", gallery + "/nothing.png").output
    #expect(try Self.scan("--json", "-", input: lines).output == expected)
    #expect(try Self.scan("--json", "--null", "-", input: zeros).output == expected)
  }

  @Test func `a folder gives its images in order, follows links to files and survives loops`() throws {
    let folder = try ScratchFolder()
    try folder.copy("webui.png", as: "b/2.png")
    try folder.copy("nothing.png", as: "a.png")
    try folder.copy("comfyui.png", as: "without-extension")
    try Data("text".utf8).write(to: folder.url.appending(path: "notes.txt"))
    let manager = FileManager.default
    try manager.createDirectory(at: folder.url.appending(path: "x.png"), withIntermediateDirectories: true)
    try manager.createSymbolicLink(atPath: folder.url.path + "/link.png", withDestinationPath: "a.png")
    try manager.createSymbolicLink(atPath: folder.url.path + "/up", withDestinationPath: "..")
    try manager.createSymbolicLink(atPath: folder.url.path + "/loop.png", withDestinationPath: "loop.png")
    let result = try Self.scan("--json", folder.url.path)
    let objects = try result.objects()
    let names = objects.compactMap { ($0["file"] as? String)?.dropFirst(folder.url.path.count + 1) }
    #expect(names == ["a.png", "b/2.png", "link.png", "loop.png", "without-extension"])
    #expect((objects[3]["error"] as? [String: Any])?["code"] as? String == "file.open")
    #expect(result.status == 1)
  }

  @Test func `an interrupted scan ends with 130 after whole lines`() throws {
    let folder = try ScratchFolder()
    try folder.copy("webui.png", as: "picture.png")
    for index in 0..<5_000 {
      try FileManager.default.createSymbolicLink(
        atPath: folder.url.path + "/\(index).png", withDestinationPath: "picture.png")
    }
    let result = try CommandLineTool.run(
      ["scan", "--only", "provenance", "--json", folder.url.path], interruptAtFirstOutput: true)
    #expect(result.status == 130)
    let objects = try result.objects()
    #expect((1..<5_001).contains(objects.count) && result.output.hasSuffix("\n"))
  }

  @Test func `bad files are told apart, and the rest are still scanned`() throws {
    let folder = try ScratchFolder()
    try Data().write(to: folder.url.appending(path: "1-empty.png"))
    try Data("no picture".utf8).write(to: folder.url.appending(path: "2-text.jpg"))
    let huge: [UInt8] =
      Array("\u{89}".unicodeScalars.map { UInt8($0.value) }) + Array("PNG\r\n\u{1A}\n".utf8)
      + [0, 0, 0, 13] + Array("IHDR".utf8) + [
        0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0, 0x0F, 0xB0, 0xE2, 0x15, 0, 0, 0, 0,
      ] + Array("IDAT".utf8) + [0x35, 0xAF, 0x06, 0x1E]
    try Data(huge).write(to: folder.url.appending(path: "3-huge.png"))
    try folder.copy("webui.png", as: "4-good.png")
    let result = try Self.scan("--json", folder.url.path)
    #expect(result.status == 1)
    let objects = try result.objects()
    let codes = objects.map { ($0["error"] as? [String: Any])?["code"] as? String }
    #expect(codes.count == 4 && codes[0] != nil && codes[1] == "format.unknown" && codes[2] == "limit.pixels")
    #expect(objects[3]["outcome"] as? String == "aiDeclared")
    for object in objects.prefix(3) {
      let error = try #require(object["error"] as? [String: Any])
      #expect(
        (error["message"] as? String)?.isEmpty == false && (error["remedy"] as? String)?.isEmpty == false)
      #expect(object["outcome"] as? String == "unreadable")
    }
  }

  @Test func `a name that is not UTF-8 or steers a terminal is opened, and shown escaped`() throws {
    let folder = try ScratchFolder()
    try folder.copy("webui.png", as: "a\u{1B}[31m\nb.png")
    // A shell makes the name that Foundation cannot.
    let shell = try CommandLineTool.run(
      ["-c", "cp fixtures/gallery/webui.png \"$0/$(printf 'caf\\351.png')\"", folder.url.path],
      program: URL(filePath: "/bin/sh"))
    #expect(shell.status == 0)
    let walked = try Self.scan(folder.url.path)
    #expect(walked.status == 0)
    #expect(walked.output.contains("a\\u{1B}[31m\\u{A}b.png"))
    #expect(walked.output.contains("caf\\xE9.png"))
    #expect(!walked.output.contains("\u{1B}"))
    let named = try CommandLineTool.run(
      [
        "-c", "exec \"$1\" scan --json --only provenance \"$0/$(printf 'caf\\351.png')\"", folder.url.path,
        CommandLineTool.program.path,
      ], program: URL(filePath: "/bin/sh"))
    #expect(try named.objects().first?["outcome"] as? String == "aiDeclared")
  }

  @Test func `--max-pixels refuses larger pictures`() throws {
    let result = try Self.scan("--json", "--max-pixels", "1000", gallery + "/nothing.png")
    #expect(result.status == 1)
    #expect((try result.objects().first?["error"] as? [String: Any])?["code"] as? String == "limit.pixels")
  }

  @Test func `the schema is printed and names every key of a line`() throws {
    let text = try CommandLineTool.run(["scan", "--schema"]).output
    let schema = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let required = Set(try #require(schema["required"] as? [String]))
    let properties = Set(try #require(schema["properties"] as? [String: Any]).keys)
    let object = try #require(try Self.scan("--json", gallery + "/webui.png").objects().first)
    #expect(Set(object.keys) == properties)
    // Lines of earlier versions, and scans within a report, do without their form's name.
    #expect(required == properties.subtracting(["schema", "version"]))
  }
}

struct OtherCommandTests {
  @Test func `inspect shows parts and metadata`() throws {
    let result = try CommandLineTool.run(["inspect", "fixtures/gallery/google-edited.jpg"])
    #expect(result.status == 0)
    #expect(result.output.contains("APP13 Photoshop 3.0"))
    #expect(result.output.contains("IIM 2:110 Credit: Edited with Google AI"))
    let json = try CommandLineTool.run(["inspect", "--json", "fixtures/gallery/google-edited.jpg"]).output
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(object["schema"] as? String == "assay.inspect/1")
  }

  @Test
  func `inspect begins with what a fact-checker asks: place in degrees, exposure, every date with its zone`()
    throws
  {
    let file = "fixtures/audit-case/pictures/photos/position.jpg"
    let text = try CommandLineTool.run(["inspect", file]).output
    for words in [
      "Capture, as the metadata say", "Assay Optics Model One", "1/100 s, f/4",
      "2026-05-01T10:00:00 (no zone stated)", "48.133333, 11.566667  geo:48.133333,11.566667",
    ] { #expect(text.contains(words), "\(words): \(text.prefix(800))") }
    let json = try CommandLineTool.run(["inspect", "--json", file]).output
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let capture = try #require(object["capture"] as? [String: Any])
    #expect((capture["position"] as? [String: Any])?["latitude"] as? Double == 48.133333)
    #expect(capture["exposureSeconds"] as? Double == 0.01 && !json.contains("\"\""))
  }

  @Test(arguments: [
    (Data([0, 0, 0, 16] + Array("ftypisom".utf8) + [0, 0, 0, 0]), "clip.mp4", "a video", "ffmpeg"),
    (Data("<!DOCTYPE html><html></html>".utf8), "page.jpg", "a saved web page", "open the picture alone"),
    (Data("Rar!\u{1A}\u{7}\0".utf8), "all.rar", "an archive", "unpack it"),
    (Data("%PDF-1.4\n".utf8), "a.pdf", "a PDF document", "pdfimages"),
  ])
  func `what is no picture is named, with the way to one`(
    bytes: Data, name: String, kind: String, advice: String
  ) throws {
    let folder = try ScratchFolder()
    let file = folder.url.appending(path: name)
    try bytes.write(to: file)
    let scan = try CommandLineTool.run(["scan", "--only", "provenance", file.path])
    #expect(
      scan.status == 1 && scan.output.contains("this is \(kind)") && scan.output.contains(advice),
      "\(scan.output)")
    let inspect = try CommandLineTool.run(["inspect", file.path])
    #expect(inspect.status == 1 && inspect.errors.contains(advice), "\(inspect.errors)")
  }

  @Test func `an address is to be downloaded first, a wrong command has a near one`() throws {
    let scan = try CommandLineTool.run(["scan", "https://example.org/a.jpg"])
    #expect(scan.status == 1 && scan.output.contains("download it first"), "\(scan.output)")
    let file = try CommandLineTool.run(["fixtures/gallery/nothing.png"])
    #expect(
      file.status == 64 && file.errors.contains("fix: to look at it: assay scan fixtures/gallery/nothing.png")
    )
    let typo = try CommandLineTool.run(["scn"])
    #expect(
      typo.status == 64 && typo.errors.contains("there is no command 'scn'\n  fix: did you mean assay scan?"))
  }

  @Test func `inspect of what is no picture is an error with a remedy`() throws {
    let result = try CommandLineTool.run(["inspect", "README.md"])
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("error: README.md: ") && result.errors.contains("\n  fix: "))
  }

  @Test func `doctor finds the arithmetic right`() throws {
    let result = try CommandLineTool.run(["doctor"])
    #expect(result.status == 0)
    for name in ["libpng", "libjpeg", "libwebp", "libheif", "FFTW", "OpenBLAS"] {
      #expect(result.output.contains(name))
    }
  }

  @Test func `version, help and completions are there`() throws {
    #expect(try CommandLineTool.run(["--version"]).output == "0.1.0\n")
    #expect(try CommandLineTool.run(["scan", "--help"]).output.contains("EXAMPLES"))
    #expect(try CommandLineTool.run(["--generate-completion-script", "bash"]).output.contains("assay"))
  }
}
