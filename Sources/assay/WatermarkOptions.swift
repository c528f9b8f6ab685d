import ArgumentParser
import Console
import Diagnostics
import Foundation
import ImageFormats
import Reports
import Watermarks

/// What a mark says, for the commands that write one.
struct PayloadOptions: ParsableArguments {
  @Option(help: "The payload as hexadecimal digits.")
  var payload: String?

  @Option(help: "The payload as text.")
  var text: String?

  func validate() throws {
    if payload != nil, text != nil { throw ValidationError("give either --payload or --text") }
    if let payload, Payload(hex: payload) == nil {
      throw ValidationError("--payload takes hexadecimal digits")
    }
  }

  /// Nil where none was given.
  var value: Payload? { text.map(Payload.init(text:)) ?? payload.flatMap(Payload.init(hex:)) }
}

/// How a mark is written.
struct MarkOptions: ParsableArguments {
  @Option(help: "assay, dwtDct or dwtDctSvd.")
  var scheme = SchemeRegister.assay

  @Option(help: "A file whose bytes are the key of an assay mark.")
  var markKey: String?

  @Option(
    help: "Of an assay mark, 0.25...4 times what the picture hides; without it chosen for each picture.")
  var markStrength: Double?

  func validate() throws {
    if let markStrength, !AssayMark.strengths.contains(markStrength) {
      throw ValidationError("--mark-strength is 0.25...4")
    }
    if scheme != .assay, markKey != nil { throw ValidationError("only assay marks have a --mark-key") }
  }
}

extension SchemeRegister: ExpressibleByArgument {
  /// In any case, as all words of options.
  public init?(argument: String) {
    guard let known = Self.allCases.first(where: { $0.rawValue.lowercased() == argument.lowercased() }) else {
      return nil
    }
    self = known
  }
}

/// The key in a file, or the open one.
func watermarkKey(_ path: String?) throws -> MarkKey {
  guard let path else { return .open }
  do {
    return MarkKey(bytes: try Data(contentsOf: URL(filePath: path)))
  } catch {
    Terminal.report("\(TerminalText.escaping(path)): the key cannot be read", fix: "name a readable file")
    throw ExitCode(1)
  }
}

/// Refuses what has more than one frame.
func requireStill(_ source: ImageFile, named file: String) throws {
  guard try source.header().frames == 1 else {
    throw watermarkRefusal(
      of: file, "the picture is animated", fix: "give one of its frames as a picture of its own")
  }
}

/// Says why a picture was not marked.
func watermarkRefusal(of file: String, _ message: String, fix: String) -> ExitCode {
  Terminal.report("\(TerminalText.escaping(file)): \(message)", fix: fix)
  return ExitCode(1)
}

/// Runs the work on a picture; its errors are shown with their remedy and end the program with 1.
func watermarkErrorsReported<Result>(for file: String, _ work: () throws -> Result) throws -> Result {
  do {
    return try work()
  } catch let error as ImageFormatError {
    Terminal.report(error)
    throw ExitCode(1)
  } catch let error as WatermarkError {
    throw watermarkRefusal(of: file, error.description, fix: CommandRemedies.remedy(for: error))
  }
}
