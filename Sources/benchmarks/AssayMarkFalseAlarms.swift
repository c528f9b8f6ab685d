import ArgumentParser
import Evaluation
import Foundation
import ImageFormats
import Images
import Scanning
import Watermarks

/// `benchmarks assay-mark-false-alarms DIR`: reads crops of pictures that carry no mark of Assay's.
struct AssayMarkFalseAlarms: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay-mark-false-alarms",
    abstract: "Marks of Assay's that are seen in random crops of unmarked pictures.")

  @Argument(help: "A folder of unmarked pictures (PNG, JPEG, WebP), read recursively.")
  var folder: String

  @Option(help: "How many crops to read.")
  var count = 1000

  @Option(help: "Pixels a side of a crop; smaller pictures are read whole.")
  var side = 256

  @Flag(help: "Read the picture's own grid only, in its eight orientations; without it any scale and turn.")
  var ownGrid = false

  @Option(help: "Seed of the crops and of the keys.")
  var seed: UInt64 = 1

  mutating func run() throws {
    let paths = try PictureFiles.all(in: folder)
    var random = SplitMix(state: seed)
    var (read, alarms, pictures) = (0, 0, 0)
    // A few keys: each draws its own pattern.
    let schemes = (0..<4).map { number in
      AssayMark(
        key: number == 0 ? .open : MarkKey(bytes: "false alarms \(number)".utf8),
        effort: ownGrid ? .ownGrid : .allMarks)
    }
    let each = max((count + max(paths.count, 1) - 1) / max(paths.count, 1), 1)
    for path in paths where read < count {
      guard let image = try? ImageFile(path: path).decode().image, min(image.width, image.height) >= 64
      else { continue }
      pictures += 1
      for _ in 0..<min(each, count - read) {
        let (width, height) = (min(image.width, side), min(image.height, side))
        let crop = image.cropped(
          x: Int(random.unit() * Double(image.width - width + 1)),
          y: Int(random.unit() * Double(image.height - height + 1)), width: width, height: height)
        if schemes[read % schemes.count].read(crop).found {
          alarms += 1
          print("false alarm: \(path)")
        }
        read += 1
      }
    }
    let bound = ProportionInterval.wilson(alarms, of: read).high
    print(
      "\(alarms) false alarms in \(read) crops of \(pictures) pictures, \(ownGrid ? "own grid" : "whole search"); "
        + "at most \(bound) with 95 % confidence (Wilson); by the code's arithmetic under 1e-11 a picture")
  }
}
