import ArgumentParser
import Console
import ContentCredentials
import Examiners
import Foundation
import ImageFormats
import Reports
import Scanning
import Services

struct ScanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Tell for each image file what speaks for AI origin, and how much that is worth.",
    discussion: """
      Files are reported in the order given; folders are walked in the order of their names. "-" reads paths \
      from standard input, one a line.

      EXAMPLES
        assay scan photo.jpg
        assay scan pictures --json > results.jsonl
        assay scan pictures --only provenance
        find . -name '*.webp' -print0 | assay scan - --null
        assay scan upload.png --fail-on aiGeneratedVerified,aiDeclared,aiWatermarked
        assay scan uploads --fingerprints ours.fingerprint     (see `assay help fingerprint learn`)
      """)

  @Argument(help: "Image files or folders; \"-\" for a list of paths on standard input.")
  var paths: [String] = []

  @Flag(help: "Print one JSON object a line (assay.scan/1).")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Look only at these, separated by commas: provenance, watermark, spectra, detector.", valueName: "kinds"
    ))
  var only: CommaSeparated<ExaminerKind>?

  @Option(help: ArgumentHelp("Exit with 2 when a file has one of these outcomes.", valueName: "outcomes"))
  var failOn: CommaSeparated<Outcome>?

  @Option(help: ArgumentHelp("Files examined at once; all cores by default.", valueName: "n"))
  var workers: Int?

  @Option(help: ArgumentHelp("Refuse pictures with more pixels.", valueName: "n"))
  var maxPixels = ReadLimits.standard.maxPixels

  @Option(help: ArgumentHelp("Draw each file's spectrum into this folder.", valueName: "folder"))
  var spectrum: String?

  @Option(
    help: ArgumentHelp(
      "Draw what the detector sees where in each file into this folder, and report the region that stands out.",
      valueName: "folder"))
  var heatmap: String?

  @Option(
    help: ArgumentHelp(
      "Look for these too: fingerprints that `fingerprint learn` wrote, separated by commas.",
      valueName: "files"))
  var fingerprints: PathList?

  @OptionGroup var trust: TrustOptions

  @Flag(name: .customLong("null"), help: "Paths on standard input end in a zero byte, not a line feed.")
  var nullSeparated = false

  @Flag(help: "Print the JSON Schema of --json and do nothing else.")
  var schema = false

  func validate() throws {
    guard schema || !paths.isEmpty else { throw ValidationError("name at least one file or folder") }
    guard workers ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1") }
    guard maxPixels >= 1 else { throw ValidationError("--max-pixels must be at least 1") }
    if nullSeparated, !paths.contains("-") {
      throw ValidationError("--null is for the list that \"-\" reads")
    }
    if let only, spectrum != nil, !only.values.contains(.spectra) {
      throw ValidationError("--spectrum needs spectra among --only")
    }
    if let only, fingerprints != nil, !only.values.contains(.watermark) {
      throw ValidationError("--fingerprints needs watermark among --only")
    }
    if let only, heatmap != nil, !only.values.contains(.detector) {
      throw ValidationError("--heatmap needs detector among --only")
    }
  }

  func run() async throws {
    if schema {
      Terminal.out(ScanSchema.text + "\n")
      return
    }
    let kinds = Set(only?.values ?? ExaminerKind.allCases)
    var limits = ReadLimits.standard
    limits.maxPixels = maxPixels
    let folders = try [Drawing.Kind.spectrum: spectrum, .heatmap: heatmap].compactMapValues {
      try $0.map { try DrawingFolder($0) }
    }
    let own = try fingerprints.map { try OwnFingerprints.read($0.paths) } ?? []
    let scanner = FileScanner(
      examiners: ExaminerRegister.scan(kinds, trust: try trust.settingsOrNone(), fingerprints: own),
      limits: limits, wishes: Set(folders.keys))
    let queue = ScanQueue(
      scanner: scanner, workers: workers ?? ProcessInfo.processInfo.activeProcessorCount)

    Interruption.watch()
    let roots = rootPaths()
    var output = ScanOutput(
      json: json, kinds: kinds, failOn: Set(failOn?.values ?? []), named: Set(roots.map(\.display)))
    var walk = FileWalk(roots)
    try await queue.run {
      Interruption.isRequested ? nil : walk.next()
    } emit: { scan in
      try output.write(scan.result)
      for drawing in scan.drawings { try folders[drawing.kind]?.write(drawing, of: scan.result.file) }
    }
    output.finish(skipped: walk.skipped)
    if Interruption.isRequested { throw ExitCode(130) }
    if output.sawUnreadable { throw ExitCode(1) }
    if output.sawFailure { throw ExitCode(2) }
  }

  /// The arguments, with "-" replaced by the paths on standard input.
  private func rootPaths() -> [FilePath] {
    paths.flatMap { argument -> [FilePath] in
      guard argument == "-" else { return [RawArguments.path(argument)] }
      let separator: UInt8 = nullSeparated ? 0 : 0x0A
      return FileHandle.standardInput.readDataToEndOfFile().split(separator: separator).map { line in
        let bytes = Array(line)
        return FilePath(bytes: !nullSeparated && bytes.last == 0x0D ? bytes.dropLast() : bytes)
      }
    }
  }
}
