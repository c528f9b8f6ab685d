public import Diagnostics

/// What libraries advise, in the words of the command line.
///
/// A library serves programs of every kind, so its remedies name no command and no option; where one of ours has
/// them, the phrase is exchanged here.
public enum CommandRemedies {
  /// By the error's code: the library's phrase, and the command's.
  private static let phrases: [String: (neutral: String, command: String)] = [
    "fingerprint.foreign": ("learn it anew", "learn it anew with `assay fingerprint learn`"),
    "fingerprint.truncated": ("learn it anew", "learn it anew with `assay fingerprint learn`"),
    "fingerprint.digest": ("learn it anew", "learn it anew with `assay fingerprint learn`"),
    "fingerprint.header": ("learn it anew", "learn it anew with `assay fingerprint learn`"),
    "fingerprint.length": (
      "give a file that was written as a fingerprint",
      "give a file that `assay fingerprint learn` wrote"
    ),
    "rules.fact": (
      "see the catalogue of facts for all of them",
      "see `assay audit rules --facts` for all of them"
    ),
    "ledger.database": (
      "verify its chain",
      "verify it with `assay ledger verify`"
    ),
    "ledger.head": (
      "name a file that a verification of the ledger wrote",
      "name a file that `assay ledger verify --json` wrote"
    ),
    "energy.log": (
      "tell how many",
      "give --batch"
    ),
    "detector.weights": (
      "use a weight file that the detector's training wrote",
      "use a weight file that `assay detector adapt` or `assay-lab train detector` wrote"
    ),
    "watermark.picture.grey": (
      "use the scheme assay",
      "use --scheme assay"
    ),
    "limit.pixels": (
      "reduce the picture first, or raise the limit",
      "reduce the picture first; `assay scan` takes a higher limit as --max-pixels"
    ),
    "memory": (
      "examine fewer files at once",
      "lower --workers"
    ),
    "page.size": (
      "name a report.html of an audit",
      "name a report.html of `assay audit`"
    ),
    "page.twin": (
      "name a report.html of an audit",
      "name a report.html of `assay audit`"
    ),
    "page.catalogue": (
      "give the catalogue that it was made with",
      "name the catalogue that it was made with as --wording"
    ),
    "scan.line": (
      "make the file as JSON lines of a scan",
      "make the file with `assay scan --json`"
    ),
    "report.baseline": (
      "name a report.json that an audit wrote",
      "name a report.json that `assay audit --format json` wrote"
    ),
    "report.schema": (
      "name a report.json that an audit wrote",
      "name a report.json that `assay audit` wrote"
    ),
    "report.json": (
      "name a report.json as the audit wrote it",
      "name a report.json as `assay audit` wrote it"
    ),
    "text.json": (
      "begin with the English catalogue",
      "begin with what `assay audit --print-wording` prints"
    ),
    "text.missing": (
      "translate what the English catalogue holds under these keys",
      "translate what `assay audit --print-wording` prints under these keys"
    ),
    "model.header": (
      "use weights that a training wrote",
      "use weights that `assay-lab train` wrote"
    ),
    "model.architecture": (
      "use weights that a training wrote",
      "use weights that `assay-lab train` wrote"
    ),
    "translate.drawing": (
      "give a photo as such",
      "give a photo with --input photo"
    ),
    "translate.empty": (
      "give a photo as such",
      "give a photo with --input photo"
    ),
    "pipeline.shell": (
      "allow a shell",
      "allow a shell with --shell"
    ),
    "write.exists": (
      "allow overwriting",
      "overwrite with --force"
    ),
    "detector.missing": (
      "name a weight file",
      "name a weight file with --weights"
    ),
  ]

  /// The error's remedy, as a person at the command line can follow it.
  public static func remedy(for error: any DiagnosableError) -> String {
    remedy(error.remedy, of: error.code)
  }

  /// The same of a remedy that stands in a result.
  public static func remedy(_ text: String, of code: String) -> String {
    guard let phrase = phrases[code] else { return text }
    return text.replacing(phrase.neutral, with: phrase.command)
  }
}

extension Terminal {
  /// An error of a library with its remedy, both harmless for a terminal.
  public static func report(_ error: any DiagnosableError) {
    report(TerminalText.escaping(error.description), fix: CommandRemedies.remedy(for: error))
  }
}
