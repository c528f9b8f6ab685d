import ArgumentParser
import Foundation
import ImageFormats
import Images
import Watermarks

/// Counts how often the reader of foreign marks calls one found in pictures that carry none.
struct WatermarkFalseAlarms: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watermark-false-alarms",
    abstract: "Read every picture under the folders, and random cuts of it, and report the marks found.")

  @Argument(help: "Folders or files.")
  var paths: [String]

  @Option(help: "Random cuts of each picture, 96 px and larger.")
  var crops = 3

  @Option(help: "Read every n-th file only.")
  var every = 1

  @Option(help: "Seed of the cuts.")
  var seed: UInt64 = 1

  func run() throws {
    let reader = DWTReader()
    var random = SplitMix(state: seed)
    var counts = (pictures: 0, cuts: 0, found: 0, notEvaluable: 0, unreadable: 0)
    var smallest: [Double] = []
    var pixels = 0
    let clock = ContinuousClock()
    var reading = Duration.zero

    func look(at image: Image, name: String) {
      let start = clock.now
      let result = reader.read(image)
      reading += clock.now - start
      pixels += image.pixelCount
      if result.notEvaluable != nil { counts.notEvaluable += 1 }
      if let near = result.nearMiss { smallest.append(near.pValue) }
      for mark in result.marks {
        counts.found += 1
        print(
          "found \(name): \(mark.scheme) \(mark.payloadName ?? mark.payload.hex) \(mark.payload.count) bits, "
            + "p \(mark.pValue), agreement \(mark.bitAgreement), offset \(mark.geometry.offset)")
      }
    }

    for (index, path) in try PictureFiles.all(in: paths).enumerated() where index % every == 0 {
      guard let image = try? ImageFile(path: path).decode().image else {
        counts.unreadable += 1
        continue
      }
      counts.pictures += 1
      look(at: image, name: path)
      for _ in 0..<crops where image.width > 96 && image.height > 96 {
        let width = Int.random(in: 96...image.width, using: &random)
        let height = Int.random(in: 96...image.height, using: &random)
        let x = Int.random(in: 0...image.width - width, using: &random)
        let y = Int.random(in: 0...image.height - height, using: &random)
        counts.cuts += 1
        look(
          at: image.cropped(x: x, y: y, width: width, height: height),
          name: "\(path) [\(x),\(y) \(width)×\(height)]")
      }
    }

    smallest.sort()
    let seconds = Double(reading.components.seconds) + Double(reading.components.attoseconds) * 1e-18
    print(
      "pictures \(counts.pictures), cuts \(counts.cuts), not evaluable \(counts.notEvaluable), unreadable \(counts.unreadable)"
    )
    print("marks found \(counts.found), threshold p ≤ \(DWTReader.significance)")
    print(
      "smallest p-values turned down: \(smallest.prefix(8).map { String(format: "%.2g", $0) }.joined(separator: " "))"
    )
    print(String(format: "%.1f ms a megapixel", seconds * 1000 / max(1e-9, Double(pixels) / 1e6)))
  }
}
