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

      Of all commands: results go to standard output, as JSON with --json; everything else to standard error. \
      -o, --output says where to write, and what exists is only overwritten with --force. A word means the same \
      wherever it stands, whatever has a value is written --word VALUE, and several values of one option are \
      separated by commas. Several files to look at follow one another.

      Exit codes: 0 done, whatever the verdicts; 1 something could not be read; 2 a condition of --fail-on, \
      --fail-on-severity, --fail-on-gap or --fail-on-lost was met; 64 wrong arguments; 130 interrupted.

      ENVIRONMENT
        NO_COLOR, TERM=dumb   print without colours
        XDG_CONFIG_HOME       holds assay/trust, the folder of trust lists (default: ~/.config)
        ASSAY_THREADS         threads of one computation (default: all cores)
        ASSAY_CHROMIUM        the browser that prints PDF reports (default: the first Chromium of PATH)
        ASSAY_ISA, ASSAY_KERNELS, OPENBLAS_CORETYPE   see `assay help doctor`

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
