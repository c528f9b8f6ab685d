import ArgumentParser
import Generators

struct UpscaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "upscale", abstract: "Enlarge a picture 2 or 4 times; the result is marked.",
    discussion: """
      Detail that the picture lacks is invented, so the result counts as edited with AI, and the picture stays in its \
      Content Credentials as its parent. The result is 8-bit colour of 128 to 4096 pixels a side; alpha stays. EXIF \
      and colour profiles are not carried over: the orientation goes into the pixels, and a picture that is not in \
      sRGB has to be converted first. Printed are the file and the identifier that its watermark carries.

      EXAMPLES
        assay upscale photo.jpg -o large.png
        assay upscale photo.jpg --scale 4 --label "AI-edited" -o large.jpg
      """)

  @Argument(help: "The picture.")
  var picture: String

  @Option(help: "How many times wider and higher: 2 or 4.")
  var scale = UpsamplerModel.Scale.two

  @Option(
    help: "A model that ships with Assay, or a .safetensors file that `assay-lab train upsampler` wrote.")
  var model = "upsampler"

  @OptionGroup var target: MarkedFileOptions

  func run() throws {
    let model = try UpsamplerModel(model)
    let given = try GivenPicture(picture)
    try target.write { try model.upscale(given.image, by: scale, source: given.source) }
  }
}

extension UpsamplerModel.Scale: ExpressibleByArgument {}
