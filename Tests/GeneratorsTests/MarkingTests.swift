import ContentCredentials
import Foundation
import Generators
import ImageFormats
import Images
import TestSupport
import Testing
import Watermarks

struct MarkingTests {
  private func picture(_ seed: UInt64 = 5) throws -> GeneratedImage {
    try PictureModelTests.model.get().picture(.init(seed: seed))
  }

  private func marker(_ format: OutputMarker.Format = .png) throws -> OutputMarker {
    var marker = try OutputMarker(testKeyAt: Date())
    marker.format = format
    return marker
  }

  @Test(arguments: OutputMarker.Format.allCases)
  func `every file carries watermark, XMP and valid credentials that agree`(format: OutputMarker.Format)
    throws
  {
    let file = try marker(format).mark(picture())
    let image = ImageFile(bytes: file.bytes)
    let marks = AssayMark().read(try image.decode().image).marks
    #expect(marks.first?.payload.hex == file.identifier)
    let packet = try #require(try image.metadata().xmp.first)
    let text = String(decoding: file.bytes[packet.byteRange], as: UTF8.self)
    #expect(text.contains("trainedAlgorithmicMedia") && !text.contains("composite"))
    #expect(text.contains("Assay untrained") && !text.contains("TC260:AIGC>"))
    let report = CredentialsReader().report(on: file.bytes)
    #expect(report.state == .valid, "\(report)")
    #expect(String(describing: report).contains(file.identifier))
  }

  @Test func `a changed picture names its parent and its kind of change`() throws {
    let content = Pictures.waves()
    let result = try StyleTests.model.get().stylize(
      content, source: Pictures.source(content),
      request: .init(styles: [.init(image: Pictures.waves(seed: 4), title: "s")]))
    let file = try marker().mark(result)
    let text = String(decoding: file.bytes, as: UTF8.self)
    #expect(text.contains("compositeWithTrainedAlgorithmicMedia") && text.contains("parentOf"))
    #expect(text.contains("content.png"))
  }

  @Test func `a picture that is mostly clipped is narrowed in range until it carries the mark`() throws {
    let picture = try PictureModel("flowers").picture(.init(seed: 11, index: 446))
    let file = try marker().mark(picture)
    let image = try Pictures.decoded(file)
    #expect(AssayMark().read(image).marks.first?.payload.hex == file.identifier)
  }

  @Test func `China's label is written where asked for`() throws {
    var marker = try marker()
    marker.labelProducer = "Example Studio"
    let file = try marker.mark(picture())
    let text = String(decoding: file.bytes, as: UTF8.self)
    #expect(text.contains("TC260:AIGC") && text.contains("Example Studio") && text.contains(file.identifier))
  }

  @Test func `the same picture has the same identifier and pixels under any key and at any time`() throws {
    let (one, other) = (try marker().mark(picture()), try marker().mark(picture()))
    #expect(one.identifier == other.identifier && one.bytes != other.bytes)
    #expect(try Pictures.decoded(one) == Pictures.decoded(other))
  }

  @Test func `the label is high enough, in its corner and legible`() throws {
    for corner in VisibleLabel.Corner.allCases {
      var marker = try marker()
      marker.label = try VisibleLabel("AI-generated", corner: corner)
      let file = try marker.mark(picture())
      let statement = LabelRecord.Statement(try ImageFile(bytes: file.bytes).metadata())
      guard case .drawn(let record)? = statement else { throw CocoaError(.fileReadCorruptFile) }
      #expect(record.text == "AI-generated" && record.heightShare >= 0.05 && record.isAtEdge)
      let place = record.region
      #expect(place.x >= 0 && place.y >= 0 && place.x + place.width <= 128 && place.y + place.height <= 128)
      let isLeft = place.x < 128 - place.x - place.width
      #expect(isLeft == (corner == .topLeft || corner == .bottomLeft) || place.width > 100)
      #expect((place.y < 64) == (corner == .topLeft || corner == .topRight))
      // Ink is nearly white, the ground dark: WCAG's contrast of the palest ground against the ink.
      let image = try Pictures.decoded(file).luminance()
      var levels: [Float] = []
      for y in place.y..<place.y + place.height {
        for x in place.x..<place.x + place.width { levels.append(image[x, y]) }
      }
      levels.sort()
      func relative(_ level: Float) -> Double {
        let share = Double(level) / 255
        return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
      }
      let contrast =
        (relative(levels[levels.count - 1 - levels.count / 50]) + 0.05)
        / (relative(levels[levels.count / 3]) + 0.05)
      #expect(contrast >= 4.5, "\(corner): \(contrast)")
      // The watermark is in the labelled picture too.
      #expect(AssayMark().read(try Pictures.decoded(file)).found)
    }
  }

  @Test func `labels that cannot be drawn are refused`() throws {
    func code(_ body: () throws -> Void) -> String? {
      do {
        try body()
        return nil
      } catch { return (error as? GeneratorError)?.code }
    }
    #expect(code { _ = try VisibleLabel("") } == "label.text")
    #expect(code { _ = try VisibleLabel("a\u{07}b") } == "label.text")
    #expect(code { _ = try VisibleLabel(String(repeating: "a", count: 65)) } == "label.text")
    var marker = try marker()
    marker.label = try VisibleLabel(String(repeating: "W", count: 64))
    #expect(code { _ = try marker.mark(picture()) } == "label.room")
    // A character that no font has.
    marker.label = try VisibleLabel("\u{10FFFD}")
    #expect(code { _ = try marker.mark(picture()) } == "label.glyphs")
  }

  @Test func `a file that cannot be written leaves nothing behind`() throws {
    let folder = try ScratchPlace()
    let file = try marker().mark(picture())
    let path = folder.url.appending(path: "out.png").path
    #expect(throws: ImageFormatError.self) {
      try file.write(to: folder.url.path + "/none/out.png", overwrite: false)
    }
    try file.write(to: path, overwrite: false)
    #expect(throws: ImageFormatError.self) { try file.write(to: path, overwrite: false) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["out.png"])
    // A device that is always full.
    if FileManager.default.fileExists(atPath: "/dev/full") {
      #expect(throws: (any Error).self) { try file.write(to: "/dev/full/out.png", overwrite: true) }
    }
  }
}
