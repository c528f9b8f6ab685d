import ArgumentParser
import Foundation
import ImageFormats
import Images
import Reports
import Watermarks

struct WatermarkEmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed", abstract: "Write a mark, read it back, and only then write the file.")

  enum Scheme: String, ExpressibleByArgument, CaseIterable { case assay, dwtDct, dwtDctSvd }

  @Argument(help: "The picture to mark.")
  var file: String

  @Option(name: .shortAndLong, help: "Where to write: .png, .jpg or .webp (lossless).")
  var output: String

  @Option(help: "The payload as hexadecimal digits.")
  var payload: String?

  @Option(help: "The payload as text.")
  var text: String?

  @Option(help: "assay, dwtDct or dwtDctSvd.")
  var scheme = Scheme.assay

  @Option(help: "A file whose bytes are the key of an assay mark.")
  var key: String?

  @Option(help: "Of an assay mark, 0.25...4.")
  var strength = 1.0

  @Option(help: "Of a JPEG output, 1...100.")
  var quality = 95

  @Flag(help: "Write over a file that exists.")
  var force = false

  func validate() throws {
    guard (payload == nil) != (text == nil) else { throw ValidationError("give either --payload or --text") }
    if let payload, Payload(hex: payload) == nil {
      throw ValidationError("--payload takes hexadecimal digits")
    }
    guard (1...100).contains(quality) else { throw ValidationError("--quality is 1...100") }
    guard outputKind != nil else { throw ValidationError("--output ends in .png, .jpg, .jpeg or .webp") }
  }

  private var outputKind: String? {
    let name = output.lowercased()
    return [".png", ".jpg", ".jpeg", ".webp"].first(where: name.hasSuffix)
  }

  func run() throws {
    do {
      let source = try ImageFile(path: RawArguments.path(file))
      guard try source.header().frames == 1 else {
        throw refusal("the picture is animated", fix: "mark its frames one by one")
      }
      let decoded = try source.decode()
      let wanted = text.map(Payload.init(text:)) ?? payload.flatMap(Payload.init(hex:)) ?? Payload(bits: [])
      let markKey = try watermarkKey(key)
      let mark: any WatermarkScheme =
        switch scheme {
        case .assay: AssayMark(key: markKey, strength: strength)
        case .dwtDct: DWTScheme(.dwtDct)
        case .dwtDctSvd: DWTScheme(.dwtDctSvd)
        }
      // Metadata are not carried over, so what EXIF said of the orientation goes into the pixels.
      let bytes = try encoded(mark.embed(wanted, in: decoded.image.oriented(decoded.orientation)))
      let reread = try ImageFile(bytes: bytes).decode().image
      guard mark.read(reread).marks.contains(where: { $0.payload == wanted }) else {
        throw refusal(
          "the mark cannot be read back from the finished file, so nothing was written",
          fix: "write a PNG, use --scheme assay, or choose a picture that is not flat, white or black")
      }
      try writeAtomically(bytes, to: RawArguments.path(output), overwrite: force)
      Terminal.error(
        "note: metadata, colour profile and Content Credentials of the input are not in the output; "
          + "credentials would no longer match the changed pixels\n")
    } catch let error as ImageFormatError {
      Terminal.report(TerminalText.escaping(error.description), fix: error.remedy)
      throw ExitCode(1)
    } catch let error as WatermarkError {
      throw refusal(error.description, fix: error.remedy)
    }
  }

  private func encoded(_ image: Image) throws -> [UInt8] {
    switch outputKind {
    case ".png": try ImageEncoder.png(image)
    case ".webp": try ImageEncoder.webpLossless(image)
    default: try ImageEncoder.jpeg(image, quality: quality)
    }
  }

  private func refusal(_ message: String, fix: String) -> ExitCode {
    Terminal.report("\(TerminalText.escaping(file)): \(message)", fix: fix)
    return ExitCode(1)
  }
}
