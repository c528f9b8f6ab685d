import Foundation
import TestSupport
import Testing

/// Inputs of public bug reports, where `../shared` has them; the same kinds are built in the tests of each target.
struct ReportedCasesTests {
  private static let folder: URL? = {
    let url = TestPaths.shared?.appending(path: "cases")
    return url.flatMap { FileManager.default.fileExists(atPath: $0.path) ? $0 : nil }
  }()

  struct Case: Sendable, CustomTestStringConvertible {
    var file: String
    var outcome: String
    var generator: String?

    init(_ file: String, _ outcome: String = "aiDeclared", _ generator: String? = nil) {
      (self.file, self.outcome, self.generator) = (file, outcome, generator)
    }

    var testDescription: String { file }
  }

  static let cases = [
    Case("01-ios18-heic/multi-auxl.heic", "noIndication"),
    Case("01-ios18-heic/multi-cdsc.heic", "noIndication"),
    Case("01-ios18-heic/tmap.heic", "noIndication"),
    Case("10-exif-several-segments/multiexif.jpg", "aiDeclared", "ComfyUI"),
    Case("11-heif-exif-without-offset/exif00-only.heic", "aiDeclared", "Midjourney"),
    Case("11-heif-exif-without-offset/no-offset.avif", "aiDeclared", "Midjourney"),
    Case("11-heif-exif-without-offset/no-offset.heic", "aiDeclared", "Midjourney"),
    Case("12-producers-missed/mold.png", "aiDeclared", "mold"), Case("12-producers-missed/nosteps.png"),
    Case("12-producers-missed/sygil.png", "aiDeclared", "Sygil WebUI"),
    Case("13-wrong-producer/comfy-with-params.png", "aiDeclared", "ComfyUI"),
    Case("13-wrong-producer/mflux.png", "aiDeclared", "MFLUX"),
    Case("13-wrong-producer/wangp.jpg", "aiDeclared", "WanGP"),
    Case("14-comfyui-graphs/bigprompt.png", "aiDeclared", "ComfyUI"),
    Case("14-comfyui-graphs/comfy-bytedance.png", "aiDeclared", "ComfyUI"),
    Case("14-comfyui-graphs/resize.png", "noIndication"), Case("15-aigc-python-repr/i.jpg"),
    Case("15-aigc-python-repr/metatoolkit.jpg"), Case("15-aigc-python-repr/metatoolkit.png"),
    Case("17-folder-leaves-pictures-out/b.bmp", "noIndication"),
    Case("17-folder-leaves-pictures-out/j.jxl", "noIndication"),
    Case("20-small-ones/cut.webp"), Case("20-small-ones/extmiss.jpg", "noIndication"),
    Case("20-small-ones/riffshort.webp"),
    Case("20-small-ones/u32.jpg"), Case("21-heif-messages/metasize0.avif", "noIndication"),
    Case("32-exif-app1-without-header/b.jpg"), Case("32-exif-app1-without-header/from_webp.jpg"),
    Case("32-exif-app1-without-header/gmw.jpg"),
    Case("33-png-raw-profile-app11/im6-from-c2small-jpg.png", "altered"),
    Case("33-png-raw-profile-app11/back-to.jpg", "altered"),
    Case("34-gif-credit-imagemagick/im6-credit.gif", "aiDeclared", "Google AI"),
    Case("35-gif-extensions-renamed/im6-c2small.gif", "altered"),
    Case("35-gif-extensions-renamed/im6-xmpdst.gif"),
    Case("35-gif-extensions-renamed/im6-xmpdst-from-gif.png"),
    Case("36-imagemagick-exif-texts/im6-twice-comfyexif.png", "aiDeclared", "ComfyUI"),
    Case("36-imagemagick-exif-texts/im6-twice-credit.png", "aiDeclared", "Google AI"),
    Case("36-imagemagick-exif-texts/im6-twice-exif-make-ideogram.png", "aiDeclared", "Ideogram"),
    Case(
      "36-imagemagick-exif-texts/im6-twice-exif-usercomment-a1111.png", "aiDeclared", "Stable Diffusion WebUI"
    ),
    Case("36-imagemagick-exif-texts/im6-twice-xai-grok-signature.png", "aiDeclared", "xAI Grok"),
    Case("36-imagemagick-exif-texts/im6-twice-xmpdst.png"), Case("38-wrong-advice/jpg12.jpg", "noIndication"),
    Case("38-wrong-advice/ljpeg.jpg", "noIndication"), Case("38-wrong-advice/tjxl.tif", "noIndication"),
    Case("38-wrong-advice/wunk_simple.webp", "noIndication"),
    Case("39-exif-holds-xmp-iim-c2pa/s-c2small.tif.heic", "altered"),
    Case("39-exif-holds-xmp-iim-c2pa/s-c2small.tif.png", "altered"),
    Case("39-exif-holds-xmp-iim-c2pa/s-credit.tif.png", "aiDeclared", "Google AI"),
    Case("39-exif-holds-xmp-iim-c2pa/s-xmpcredit.tif.png"),
    Case("40-iim-without-8bim/im6-gm-credit-tif.jpg", "aiDeclared", "Google AI"),
    Case("40-iim-without-8bim/vips814-credit-tif.jpg", "aiDeclared", "Google AI"),
    Case("41-raw-profile-mime/gm-xmpdst-avif.png"),
  ]

