import ArgumentParser
import Console
import Diagnostics

@main
struct AssayLab: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay-lab",
    abstract: "Make and measure what ships with Assay: weights, templates, error rates.",
    discussion: """
      For those who work on Assay, in a checkout of it: nobody needs it to examine pictures. Its options follow the \
      grammar that `assay --help` tells.

      Exit codes: 0 done; 1 failed; 64 wrong arguments; 130 interrupted.
      """,
    version: assayVersion,
    subcommands: [TrainCommand.self])

  static var _errorLabel: String { "error" }

  @MainActor static func main() async {
    AddressSpace.refuseTooSmall()
    await runReportingErrors(showsProgress: false)
  }
}
