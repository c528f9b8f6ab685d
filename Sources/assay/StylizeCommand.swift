import ArgumentParser
import Console
import Generators

struct StylizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stylize", abstract: "Paint a picture in the manner of another; the result is marked.",
    discussion: """
      The content stays in the result's Content Credentials as its parent. EXIF is not carried over; its orientation \
      goes into the pixels.

      EXAMPLES
        assay stylize photo.jpg --style waves.jpg --style2 mosaic.jpg --blend 0.3 -o out.png
        assay stylize photo.jpg --style waves.jpg --refine 100 -o out.png
      """)

  @Argument(help: "The content.")
  var content: String

  @Option(help: "The pictures whose manner is taken, separated by commas, in equal parts.")
  var style: PathList

  @Option(help: "A second style, for --blend.")
  var style2: String?

  @Option(help: "The part of --style2, 0...1.")
  var blend: Float?

  @Option(help: "0 leaves the content, 1 restyles it wholly.")
  var strength: Float = 1

  @Flag(help: "Keep the content's colours.")
  var keepColour = false

  @Option(help: "The long side that styles are scaled to, 64...2048: strokes grow with it.")
  var styleSize = 512

  @Option(
    help: ArgumentHelp(
      """
      Optimise the pixels after the pass in so many steps, 1...2000, for up to 1024 × 1024: textures follow more \
      closely; 100 take minutes.
      """, valueName: "steps"))
  var refine: Int?

  @Option(help: "A model that ships with Assay, or a .safetensors file.")
  var model = "style"

  @OptionGroup var target: MarkedFileOptions

  func validate() throws {
    guard (0...1).contains(strength) else { throw ValidationError("--strength is 0...1") }
    guard (64...2048).contains(styleSize) else { throw ValidationError("--style-size is 64...2048") }
    guard (1...2000).contains(refine ?? 1) else { throw ValidationError("--refine is 1...2000") }
    guard (style2 == nil) == (blend == nil), style2 == nil || style.paths.count == 1 else {
      throw ValidationError("--style2 and --blend go together, with one --style")
    }
    guard (0...1).contains(blend ?? 0) else { throw ValidationError("--blend is 0...1") }
  }

  func run() throws {
    let model = try StyleModel(model)
    func part(_ path: String, _ weight: Float) throws -> StyleModel.Style {
      let given = try GivenPicture(path)
      return .init(image: given.image, weight: weight, title: given.source.title)
    }
    var request = StyleModel.Request(styles: try style.paths.map { try part($0, 1 - (blend ?? 0)) })
    if let style2, let blend { request.styles.append(try part(style2, blend)) }
    request.strength = strength
    request.keepsColour = keepColour
    request.styleSide = styleSize
    request.optimisationSteps = refine ?? 0
    let given = try GivenPicture(content)
    try target.write { try model.stylize(given.image, source: given.source, request: request) }
  }
}
