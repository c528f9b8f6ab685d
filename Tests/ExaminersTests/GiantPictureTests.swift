import ContentCredentials
import Examiners
import ImageFormats
import Images
import Scanning
import TestSupport
import Testing

/// Pictures that are too large to be held are read row by row, and every answer says what it rests on.
struct GiantPictureTests {
  private static func jpeg(width: Int, height: Int, grey: Bool = false) throws -> [UInt8] {
    var random = SplitMix(state: 5)
    let channels = grey ? 1 : 3
    let pixels = (0..<width * height * channels).map { index in
      UInt8(truncatingIfNeeded: 40 + index / channels % width / 5 + Int(random.next() % 40))
    }
    return try ImageEncoder.jpeg(
      Image(width: width, height: height, colorModel: grey ? .grey : .rgb, pixels: pixels), quality: 90)
  }

  private static func limits(_ held: Int) -> ReadLimits {
    var limits = ReadLimits.standard
    limits.maxHeldPixels = held
    return limits
  }

  @Test(arguments: [false, true])
  func `the means and the first rows are those of the picture`(grey: Bool) throws {
    let bytes = try Self.jpeg(width: 413, height: 301, grey: grey)
    let whole = try ImageFile(bytes: bytes).decode().image
    var seen: [UInt8] = []
    let file = ImageFile(bytes: bytes, limits: Self.limits(100_000))
    let reduced = try #require(
      try file.decodeReduced { header, samples in
        #expect(header.width == 413 && header.height == 301)
        seen += samples
      })
    #expect(seen == whole.pixels8)
    let reduction = try #require(reduced.reduction)
    let rows = reduction.firstRows
    #expect((reduction.width, reduction.height) == (413, 301) && rows.width == 413)
    #expect(rows.height == 64 && rows.pixels8.elementsEqual(whole.pixels8.prefix(rows.pixels8.count)))
    let factor = reduction.factor
    #expect(reduced.image.width == 413 / factor && reduced.image.height == 301 / factor)
    #expect(reduced.image.pixelCount <= 100_000 / 8)
    let channels = whole.channels
    for (x, y, channel) in [
      (0, 0, 0), (7, 9, channels - 1), (reduced.image.width - 1, reduced.image.height - 1, 0),
    ] {
      var sum = factor * factor / 2
      for row in 0..<factor {
        for column in 0..<factor {
          sum += Int(whole.pixels8[((y * factor + row) * 413 + x * factor + column) * channels + channel])
        }
      }
      let got = Int(reduced.image.pixels8[(y * reduced.image.width + x) * channels + channel])
      #expect(got == sum / (factor * factor))
    }
  }

  @Test func `what is small enough, cut or no JPEG is not reduced`() throws {
    let bytes = try Self.jpeg(width: 413, height: 301)
    #expect(try ImageFile(bytes: bytes).decodeReduced { _, _ in } == nil)
    let cut = ImageFile(bytes: Array(bytes.prefix(bytes.count / 2)), limits: Self.limits(100_000))
    #expect(try cut.decodeReduced { _, _ in } == nil)
    let scan = FileScanner(examiners: ExaminerRegister.scan([.spectra], trust: .init())).scan(cut).result
    #expect(scan.error?.code.hasSuffix("truncated") == true)
  }

  @Test func `a scan says what it looked at, and the pixels' hash is that of the whole`() throws {
    let bytes = try Self.jpeg(width: 640, height: 480)
    let scanner = FileScanner(examiners: ExaminerRegister.scan(Set(ExaminerKind.allCases), trust: .init()))
    let whole = scanner.scan(ImageFile(bytes: bytes)).result
    let giant = scanner.scan(ImageFile(bytes: bytes, limits: Self.limits(300_000))).result
    #expect(giant.pixelSha256 == whole.pixelSha256 && giant.pixelSha256 != nil)
    #expect(giant.width == 640 && giant.height == 480 && giant.error == nil)
    #expect(
      giant.warnings.contains { $0.hasPrefix("the picture has 0 megapixels: it was looked at reduced to") })
    #expect(!whole.warnings.contains { $0.contains("reduced") })
    for evidence in giant.evidence where evidence.class != .declared && evidence.class != .verified {
      #expect(evidence.reason?.contains("too large to be held") == true, "\(evidence.method)")
    }
    #expect(giant.evidence.first { $0.method == "spectra" }?.reason?.contains("of 480 rows") == true)
    #expect(giant.evidence.map(\.method) == whole.evidence.map(\.method))
  }
}
