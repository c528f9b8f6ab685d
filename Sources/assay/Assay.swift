import ArgumentParser
import Console
import Diagnostics
import Foundation

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
      separated by commas. Several files to look at follow one another. What takes longer than two seconds tells on \
      standard error how far it is, unless --quiet is given; Ctrl-C ends it and leaves no half file behind.

      EXIT CODES
      \(exitCodes)

      ENVIRONMENT
        NO_COLOR, TERM=dumb   print without colours
        XDG_CONFIG_HOME       holds assay/trust, the folder of trust lists (default: ~/.config)
        ASSAY_THREADS         threads of one computation (default: all cores)
        ASSAY_CHROMIUM        the browser that prints PDF reports (default: the first Chromium of PATH)
        XDG_CACHE_HOME        holds assay/copies, the indexes of find-copies (default: ~/.cache)
        ASSAY_KEY_PASSPHRASE  of the encrypted private key that signs
        ASSAY_ISA, ASSAY_KERNELS, OPENBLAS_CORETYPE   see `assay help doctor`

      Shell completions: assay --generate-completion-script bash (or zsh, fish).
      """,
    version: assayVersion,
    subcommands: [
      ScanCommand.self,
      InspectCommand.self,
      FindCopiesCommand.self,
      WatchCommand.self,
      GenerateCommand.self,
      StylizeCommand.self,
      TranslateCommand.self,
      UpscaleCommand.self,
      WatermarkCommand.self,
      FingerprintCommand.self,
      CredentialsCommand.self,
      TrustCommand.self,
      AuditCommand.self,
      ReportCommand.self,
      LedgerCommand.self,
      ServeCommand.self,
      DoctorCommand.self,
      EvaluateCommand.self,
      DetectorCommand.self,
      ManualCommand.self,
    ])

  /// A line a code; the help wraps it.
  private static var exitCodes: String {
    ExitRule.table.map { code, meaning in
      "  \(code)".padding(toLength: 6, withPad: " ", startingAt: 0) + meaning
    }.joined(separator: "\n")
  }

  static var _errorLabel: String { "error" }

  static func main() async {
    _ = KeyPassphrase.given
    // Read letter by letter, `-wash.png` would hold -h, print the help and end with 0: a gate must not pass for that.
    if let word = CommandLine.arguments.dropFirst().prefix(while: { $0 != "--" }).first(
      where: Self.isNoOption)
    {
      Terminal.report(
        "'\(TerminalText.escaping(String(word.prefix(80))))' is no option",
        fix: "write ./-NAME for a file whose name begins with a dash")
      exit(withError: ExitCode(64))
    }
    if let first = CommandLine.arguments.dropFirst().first(where: { $0 != "--quiet" }),
      let advice = Self.advice(for: first)
    {
      Terminal.report("there is no command '\(TerminalText.escaping(String(first.prefix(80))))'", fix: advice)
      exit(withError: ExitCode(64))
    }
    await runReportingErrors()
  }

  /// Whether an argument begins like a short option and is none: all of those are one letter.
  private static func isNoOption(_ argument: String) -> Bool {
    let letters = argument.dropFirst()
    guard argument.hasPrefix("-"), letters.count > 1, let first = letters.first else { return false }
    return first != "-" && first != "." && !first.isNumber && !argument.hasPrefix("-o")
  }

  /// What somebody may have meant who began with a word that is no command; nil for commands and options.
  private static func advice(for word: String) -> String? {
    let commands = configuration.subcommands.map { $0._commandName }
    guard !word.hasPrefix("-"), word != "help", !commands.contains(word) else { return nil }
    if RawArguments.path(word).exists || ["http://", "https://"].contains(where: word.hasPrefix) {
      return "to look at it: assay scan \(AuditOptions.quoted(word))"
    }
    let near = NearWords.nearest(to: word, among: commands).map { "did you mean assay \($0)? " } ?? ""
    return near + "assay --help lists the commands"
  }
}
