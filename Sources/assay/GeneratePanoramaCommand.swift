import ArgumentParser
import Console
import Generators

struct GeneratePanoramaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "panorama", abstract: "Make a landscape that goes all around; it is marked.",
    discussion: """
      The result is equirectangular, 2048 × 1024 with the shipped model, and says so in XMP (GPano), so that viewers \
      turn it. The generator makes what goes around the horizon, 45° up and down, in one pass without a left and a right \
      end; a second model enlarges it; sky and ground are continued from there to the poles. The same seed gives the same \
      pixels. `assay serve` has a viewer. Printed are the file and the identifier that its watermark carries.

      EXAMPLE
        assay generate panorama --seed 4 -o around.jpg
      """)

  @Option(help: "A model that ships with Assay, or a .safetensors file; it should be one of landscapes.")
  var model = "landscapes"

  @Option(help: "The seed, a whole number from 0.")
  var seed: UInt64 = 1

  @Option(help: "1 draws from all that was learned, less nearer to the average, 0...1.5.")
  var truncation: Float = 0.95

  @Option(help: "The model that enlarges: a shipped one, or a .safetensors file.")
  var upsampler = "upsampler"

  @OptionGroup var target: MarkedFileOptions

  func validate() throws {
    guard (0...1.5).contains(truncation) else { throw ValidationError("--truncation is 0...1.5") }
  }

  func run() throws {
    let model = PanoramaModel(try PictureModel(model), upsampler: try UpsamplerModel(upsampler))
    var request = PanoramaModel.Request(seed: seed)
    request.truncation = truncation
    Terminal.error("seed \(seed)\n")
    try target.write { try model.panorama(request) }
  }
}
