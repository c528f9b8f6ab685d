import ArgumentParser
import Diagnostics
import Foundation
import Reports

@main
struct Assay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay",
    abstract: "Tell where an image came from.",
    discussion: """
      Assay reads what image files declare of their origin, decodes marks from their pixels and measures \
      them. It works offline, says how much each sign is worth, and never says that a picture is real.

      Exit codes: 0 done, whatever the verdicts; 1 something could not be read; 2 --fail-on was met; \
      64 wrong arguments; 130 interrupted.

      Shell completions: assay --generate-completion-script bash (or zsh, fish).
      """,
    version: assayVersion,
    subcommands: [
      ScanCommand.self,
      InspectCommand.self,
      GenerateCommand.self,
      StylizeCommand.self,
      TranslateCommand.self,
      UpscaleCommand.self,
      WatermarkCommand.self,
      CredentialsCommand.self,
      AuditCommand.self,
      ReportCommand.self,
      LedgerCommand.self,
      DoctorCommand.self,
      TrainCommand.self, EvaluateCommand.self,
    ])

  static var _errorLabel: String { "error" }

  /// Errors that know their remedy are printed with it; the rest are the parser's.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as any DiagnosableError {
      Terminal.report(TerminalText.escaping(error.description), fix: error.remedy)
      exit(withError: ExitCode(1))
    } catch let error as NSError
      where error.domain == NSCocoaErrorDomain || error.domain == NSPOSIXErrorDomain
    {
      let (message, remedy) = error.told
      Terminal.report(TerminalText.escaping(message), fix: remedy)
      exit(withError: ExitCode(1))
    } catch {
      exit(withError: error)
    }
  }
}

extension NSError {
  /// What Foundation has to say of a file, as Assay says it.
  fileprivate var told: (message: String, remedy: String) {
    let path = userInfo[NSFilePathErrorKey] as? String ?? (userInfo[NSURLErrorKey] as? URL)?.path
    let system = (userInfo[NSUnderlyingErrorKey] as? any Error).map { $0 as NSError } ?? self
    // SAFETY: strerror gives text that ends in zero; it is copied here.
    let reason =
      system.domain == NSPOSIXErrorDomain
      ? unsafe String(cString: strerror(Int32(system.code))) : localizedDescription
    return ((path.map { "\($0): " } ?? "") + reason, "check the name, the folder and its permissions")
  }
}

/// The version of the program and of its reports.
let assayVersion = "0.1.0"
