import ArgumentParser
import Console
import Diagnostics

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
      EvaluateCommand.self,
    ])

  static var _errorLabel: String { "error" }

  static func main() async { await runReportingErrors() }
}
