import ContentCredentials
import Foundation
import Generators
import ImageFormats
import Images
import Tensors
import TestSupport
import Testing
import Watermarks

struct PanoramaTests {
  static let model = Result {
    PanoramaModel(try PictureModel("landscapes"), upsampler: try UpsamplerModel())
  }
  /// The pixels of a seed, before they are marked.
  static let sphere = Result { try model.get().sphere(.init(seed: 4)) }

  /// The mean difference of neighbouring columns, for each column and the next one around the circle.
  private func steps(_ image: Image) -> [Double] {
    let (width, height) = (image.width, image.height)
    let pixels = image.pixels8
    return (0..<width).map { column in
      let next = (column + 1) % width
      var sum = 0
      for y in 0..<height {
        for channel in 0..<3 {
          sum += abs(
            Int(pixels[(y * width + column) * 3 + channel]) - Int(pixels[(y * width + next) * 3 + channel]))
        }
      }
      return Double(sum) / Double(3 * height)
    }
  }

  @Test func `the circle has no seam`() throws {
    let image = try Self.sphere.get()
    #expect(image.width == 2048 && image.height == 1024)
    let steps = steps(image)
    let others = steps.dropLast().sorted()
    // No larger than between columns elsewhere, and no more than in the busier half of them.
    #expect(steps[image.width - 1] <= others[others.count * 9 / 10], "\(steps[image.width - 1])")
    // The generator's own columns are several of these wide: no quarter's edge stands out either.
    for quarter in 1...4 {
      let edge = steps[quarter * 512 - 1]
      #expect(edge <= others[others.count * 99 / 100], "at \(quarter * 512): \(edge)")
    }
  }

  @Test func `each pole is one colour, and the rows near it nearly so`() throws {
    let image = try Self.sphere.get()
    let row = image.width * 3
    func spread(_ y: Int) -> Int {
      let pixels = image.pixels8[y * row..<(y + 1) * row]
      return (0..<3).map { channel in
        let values = pixels.enumerated().filter { $0.offset % 3 == channel }.map { Int($0.element) }
        return (values.max() ?? 0) - (values.min() ?? 0)
      }.max() ?? 0
    }
    #expect(spread(0) == 0 && spread(image.height - 1) == 0)
    #expect(spread(8) <= 3 && spread(image.height - 9) <= 3)
    // A pinch would be as busy at the pole as at the horizon.
    #expect(spread(image.height / 2) > 40)
  }

  @Test func `a seed gives the same panorama on one thread and two, and another seed another`() throws {
    func sphere(_ seed: UInt64, threads: Int) throws -> Image {
      try Parallelism.withThreads(threads) { try Self.model.get().sphere(.init(seed: seed)) }
    }
    #expect(try sphere(4, threads: 1) == sphere(4, threads: 2))
    #expect(try sphere(5, threads: 2) != Self.sphere.get())
  }

  @Test(arguments: OutputMarker.Format.allCases)
  func `all marks are in it, and XMP says that it goes around`(format: OutputMarker.Format) throws {
    var marker = try OutputMarker(testKeyAt: Date())
    marker.format = format
    let file = try marker.mark(try Self.model.get().panorama(.init(seed: 4)))
    let image = ImageFile(bytes: file.bytes)
    let decoded = try image.decode().image
    #expect(decoded.width == 2048 && decoded.height == 1024)
    #expect(AssayMark().read(decoded).marks.first?.payload.hex == file.identifier)
    let report = CredentialsReader().report(on: file.bytes)
    #expect(report.state == .valid, "\(report)")
    let actions = try #require(report.active?.actions)
    #expect(actions.map(\.action) == ["c2pa.created", "c2pa.edited", "c2pa.watermarked.bound"])
    let metadata = try image.metadata()
    for (name, value) in [
      ("ProjectionType", "equirectangular"), ("UsePanoramaViewer", "True"), ("FullPanoWidthPixels", "2048"),
      ("FullPanoHeightPixels", "1024"), ("CroppedAreaImageWidthPixels", "2048"),
      ("CroppedAreaImageHeightPixels", "1024"), ("CroppedAreaLeftPixels", "0"), ("CroppedAreaTopPixels", "0"),
    ] {
      let values = metadata.xmpValues(namespace: "http://ns.google.com/photos/1.0/panorama/", name: name)
      #expect(values == [value], "\(name)")
    }
  }

  @Test func `flat pictures say nothing of a sphere`() throws {
    let file = try OutputMarker(testKeyAt: Date()).mark(PictureModelTests.model.get().picture(.init(seed: 1)))
    #expect(!String(decoding: file.bytes, as: UTF8.self).contains("GPano"))
  }

  /// What a generator makes that never learned what a sky is goes around all the same.
  @Test func `a generator of anything goes around`() throws {
    let model = PanoramaModel(try PictureModelTests.model.get(), upsampler: try UpsamplerModel())
    let image = try model.sphere(.init(seed: 1))
    let steps = steps(image)
    #expect(steps[image.width - 1] <= (steps.dropLast().max() ?? 0))
  }

  @Test func `mixtures begin at their parts, and stay as far from the average as those are`() throws {
    let model = try PictureModel("landscapes")
    func picture(_ parts: [(UInt64, Float)]) -> [UInt8] {
      model.picture(between: parts.map { .init(seed: $0.0, weight: $0.1) }).identifier
    }
    #expect(picture([(7, 1)]) == picture([(7, 0.5), (8, 0)]))
    #expect(picture([(7, 1)]) != picture([(7, 1), (8, 0.5)]))
    #expect(picture([(7, 1), (8, 1)]) == picture([(7, 0.5), (8, 0.5)]))
  }
}
