import ArgumentParser
import Console
import ImageFormats
import Services
import Watermarks

struct WatermarkEmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed", abstract: "Write a mark, read it back, and only then write the file.",
    discussion: """
      XMP, EXIF (whose orientation goes into the pixels) and the texts of a PNG are kept where the output can
      hold them. What is not kept (IPTC, comments, a colour profile, Content Credentials, which would no longer
      match the pixels) is named on standard error.
      """)

  @Argument(help: "The picture to mark.")
  var file: String

  @Option(name: .shortAndLong, help: "Where to write: .png, .jpg or .webp (lossless).")
  var output: String

  @OptionGroup var payload: PayloadOptions

  @OptionGroup var mark: MarkOptions

  @Option(help: "Quality of a JPEG, 1...100.")
  var jpegQuality = 95

  @Flag(help: "Overwrite what exists.")
  var force = false

  func validate() throws {
    guard payload.value != nil else { throw ValidationError("give either --payload or --text") }
    guard (1...100).contains(jpegQuality) else { throw ValidationError("--jpeg-quality is 1...100") }
    guard outputKind != nil else { throw ValidationError("--output ends in .png, .jpg, .jpeg or .webp") }
  }

  private var outputKind: WatermarkEmbedding.Format? {
    FilePath(output).fileExtension.flatMap(WatermarkEmbedding.Format.init(fileExtension:))
  }

  func run() throws {
    let lost = try watermarkErrorsReported(for: file) {
      let source = try ImageFile(path: RawArguments.path(file))
      try requireStill(source, named: file)
      let embedding = WatermarkEmbedding(
        payload: payload.value ?? Payload(bits: []),
        scheme: mark.scheme.writer(key: try watermarkKey(mark.markKey), strength: mark.markStrength),
        format: outputKind ?? .png, quality: jpegQuality)
      guard let (bytes, lost) = try embedding.apply(to: source) else {
        throw watermarkRefusal(
          of: file, "the mark cannot be read back from the finished file, so nothing was written",
          fix: "write a PNG, use --scheme assay, or choose a picture that is not flat, white or black")
      }
      try writeAtomically(bytes, to: RawArguments.path(output), overwrite: force)
      return lost
    }
    guard !lost.isEmpty else { return }
    Terminal.error("note: not carried over to the output: \(lost.joined(separator: ", "))\n")
  }
}
