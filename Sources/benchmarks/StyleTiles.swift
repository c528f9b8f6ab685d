import ArgumentParser
import Foundation
import Generators
import ImageFormats
import Images
import Tensors

/// `benchmarks style-tiles CONTENT STYLE`: whether a large picture that is painted in tiles shows where they meet.
struct StyleTiles: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "style-tiles",
    abstract: "Differences between a picture painted in the usual tiles and in tiles of other sizes.",
    discussion: """
      Nothing generated is written; --difference writes the differences of the first other size, magnified.

      EXAMPLE
        benchmarks style-tiles photo.png painting.jpg --side 4096 --tiles 1024,2048
      """)

  @Argument(help: "The content.")
  var content: String

  @Argument(help: "The style.")
  var style: String

  @Option(help: "The content's central square is scaled to this side.")
  var side = 4096

  @Option(help: "Other sides of tiles, with commas between; one above 2/3 of the side paints it whole.")
  var tiles = "1024"

  @Option(help: "Write 128 + 64 times the differences as PNG.")
  var difference: String?

  func run() throws {
    let sides = tiles.split(separator: ",").compactMap { Int($0) }
    guard !sides.isEmpty else { throw ValidationError("--tiles are numbers with commas between") }
    let model = try StyleModel()
    let picture = try ImageFile(path: content).decode().image.withoutAlpha()
    let least = min(picture.width, picture.height)
    let scaled = picture.centerCropped(width: least, height: least)
      .resized(width: side, height: side, filter: .lanczos3)
    let request = StyleModel.Request(
      styles: [.init(image: try ImageFile(path: style).decode().image, title: "style")])
    func painted(_ tile: Int) throws -> Image {
      let start = ResidentMemory.startPeak()
      let clock = ContinuousClock.now
      let image = try model.painted(scaled, title: "content", request: request, tile: tile)
      let seconds = clock.duration(to: .now) / .seconds(1)
      print(
        "tiles of \(tile): \(String(format: "%.1f", seconds)) s, "
          + "\(Int(ResidentMemory.peak - start)) MiB above the start")
      return image
    }
    let first = try painted(StyleModel.tileSide).pixels8
    for (index, tile) in sides.enumerated() {
      let other = try painted(tile).pixels8
      var counts = [Int](repeating: 0, count: 256)
      for i in first.indices { counts[abs(Int(first[i]) - Int(other[i]))] += 1 }
      let total = counts.enumerated().reduce(0) { $0 + $1.offset * $1.element }
      let greatest = counts.lastIndex { $0 > 0 } ?? 0
      print(
        "\(StyleModel.tileSide) against \(tile): \(first.count - counts[0]) of \(first.count) samples differ, "
          + "by \(greatest) of 255 at most, \(Double(total) / Double(first.count)) on average")
      if let difference, index == 0 {
        let levels = zip(first, other).map { UInt8(min(max(128 + 64 * (Int($0) - Int($1)), 0), 255)) }
        let image = Image(width: side, height: side, colorModel: .rgb, pixels: levels)
        try Data(ImageEncoder.png(image)).write(to: URL(filePath: difference))
      }
    }
  }
}
