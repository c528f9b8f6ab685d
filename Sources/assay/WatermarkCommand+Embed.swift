import ArgumentParser
import Console
import ImageFormats
import Images
import Reports
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

  private var outputKind: String? {
    let name = output.lowercased()
    return [".png", ".jpg", ".jpeg", ".webp"].first(where: name.hasSuffix)
  }

  func run() throws {
    let lost = try watermarkErrorsReported(for: file) {
      let source = try ImageFile(path: RawArguments.path(file))
      try requireStill(source, named: file)
      let decoded = try source.decode()
      let wanted = payload.value ?? Payload(bits: [])
      let scheme = mark.scheme.writer(key: try watermarkKey(mark.markKey), strength: mark.markStrength)
      // What EXIF says of the orientation goes into the pixels; the copy of EXIF says that they are upright.
      let pixels = try encoded(scheme.embed(wanted, in: decoded.image.oriented(decoded.orientation)))
      let (bytes, lost) = try CarriedMetadata(of: source).put(into: pixels)
      let reread = try ImageFile(bytes: bytes).decode().image
      guard scheme.read(reread).marks.contains(where: { $0.payload == wanted }) else {
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

  private func encoded(_ image: Image) throws -> [UInt8] {
    switch outputKind {
    case ".png": try ImageEncoder.png(image)
    case ".webp": try ImageEncoder.webpLossless(image)
    default: try ImageEncoder.jpeg(image, quality: jpegQuality)
    }
  }
}
