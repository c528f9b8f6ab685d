import ArgumentParser
import Foundation
import ImageFormats
import Images
import Watermarks

/// `benchmarks watermark-robustness DIR…`: Assay's mark against every attack, on the pictures of folders.
struct WatermarkRobustness: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watermark-robustness",
    abstract: "Survival, quality and time of Assay's own mark under each attack.")

  @Argument(help: "Folders of pictures (PNG, JPEG, WebP), read recursively; each is a column.")
  var folders: [String]

  @Option(help: "Read at most this many pictures of a folder, in the order of their paths.")
  var limit = Int.max

  @Option(help: "Only pictures whose shorter side has at least this many pixels.")
  var minimumSide = 400

  @Option(help: "Cut pictures to this many pixels a side from the middle first; 0 leaves them alone.")
  var side = 0

  @Option(help: "Seed of payloads, crops, angles and noise.")
  var seed: UInt64 = 1

  @Option(help: "Only attacks whose name contains this, or one of these with commas between.")
  var only: String?

  @Option(help: "Write NAME.json and NAME.md.")
  var output: String?

  @Option(help: "Write each marked picture as a PNG into this folder, to be looked at.")
  var marked: String?

  @Flag(help: "Name each picture that fails.")
  var verbose = false

  mutating func run() throws {
    let wanted = only?.split(separator: ",")
    let attacks = RobustnessCase.all.filter { attack in wanted?.contains { attack.name.contains($0) } ?? true
    }
    let sets = try folders.map { folder in
      var set = RobustnessSet(name: URL(filePath: folder).lastPathComponent)
      for (number, path) in try PictureFiles.all(in: folder).enumerated() {
        guard set.pictures < limit else { break }
        guard var image = try? ImageFile(path: path).decode().image.withoutAlpha(),
          min(image.width, image.height) >= max(minimumSide, side)
        else { continue }
        if side > 0 { image = image.centerCropped(width: side, height: side) }
        let name = URL(filePath: path).lastPathComponent
        try measure(image, name: name, seed: seed &+ UInt64(number) &* 1000, attacks: attacks, set: &set)
      }
      return set
    }
    let report = RobustnessReport(seed: seed, attacks: attacks.map(\.name), sets: sets)
    let markdown = report.markdown(command: CommandLine.arguments.dropFirst().joined(separator: " "))
    print(markdown)
    if let output {
      try report.json().write(to: URL(filePath: output + ".json"))
      try Data(markdown.utf8).write(to: URL(filePath: output + ".md"))
    }
  }

  private func measure(
    _ image: Image, name: String, seed: UInt64, attacks: [RobustnessCase], set: inout RobustnessSet
  ) throws {
    let scheme = AssayMark(effort: .firstMark)
    let payload = Payload(
      bytes: (0..<8).map { UInt8(truncatingIfNeeded: (seed &* 2_654_435_761) >> (8 * $0)) })
    let megapixels = Double(image.pixelCount) / 1e6
    let marked: Image
    let start = ProcessorTime.milliseconds
    do {
      marked = try scheme.embed(payload, in: image)
    } catch {
      set.refused += 1
      print("\(name): \(error)")
      return
    }
    set.pictures += 1
    set.megapixels.append(megapixels)
    set.embed.append((ProcessorTime.milliseconds - start) / megapixels)
    if let folder = self.marked {
      try writeAtomically(ImageEncoder.png(marked), to: "\(folder)/\(name).png", overwrite: true)
    }
    set.psnr.append(Similarity.psnr(image, marked))
    set.ssim.append(Similarity.ssim(image.luminance(), marked.luminance()) ?? 1)
    let quick = AssayMark(effort: .ownGrid)
    let quickStart = ProcessorTime.milliseconds
    _ = quick.read(marked)
    set.ownGrid.append((ProcessorTime.milliseconds - quickStart) / megapixels)
    let unmarkedStart = ProcessorTime.milliseconds
    if scheme.read(image).found { set.falseAlarms += 1 }
    set.search.append((ProcessorTime.milliseconds - unmarkedStart) / megapixels)
    for (index, attack) in attacks.enumerated() {
      let attacked = try attack.apply(to: marked, seed: seed &+ UInt64(index))
      let readStart = ProcessorTime.milliseconds
      let reading = scheme.read(attacked)
      let time = (ProcessorTime.milliseconds - readStart) / (Double(attacked.pixelCount) / 1e6)
      let survived = reading.marks.contains { $0.payload == payload }
      if verbose, !survived { print("\(attack.name) fails on \(name) (\(image.width)×\(image.height))") }
      set.count(attack.name, survived: survived, wrong: reading.found && !survived, time: time)
    }
  }
}