  @Test(arguments: cases)
  func `a reported input answers as its report asks`(example: Case) throws {
    guard let folder = Self.folder else {
      print(noSharedData)
      return
    }
    let path = folder.appending(path: example.file).path
    let result = try CommandLineTool.run(["scan", "--only", "provenance", "--json", path], input: Data())
    let object = try #require(try result.objects().first)
    #expect(object["outcome"] as? String == example.outcome)
    #expect(object["width"] is Int)
    let evidence = object["evidence"] as? [[String: Any]] ?? []
    let named = Set(
      evidence.filter { $0["class"] as? String == "declared" }.compactMap { item in
        (item["detail"] as? [String: Any])?["generator"] as? String
      })
    if let generator = example.generator { #expect(named == [generator]) }
  }

  @Test(arguments: ["jpg12.jpg", "ljpeg.jpg", "tjxl.tif"])
  func `a valid file that no codec takes is not called damaged`(name: String) throws {
    guard let folder = Self.folder else {
      print(noSharedData)
      return
    }
    let path = folder.appending(path: "38-wrong-advice/" + name).path
    let result = try CommandLineTool.run(["scan", "--only", "watermark", path], input: Data())
    #expect(result.output.contains("does not decode"))
    #expect(!result.output.contains("fetch the file again"))
  }

  @Test(arguments: [
    "31-own-text-mark-called-sd/iw-dwtDct-25-3.png", "31-own-text-mark-called-sd/iw-dwtDctSvd-18-2.png",
    "31-own-text-mark-called-sd/traceless.png", "37-own-text-mark-misread/iw-dwtDct-8-0.png",
    "37-own-text-mark-misread/iw-dwtDctSvd-38-5.png",
  ])
  func `an owner's own mark is no generator's`(file: String) throws {
    guard let folder = Self.folder else {
      print(noSharedData)
      return
    }
    let path = folder.appending(path: file).path
    let result = try CommandLineTool.run(["scan", "--only", "watermark", "--json", path], input: Data())
    let object = try #require(try result.objects().first)
    #expect(object["outcome"] as? String == "noIndication")
  }

  @Test func `pictures of a folder that are not read are listed, counted and named`() throws {
    let manager = FileManager.default
    let folder = manager.temporaryDirectory.appending(
      path: "unread-\(ProcessInfo.processInfo.globallyUniqueString)")
    try manager.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? manager.removeItem(at: folder) }
    for (name, content) in [
      ("a.svg", Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8)), ("b.svg", Array("<svg/>".utf8)),
      ("c.jp2", [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A, 0x87, 0x0A]),
      ("notes.txt", Array("notes".utf8)),
    ] {
      try Data(content).write(to: folder.appending(path: name))
    }
    try manager.copyItem(
      at: TestPaths.fixtures.appending(path: "other-formats/rgb24.bmp"), to: folder.appending(path: "d.bmp"))
    let text = try CommandLineTool.run(["scan", "--only", "provenance", folder.path], input: Data())
    #expect(text.status == 0)
    #expect(text.output.contains("3 pictures of kinds that Assay does not read: JPEG 2000, SVG (2)"))
    #expect(text.errors.contains("1 file that is no image was left out"))
    let json = try CommandLineTool.run(
      ["scan", "--only", "provenance", "--json", folder.path], input: Data())
    let objects = try json.objects()
    #expect(objects.map { $0["format"] as? String } == ["svg", "svg", "jpeg2000", "bmp"])
    #expect(
      objects.map { $0["outcome"] as? String } == ["unreadable", "unreadable", "unreadable", "noIndication"])
    // A file that is named has to be read.
    let named = try CommandLineTool.run(
      ["scan", "--only", "provenance", folder.appending(path: "c.jp2").path], input: Data())
    #expect(named.status == 1)
    #expect(named.output.contains("a kind of picture that Assay cannot read yet: JPEG 2000"))
  }
}
