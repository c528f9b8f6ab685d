import ArgumentParser
import Console
import ContentCredentials
import Diagnostics
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
      Files are reported in the order given; folders are walked in the order of their names. "-" is the picture or the archive \
      on standard input (up to 512 MiB; its members are called -!/a/b.jpg); where that is a list of paths, one a line, they are scanned. Archives (tar, also \
      compressed, zip, 7z) are read without unpacking them, also in folders and one within another: a member is \
      called shard.tar!/a/b.jpg.

      --fail-on takes outcomes in any case, and any-ai: every outcome that says AI on whatever grounds, and signs \
      that exclude each other. A file that was altered after it was signed meets 'altered' and what its other signs \
      say. 'unreadable' is also met by a file that could be read in part.

      EXAMPLES
        assay scan photo.jpg
        assay scan pictures --json > results.jsonl
        assay scan pictures --only provenance
        cat photo.jpg | assay scan -
        assay scan shard-000.tar export.zip --json > results.jsonl
        find . -name '*.webp' -print0 | assay scan --files-from - --null
        assay scan upload.png --fail-on any-ai,altered,unreadable
        assay scan uploads --fingerprints ours.fingerprint     (see `assay help fingerprint learn`)
      """)

  @Argument(
    help:
      "Image files, folders or archives; \"-\" for a picture, an archive or a list of paths on standard input."
  )
  var paths: [String] = []

  @Flag(help: "Print one JSON object a line (assay.scan/1).")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Look only at these, separated by commas: provenance, watermark, spectra, detector.", valueName: "kinds"
    ), transform: CommaSeparated<ExaminerKind>.parsing)
  var only: CommaSeparated<ExaminerKind>?

  @Option(
    help: ArgumentHelp(
      "Exit with 2 when a file has one of these outcomes, separated by commas; any-ai stands for all that say AI.",
      valueName: "outcomes"), transform: CommaSeparated<OutcomeCondition>.parsing)
  var failOn: CommaSeparated<OutcomeCondition>?

  @Flag(help: "Exit with 0 where a folder holds no picture.")
  var allowEmpty = false

  @Option(
    help: ArgumentHelp(
      "Scan the files that this one lists, one a line; \"-\" for standard input.", valueName: "list"))
  var filesFrom: String?

  @Flag(help: "Print one line a picture.")
  var brief = false

  @Flag(help: "Print bytes and measurements too.")
  var details = false

  @Option(
    help: ArgumentHelp(
      "csv: print a table, one row a picture, with outcome, generator, signer, camera, dates and place.",
      valueName: "format"))
  var format: Format?

  enum Format: String, ExpressibleByArgument, CaseIterable { case csv }

  @Option(help: ArgumentHelp("Files examined at once; all cores by default.", valueName: "n"))
  var workers: Int?

  @Option(help: ArgumentHelp("Refuse pictures with more pixels.", valueName: "n"))
  var maxPixels = ReadLimits.standard.maxPixels

  @Option(help: ArgumentHelp("Draw each file's spectrum into this folder.", valueName: "folder"))
  var spectrum: String?

  @Option(
    help: ArgumentHelp(
      "Draw what the detector sees where in each file, and where a generator's fingerprint is, into this folder, and report the region that stands out.",
      valueName: "folder"))
  var heatmap: String?

  @Flag(help: "Name the training sources of the detector whose pictures are most like each file.")
  var similar = false

  @Option(
    help: ArgumentHelp(
      "Look for these too: fingerprints that `fingerprint learn` wrote, separated by commas.",
      valueName: "files"))
  var fingerprints: PathList?

  @OptionGroup var trust: TrustOptions
  @OptionGroup var detector: DetectorOptions

  @Flag(name: .customLong("null"), help: "Listed paths end in a zero byte, not a line feed.")
  var nullSeparated = false

  @Flag(help: "Print the JSON Schema of --json and do nothing else.")
  var schema = false

  private var style: ScanOutput.Style {
    format == .csv ? .csv : json ? .json : brief ? .brief : details ? .details : .blocks
  }

  /// What a row says of the capture; asked for rows alone, as everything else has its own evidence.
  private static func capture(_ examination: Examination, _ style: ScanOutput.Style) -> CaptureFacts? {
    style == .csv ? (try? examination.metadata()).map(CaptureFacts.init) : nil
  }

  /// Finds out how many files there are while they are scanned, where that takes long enough for somebody to ask.
  private static func counting(_ paths: [FilePath], picture: Bool) -> Task<Void, any Error> {
    Task.detached(priority: .background) {
      try await Task.sleep(for: .seconds(1))
      let count = PictureWalk.count(paths)
      try Task.checkCancellation()
      // 0 is that nobody knows, also with a picture on standard input before.
      guard count > 0 else { return Progress.countUnknown() }
      Progress.count(picture ? count + 1 : count)
    }
  }

  func validate() throws {
    guard schema || !paths.isEmpty || filesFrom != nil else {
      throw ValidationError("name at least one file or folder")
    }
    guard workers ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1") }
    guard maxPixels >= 1 else { throw ValidationError("--max-pixels must be at least 1") }
    if nullSeparated, !paths.contains("-"), filesFrom == nil {
      throw ValidationError("--null is for the list that \"-\" or --files-from reads")
    }
    guard paths.count(where: { $0 == "-" }) + (filesFrom == "-" ? 1 : 0) <= 1 else {
      throw ValidationError("standard input can be read once")
    }
    guard [brief, details, json, format != nil].count(where: \.self) < 2 else {
      throw ValidationError("give one of --brief, --details, --format and --json")
    }
    if let only, spectrum != nil, !only.values.contains(.spectra) {
      throw ValidationError("--spectrum needs spectra among --only")
    }
    if let only, similar || detector.detector != nil, !only.values.contains(.detector) {
      throw ValidationError("--similar and --detector need detector among --only")
    }
    if let only, fingerprints != nil, !only.values.contains(.watermark) {
      throw ValidationError("--fingerprints needs watermark among --only")
    }
    if let only, heatmap != nil, !only.values.contains(.detector), !only.values.contains(.watermark) {
      throw ValidationError("--heatmap needs detector or watermark among --only")
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
    var folders = try [Drawing.Kind.spectrum: spectrum, .heatmap: heatmap, .fingerprint: heatmap]
      .compactMapValues {
        try $0.map { try DrawingFolder($0) }
      }
    let own = try fingerprints.map { try OwnFingerprints.read($0.paths) } ?? []
    let judges = try detector.chosen().examiners(namesSimilar: similar)
    let scanner = FileScanner(
      examiners: ExaminerRegister.scan(
        kinds, trust: try trust.settingsOrNone(), fingerprints: own, detector: judges.own) + judges.foreign,
      limits: limits, wishes: Set(folders.keys))
    let queue = ScanQueue(
      scanner: scanner, workers: workers ?? ProcessInfo.processInfo.activeProcessorCount)

    Interruption.watch()
    let roots = try PathInput(arguments: paths, filesFrom: filesFrom, nullSeparated: nullSeparated)
    var output = ScanOutput(
      style: style, kinds: kinds,
      failOn: failOn?.values ?? [],
      roots: (roots.archive == nil ? [] : ["-"]) + roots.paths.map(\.display))
    var walk = roots.walk(limits: limits)
    Progress.begin("scanning", "files")
    let counting = Self.counting(roots.archive == nil ? roots.paths : [], picture: roots.picture != nil)
    defer { counting.cancel() }
    output.begin()
    try await queue.run(
      next: { Interruption.isRequested ? nil : walk.next() },
      examine: { [style] (found: FoundFile) in
        let (scan, examination) = scanner.examine(found)
        return (scan: scan, capture: examination.flatMap { Self.capture($0, style) })
      },
      emit: { scan, capture in
        try output.write(scan.result, capture)
        for drawing in scan.drawings { try folders[drawing.kind]?.write(drawing, of: scan.result.file) }
      })
    var rule = output.finish(
      skipped: walk.skipped, links: walk.links, bare: walk.bareArchives, allowEmpty: allowEmpty)
    for (kind, folder) in folders.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      // Few pictures carry a fingerprint.
      guard kind != .fingerprint || folder.count > 0 else { continue }
      let name =
        switch kind {
        case .heatmap: "heat map"
        case .fingerprint: "fingerprint map"
        case .spectrum: "spectrum drawing"
        }
      Terminal.error(
        "\(folder.count) \(name)\(folder.count == 1 ? "" : "s") in \(TerminalText.escaping(folder.path))\n")
    }
    rule.wasInterrupted = Interruption.isRequested
    if rule.code != 0 { throw ExitCode(rule.code) }
  }
}
