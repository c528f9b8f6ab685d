import ArgumentParser
import Foundation
import Generators
import ImageFormats

struct TranslateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate", abstract: "Make a picture from a line drawing; the result is marked.",
    discussion: """
      Lines leave open whether it is noon or dusk, summer or snow: --seed chooses among usual colours, --sheet shows \
      those of many seeds, --like takes a picture's. The drawing stays in the result's Content Credentials as its \
      parent. `assay-lab train translation` makes models of other subjects.

      EXAMPLES
        assay translate drawing.png --sheet 12 -o sheet.png
        assay translate drawing.png --seed 7 -o landscape.png
      """)

  @Argument(help: "The drawing: dark lines on a light ground.")
  var drawing: String

  @Option(
    help: "A model that ships with Assay, or a .safetensors file that `assay-lab train translation` wrote.")
  var model = "sketch-landscapes"

  @Option(help: "sketch takes the lines as they are, photo finds them.")
  var input = TranslationModel.Input.sketch

  @Option(help: "Seed of the colours; \(TranslationModel.usualSeed) by default.")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "In place of a seed, a picture to approach in the colours of sky, middle and ground.", valueName: "file"
    ))
  var like: String?

  @Option(help: "Write a sheet of this many results, of --seed and the seeds after it, numbered: 2...100.")
  var sheet: Int?

  @OptionGroup var target: MarkedFileOptions

  func validate() throws {
    guard like == nil || (seed == nil && sheet == nil) else {
      throw ValidationError("--like takes the place of --seed and --sheet")
    }
    guard (2...100).contains(sheet ?? 2) else { throw ValidationError("--sheet is 2...100") }
    guard (seed ?? 0) <= UInt64(Int.max) - 100 else { throw ValidationError("--seed is too large") }
  }

  func run() throws {
    let model = try TranslationModel(model)
    let given = try GivenPicture(drawing)
    let first = seed ?? TranslationModel.usualSeed
    let colours =
      try like.map { path in
        TranslationModel.Colours.picture(
          try GivenPicture(path).image, title: URL(filePath: path).lastPathComponent)
      } ?? .seed(first)
    try target.write {
      if let sheet {
        return try model.sheet(
          given.image, as: input, seeds: first..<first + UInt64(sheet), source: given.source)
      }
      return try model.translate(given.image, as: input, colours: colours, source: given.source)
    }
  }
}

extension TranslationModel.Input: ExpressibleByArgument {}
