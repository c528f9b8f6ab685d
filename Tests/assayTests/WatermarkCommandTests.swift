import Foundation
import ImageFormats
import Images
import TestSupport
import Testing

/// `assay watermark embed`, `read` and `test` as a person runs them.
struct WatermarkCommandTests {
  /// The payload of Stable Diffusion XL.
  static let payload = "b3ec907bb19e"

  static func watermark(_ arguments: String...) throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(["watermark"] + arguments)
  }

  /// Slopes, waves and a little grain.
  static func picture(width: Int = 520, height: Int = 400) -> Image {
    var pixels: [UInt8] = []
    var state: UInt32 = 7
    for y in 0..<height {
      for x in 0..<width {
        state = state &* 1_664_525 &+ 1_013_904_223
        let grain = Int(state >> 29)
        for channel in 0..<3 {
          let wave = abs((3 * x + 5 * y + 11 * channel) % 128 - 64) + x * (40 - 12 * channel) / width
          pixels.append(UInt8(60 + wave + grain))
        }
      }
    }
    return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
  }

  /// A folder with one file in it.
  static func folder(_ bytes: [UInt8], as name: String) throws -> (folder: ScratchFolder, path: String) {
    let folder = try ScratchFolder()
    let url = folder.url.appending(path: name)
    try Data(bytes).write(to: url)
    return (folder, url.path)
  }

  @Test(arguments: ["assay", "dwtDct", "dwtDctSvd"], ["png", "jpg", "webp"])
  func `what is embedded is read from the file`(scheme: String, format: String) throws {
    let (folder, source) = try Self.folder(ImageEncoder.png(Self.picture()), as: "in.png")
    defer { withExtendedLifetime(folder) {} }
    let target = folder.url.appending(path: "out.\(format)").path
    let embedded = try Self.watermark(
      "embed", source, "-o", target, "--payload", Self.payload, "--scheme", scheme, "--jpeg-quality", "98")
    #expect(embedded.status == 0, "\(embedded.errors)")
    #expect(embedded.errors.isEmpty, "nothing was lost")
    let object = try #require(try Self.watermark("read", "--json", target).objects().first)
    #expect(object["found"] as? Bool == true)
    let mark = try #require(
      (object["marks"] as? [[String: Any]])?.first { $0["scheme"] as? String == scheme })
    #expect(mark["payloadHex"] as? String == Self.payload && mark["bits"] as? Int == 48)
    #expect(mark["pValue"] as? Double ?? 1 <= 1e-5)
    let geometry = try #require(mark["geometry"] as? [String: Any])
    #expect(Set(geometry.keys) == ["scale", "rotation", "offset", "mirrored"])
  }

  @Test func `an output that exists is written over with --force only`() throws {
    let (folder, source) = try Self.folder(ImageEncoder.png(Self.picture()), as: "in.png")
    defer { withExtendedLifetime(folder) {} }
    let target = folder.url.appending(path: "out.png")
    try Data("mine".utf8).write(to: target)
    let refused = try Self.watermark("embed", source, "-o", target.path, "--text", "cat 7001")
    #expect(refused.status == 1 && refused.errors.contains("\n  fix: "))
    #expect(try Data(contentsOf: target) == Data("mine".utf8))
    let forced = try Self.watermark("embed", source, "-o", target.path, "--text", "cat 7001", "--force")
    #expect(forced.status == 0)
    #expect(try Self.watermark("read", target.path).output.contains("assay 6361742037303031"))
  }

  @Test func `texts and XMP are kept, and what is not is named`() throws {
    let packet =
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
      + "<rdf:Description rdf:about=\"\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmp:CreatorTool=\"Brush\"/>"
      + "</rdf:RDF></x:xmpmeta>"
    var writer = try MetadataWriter(ImageEncoder.png(Self.picture()))
    try writer.setXMP(packet)
    try writer.setText("Steps: 20", keyword: "parameters")
    let (folder, source) = try Self.folder(writer.bytes, as: "in.png")
    defer { withExtendedLifetime(folder) {} }
    for (format, lost) in [("png", ""), ("jpg", "note: not carried over to the output: 1 PNG text\n")] {
      let target = folder.url.appending(path: "out.\(format)").path
      let embedded = try Self.watermark("embed", source, "-o", target, "--payload", Self.payload)
      #expect(embedded.status == 0)
      #expect(embedded.errors == lost)
      let metadata = try ImageFile(path: target).metadata()
      #expect(metadata.xmpValues(namespace: XMPNamespace.xmp, name: "CreatorTool") == ["Brush"])
      let parameters = metadata.texts.first { $0.keyword == "parameters" }?.text
      #expect(parameters == (format == "png" ? "Steps: 20" : nil))
    }
  }

  @Test(arguments: ["png", "jpg", "webp"])
  func `EXIF is kept, with the orientation that the pixels now have`(format: String) throws {
    // Big-endian: ImageDescription "Mum", and orientation 6, a quarter turn.
    let tiff: [UInt8] =
      [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 2] + [1, 0x0E, 0, 2, 0, 0, 0, 4] + Array("Mum\0".utf8)
      + [1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0] + [0, 0, 0, 0]
    var writer = try MetadataWriter(ImageEncoder.jpeg(Self.picture(), quality: 95))
    try writer.setEXIF(tiff)
    let (folder, source) = try Self.folder(writer.bytes, as: "in.jpg")
    defer { withExtendedLifetime(folder) {} }
    let target = folder.url.appending(path: "out.\(format)").path
    let embedded = try Self.watermark("embed", source, "-o", target, "--text", "a")
    #expect(embedded.status == 0 && embedded.errors == "", "\(embedded.errors)")
    let entries = try #require(try ImageFile(path: target).metadata().exif).entries
    #expect(entries.first { $0.tag == 0x010E }?.value == .text("Mum"))
    #expect(entries.first { $0.tag == 0x0112 }?.value == .integers([1]))
  }

  /// Files that other programs wrote, under ../shared where it is there.
  @Test(arguments: ["exif-camera.jpg", "exif-usercomment-a1111.jpg"])
  func `EXIF of real files is kept entry by entry`(name: String) throws {
    let path = "../shared/interop/metadata-made/" + name
    guard FileManager.default.fileExists(atPath: path) else { return }
    let (folder, _) = try Self.folder([], as: "none")
    defer { withExtendedLifetime(folder) {} }
    let target = folder.url.appending(path: "out.png").path
    let embedded = try Self.watermark("embed", path, "-o", target, "--text", "a")
    #expect(embedded.status == 0, "\(embedded.errors)")
    func values(_ path: String) throws -> [EXIF.Value] {
      try #require(try ImageFile(path: path).metadata().exif).entries.filter { $0.tag != 0x0112 }.map(\.value)
    }
    #expect(try values(target) == values(path))
    let before = try ImageFile(path: path).metadata()
    #expect(embedded.errors.contains("colour profile") == (before.iccProfile != nil))
    #expect(embedded.errors.contains("IPTC") == !before.iptc.isEmpty)
  }

  @Test func `a text comes back as the text that it was`() throws {
    let (folder, source) = try Self.folder(ImageEncoder.png(Self.picture()), as: "in.png")
    defer { withExtendedLifetime(folder) {} }
    let target = folder.url.path + "/out.png"
    #expect(try Self.watermark("embed", source, "-o", target, "--text", "id 7").status == 0)
    let read = try Self.watermark("read", target)
    #expect(read.output.contains("assay 69642037 (32 bits, \"id 7\"), p ≤ "), "\(read.output)")
    // Two digits of a chance, no more.
    #expect(read.output.firstMatch(of: #/p ≤ \d\.\de-\d+,/#) != nil, "\(read.output)")
    let object = try #require(try Self.watermark("read", "--json", target).objects().first)
    let mark = try #require((object["marks"] as? [[String: Any]])?.first)
    #expect(mark["payloadText"] as? String == "id 7")
    let quoted = folder.url.path + "/quoted.png"
    #expect(try Self.watermark("embed", source, "-o", quoted, "--text", "a \"7\"").status == 0)
    let words = try Self.watermark("read", quoted).output
    #expect(words.contains(#"(40 bits, "a \"7\"")"#), "\(words)")
  }

  @Test func `Content Credentials are dropped loudly`() throws {
    let (folder, source) = try Self.folder(ImageEncoder.png(Self.picture()), as: "in.png")
    defer { withExtendedLifetime(folder) {} }
    let (keys, signed) = (folder.url.path + "/keys", folder.url.path + "/signed.png")
    let made = try CommandLineTool.run(["credentials", "keys", "--organization", "Test", "-o", keys])
    #expect(made.status == 0)
    let signing = try CommandLineTool.run([
      "credentials", "sign", source, "-o", signed, "--key", keys + "/signer.key", "--certificates",
      keys + "/signer.pem", "--source", "generated", "--tool", "Brush",
    ])
    #expect(signing.status == 0, "\(signing.errors)")
    let target = folder.url.path + "/out.png"
    let embedded = try Self.watermark("embed", signed, "-o", target, "--payload", Self.payload)
    #expect(embedded.status == 0)
    #expect(embedded.errors.contains("Content Credentials"))
    #expect(try ImageFile(path: target).container().first(named: "caBX") == nil)
  }

  @Test(arguments: ["animated.gif", "animated.png", "animated.webp", "cmyk.jpg", "rgb8.png", "README"])
  func `animated, tiny and unreadable files are refused with a remedy`(name: String) throws {
    let folder = try ScratchFolder()
    defer { withExtendedLifetime(folder) {} }
    let target = folder.url.appending(path: "out.png").path
    let source = TestPaths.fixtures.appending(path: "formats/\(name)").path
    let result = try Self.watermark("embed", source, "-o", target, "--payload", Self.payload)
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("error: ") && result.errors.contains("\n  fix: "))
    #expect(!FileManager.default.fileExists(atPath: target))
  }

  @Test(arguments: ["assay", "dwtDct", "dwtDctSvd"], [0, 128, 255])
  func `a flat picture is marked readably or refused`(scheme: String, level: UInt8) throws {
    let flat = Image(
      width: 256, height: 320, colorModel: .rgb, pixels: [UInt8](repeating: level, count: 256 * 320 * 3))
    let (folder, source) = try Self.folder(ImageEncoder.png(flat), as: "flat.png")
    defer { withExtendedLifetime(folder) {} }
    let target = folder.url.appending(path: "out.png").path
    let result = try Self.watermark(
      "embed", source, "-o", target, "--payload", Self.payload, "--scheme", scheme)
    if result.status == 0 {
      #expect(try Self.watermark("read", target).output.contains(Self.payload))
    } else {
      #expect(result.errors.contains("\n  fix: "))
      #expect(!FileManager.default.fileExists(atPath: target))
    }
  }

  @Test func `grey takes an assay mark and refuses those that live in colour`() throws {
    let colour = Self.picture()
    let grey = Image(
      width: colour.width, height: colour.height, colorModel: .grey,
      pixels: colour.luminance().values.map { UInt8($0) })
    let (folder, source) = try Self.folder(ImageEncoder.png(grey), as: "grey.png")
    defer { withExtendedLifetime(folder) {} }
    let target = folder.url.appending(path: "out.png").path
    let refused = try Self.watermark("embed", source, "-o", target, "--text", "SDV2", "--scheme", "dwtDct")
    #expect(refused.status == 1 && refused.errors.contains("\n  fix: "))
    #expect(try Self.watermark("embed", source, "-o", target, "--text", "SDV2").status == 0)
    #expect(try ImageFile(path: target).decode().image.colorModel == .grey)
  }

  @Test func `sixteen bits stay sixteen`() throws {
    let picture = Self.picture()
    let deep = Image(
      width: picture.width, height: picture.height, colorModel: .rgb,
      pixels16: try ImageFile(bytes: ImageEncoder.png(picture)).decode().image.planes()[0].values.flatMap {
        [UInt16($0) * 257, UInt16($0) * 200, UInt16($0) * 150]
      })
    let (folder, source) = try Self.folder(ImageEncoder.png(deep), as: "deep.png")
    defer { withExtendedLifetime(folder) {} }
    let target = folder.url.appending(path: "out.png").path
    #expect(try Self.watermark("embed", source, "-o", target, "--text", "SDV2").status == 0)
    guard case .sixteen = try ImageFile(path: target).decode().image.samples else {
      return #expect(Bool(false), "depth was lost")
    }
  }

  @Test(arguments: [("assay", 17), ("dwtDct", 66)])
  func `a payload that is too long is refused`(scheme: String, digits: Int) throws {
    let (folder, source) = try Self.folder(ImageEncoder.png(Self.picture()), as: "in.png")
    defer { withExtendedLifetime(folder) {} }
    let result = try Self.watermark(
      "embed", source, "-o", folder.url.path + "/out.png", "--scheme", scheme, "--payload",
      String(repeating: "a", count: digits))
    #expect(result.status == 1)
    #expect(result.errors.contains("payload") && result.errors.contains("\n  fix: "))
    #expect(!FileManager.default.fileExists(atPath: folder.url.path + "/out.png"))
  }

  @Test(arguments: [
    ["embed", "x.png", "-o", "y.png"], ["embed", "x.png", "-o", "y.gif", "--text", "a"],
    ["embed", "x.png", "-o", "y.png", "--payload", "xyz"],
    ["embed", "x.png", "-o", "y.png", "--payload", "ab", "--text", "a"],
    ["embed", "x.png", "-o", "y.png", "--text", "a", "--mark-strength", "9"],
    ["embed", "x.png", "-o", "y.png", "--text", "a", "--scheme", "dwtDct", "--mark-key", "k"],
    ["read"], ["test", "x.png", "--scheme", "none"],
  ])
  func `wrong arguments exit with 64`(arguments: [String]) throws {
    let result = try CommandLineTool.run(["watermark"] + arguments)
    #expect(result.status == 64 && result.errors.hasPrefix("error: "))
  }

  @Test func `an unreadable file does not keep the others from being read`() throws {
    let (folder, source) = try Self.folder(ImageEncoder.png(Self.picture()), as: "in.png")
    defer { withExtendedLifetime(folder) {} }
    let result = try Self.watermark("read", "--json", folder.url.path + "/missing.png", source)
    #expect(result.status == 1 && result.errors.contains("missing.png"))
    let object = try #require(try result.objects().first)
    #expect(object["found"] as? Bool == false && (object["marks"] as? [Any])?.isEmpty == true)
  }

  @Test func `only the key that wrote a mark reads it`() throws {
    let (folder, source) = try Self.folder(ImageEncoder.png(Self.picture()), as: "in.png")
    defer { withExtendedLifetime(folder) {} }
    let (key, target) = (folder.url.path + "/key", folder.url.path + "/out.png")
    try Data("a secret of some length".utf8).write(to: URL(filePath: key))
    #expect(
      try Self.watermark("embed", source, "-o", target, "--text", "mine", "--mark-key", key).status == 0)
    #expect(try Self.watermark("read", target).output.contains("no mark found"))
    #expect(try Self.watermark("read", target, "--mark-key", key).output.contains("assay 6d696e65"))
    #expect(try Self.watermark("read", target, "--mark-key", key + "s").status == 1)
  }

  @Test(arguments: ["assay", "dwtDct"])
  func `test shows after which changes the mark is read`(scheme: String) throws {
    let (folder, source) = try Self.folder(ImageEncoder.png(Self.picture()), as: "in.png")
    defer { withExtendedLifetime(folder) {} }
    let result = try Self.watermark("test", source, "--scheme", scheme, "--payload", Self.payload, "--json")
    #expect(result.status == 0, "\(result.errors)")
    let object = try #require(try result.objects().first)
    #expect(object["scheme"] as? String == scheme && object["payloadHex"] as? String == Self.payload)
    #expect(object["psnr"] as? Double ?? 0 > 30)
    let attacks = try #require(object["attacks"] as? [[String: Any]])
    let outcomes = Dictionary(
      uniqueKeysWithValues: attacks.map { ($0["attack"] as? String ?? "", $0["outcome"] as? String ?? "") })
    #expect(outcomes["none"] == "read")
    if scheme == "assay" { #expect(outcomes["jpeg 75"] == "read") }
    #expect(outcomes["rotate 10°"] == (scheme == "assay" ? "read" : "lost"))
  }
}
