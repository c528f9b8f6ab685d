import ArgumentParser
import Foundation
import Generators
import ImageFormats

struct TranslateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate", abstract: "Make a picture from a line drawing; the result is marked.",
    discussion: """
      The drawing stays in the result's Content Credentials as its parent. `assay-lab train translation` makes models \
      of other subjects.

      EXAMPLE
        assay translate drawing.png -o landscape.png
      """)

  @Argument(help: "The drawing: dark lines on a light ground.")
  var drawing: String

  @Option(
    help: "A model that ships with Assay, or a .safetensors file that `assay-lab train translation` wrote.")
  var model = "sketch-landscapes"

  @Option(help: "sketch takes the lines as they are, photo finds them.")
  var input = TranslationModel.Input.sketch

  @OptionGroup var target: MarkedFileOptions

  func run() throws {
    let model = try TranslationModel(model)
    let given = try GivenPicture(drawing)
    try target.write { try model.translate(given.image, as: input, source: given.source) }
  }
}

extension TranslationModel.Input: ExpressibleByArgument {}
