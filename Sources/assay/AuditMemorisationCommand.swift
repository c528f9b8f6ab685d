import ArgumentParser
import Audits
import Console
import Diagnostics
import Examiners
import Foundation
import Generators
import ImageFormats
import Images
import Reports
import Scanning

struct AuditMemorisationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memorisation",
    abstract: "Measure how near a generator's pictures come to those it was trained on.",
    discussion: """
      Each generated picture is held against all training pictures, as it is and mirrored, by a network's features and \
      by a perceptual hash. The yardstick is how near the training pictures lie to one another. A low figure is no \
      proof that nothing was copied: parts of pictures are not looked for.

      EXAMPLE
        assay audit memorisation --generated out --training pictures
      """)

  @Option(help: "Folder of generated pictures.")
  var generated: String

  @Option(help: "Folder of the pictures that the generator was trained on.")
  var training: String

  @Option(help: "How many of the nearest pairs to name.")
  var show = 10

  @Flag(help: "Print JSON (assay.memorisation/1).")
  var json = false

  func validate() throws {
    guard (0...10_000).contains(show) else { throw ValidationError("--show is 0...10000") }
  }

  func run() throws {
    Progress.begin("reading generated", "pictures", upTo: 0.3)
    let made = Self.pictures(generated)
    Progress.begin("reading training", "pictures", upTo: 0.6)
    let known = Self.pictures(training)
    Progress.begin("comparing")
    let result = try MemorisationCheck()(
      generated: made.images, training: known.images, hash: { PerceptualHash($0).bits })
    if json {
      var shown = result
      shown.neighbours = Array(result.neighbours.prefix(show))
      let output = Output(
        result: shown, generatedNames: made.names, trainingNames: known.names,
        generatedCount: made.names.count, trainingCount: known.names.count)
      return Terminal.out(try IndentedJSON.of(output, as: output.schema))
    }
    var text = "\(made.names.count) generated pictures against \(known.names.count) training pictures\n"
    text +=
      "feature distance to the nearest: median \(Self.short(result.generatedMedian)); "
      + "among training pictures: median \(Self.short(result.trainingMedian)), "
      + "first percentile \(Self.short(result.trainingFirstPercentile))\n"
    text += "nearer than that first percentile: \(result.suspicious) of \(made.names.count)\n"
    text +=
      "perceptual hashes within \(MemorisationCheck.hashLimit) bits of a training picture: \(result.hashMatches); "
      + "least distance \(result.leastHashDistance) bits\n"
    for pair in result.neighbours.prefix(show) {
      text +=
        "  \(Self.short(pair.featureDistance))  \(made.names[pair.generated])  \(known.names[pair.training])  "
        + "hash \(pair.hashDistance)\n"
    }
    Terminal.out(text)
  }

  private static func short(_ value: Float) -> String { String(format: "%.3f", value) }

  /// What can be decoded, in the order of the walk.
  private static func pictures(_ folder: String) -> (names: [String], images: [Image]) {
    var names: [String] = []
    var images: [Image] = []
    let files = Array(FileWalk([FilePath(folder)]))
    Progress.count(files.count)
    for path in files {
      defer { Progress.advance() }
      guard let image = try? ImageFile(path: path).decode().image else {
        Terminal.error("note: \(path.display): not a picture that can be read\n")
        continue
      }
      // Kept at the size that is looked at: a folder may hold thousands of large pictures.
      let least = min(image.width, image.height)
      let square = image.withoutAlpha().inColor().centerCropped(width: least, height: least)
      images.append(least == 128 ? square : square.resized(width: 128, height: 128, filter: .lanczos3))
      names.append(path.display)
    }
    return (names, images)
  }

  /// `assay.memorisation/1`.
  private struct Output: Encodable {
    struct Pair: Encodable {
      var generated: String
      var training: String
      var featureDistance: Float
      var hashDistance: Int
    }

    var schema = "assay.memorisation/1"
    var generated: Int
    var training: Int
    var generatedMedian: Float
    var trainingMedian: Float
    var trainingFirstPercentile: Float
    var nearerThanFirstPercentile: Int
    var hashMatches: Int
    var leastHashDistance: Int
    var nearest: [Pair]

    init(
      result: MemorisationCheck.Result, generatedNames: [String], trainingNames: [String],
      generatedCount: Int, trainingCount: Int
    ) {
      generated = generatedCount
      training = trainingCount
      generatedMedian = result.generatedMedian
      trainingMedian = result.trainingMedian
      trainingFirstPercentile = result.trainingFirstPercentile
      nearerThanFirstPercentile = result.suspicious
      hashMatches = result.hashMatches
      leastHashDistance = result.leastHashDistance
      nearest = result.neighbours.map {
        Pair(
          generated: generatedNames[$0.generated], training: trainingNames[$0.training],
          featureDistance: $0.featureDistance, hashDistance: $0.hashDistance)
      }
    }
  }
}
