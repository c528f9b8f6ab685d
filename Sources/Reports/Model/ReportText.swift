public import Audits
public import Detectors

/// The sentences of every report, in one place so that they can be translated.
///
/// Rule texts are not here: they are the packs' own. Summaries of evidence come with the scan.
public enum ReportText {
  // MARK: Headings

  public static let inShort = "In short"
  public static let particulars = "Particulars"
  public static let outcomes = "Outcomes"
  public static let scores = "Detector scores"
  public static let folders = "Folders"
  public static let findings = "Findings by kind of evidence"
  public static let rules = "Rules: evidence found and not found"
  public static let folderWhole = "The folder as a whole"
  public static let project = "The project"
  public static let duplicates = "Near-duplicates"
  public static let comparison = "Changes since the baseline"
  public static let attention = "Files that need attention"
  public static let examinations = "Examinations, and how to repeat them"
  public static let interpretation = "How to read the findings"
  public static let errorRates = "Known error rates"
  public static let notChecked = "What was not checked"
  public static let limitsTitle = "Limits"
  public static let allFiles = "All files"
  public static let notesTitle = "Notes on this run"

  // MARK: Results

  /// What a result is called in tables.
  public static func name(_ result: RuleResult) -> String {
    switch result {
    case .pass: "found"
    case .fail: "not found"
    case .warn: "partly / warning"
    case .notApplicable: "not applicable"
    case .undetermined: "undetermined"
    }
  }

  /// A symbol beside the colour, so that colour is never the only cue.
  public static func symbol(_ result: RuleResult) -> String {
    switch result {
    case .pass: "✓"
    case .fail: "✗"
    case .warn: "!"
    case .notApplicable: "–"
    case .undetermined: "?"
    }
  }

  public static let unverifiedRule = "Its text was not read at the source, so it can only warn."

  // MARK: In short

  /// The report in one paragraph for people who read no further.
  public static func plainSummary(_ report: Report) -> String {
    let total = report.items.count
    let files = total == 1 ? "One file was" : "\(total) files were"
    var text = "\(files) examined. "
    let parts = report.outcomeCounts.map { "\($0.count) × \(phrase($0.outcome))" }
    if !parts.isEmpty { text += parts.joined(separator: "; ") + ". " }
    let count = report.attention.count
    switch count {
    case 0: text += "No rule of weight complains about a file. "
    case 1: text += "One file needs attention. "
    default: text += "\(count) files need attention. "
    }
    return text
      + "No picture is called real here: where nothing was found, that proves nothing. "
      + "The rules say whether evidence was found; they give no opinion on the law."
  }

  /// An outcome as the head of a narrow column.
  static func heading(_ outcome: Outcome) -> String {
    switch outcome {
    case .aiGeneratedVerified: "AI, signed"
    case .aiEditedVerified: "AI edit, signed"
    case .aiDeclared: "AI declared"
    case .aiWatermarked: "AI mark in pixels"
    case .aiIndicated: "AI measured"
    case .captureVerified: "camera, signed"
    case .noIndication: "no sign of AI"
    case .inconclusive: "inconclusive"
    case .conflicting: "conflicting"
    case .unreadable: "not readable"
    }
  }

  private static func phrase(_ outcome: Outcome) -> String {
    switch outcome {
    case .aiGeneratedVerified: "AI-generated, a trusted signature says so"
    case .aiEditedVerified: "edited with AI, a trusted signature says so"
    case .aiDeclared: "declared as AI by the file itself"
    case .aiWatermarked: "a generator's watermark in the pixels"
    case .aiIndicated: "measurements that indicate AI"
    case .captureVerified: "captured by a camera, a trusted signature says so"
    case .noIndication: "no indication of AI found"
    case .inconclusive: "inconclusive"
    case .conflicting: "signs that exclude each other"
    case .unreadable: "not readable"
    }
  }

  // MARK: Hypotheses

  /// The propositions that the findings are weighed under.
  public static let propositions = [
    "H1: a generative model made the whole picture.",
    "H2: a camera captured it, with ordinary processing.",
    "H3: a generative model changed a part of a captured picture.",
  ]

  public static let handling =
    "The files were opened for reading only; each is identified by the SHA-256 of its bytes and of its pixels."

  // MARK: Limits

  public static let limits = [
    "The rules say whether evidence was found. They do not say that anything complies with a law.",
    "Absence of a mark proves nothing: marks are lost in editing, uploads and screenshots.",
    "Unsigned metadata can be written by anybody; a declaration is a statement, not a proof.",
    "Watermarks of closed schemes (SynthID, Amazon, Meta, Digimarc and others) cannot be read offline.",
    "Statistical scores hold with the error rates printed beside them, on data like those they were measured on.",
    "Near-duplicates are found by a perceptual hash: strong crops, turns and mirrored copies are missed.",
    "Not for use by law enforcement to judge evidence without the conformity assessment that EU AI Act Annex III 6(c) asks for.",
  ]

  /// What no examination of this tool covers.
  public static let neverChecked = [
    "Where else the picture appeared, its earliest copy, and whether the scene shown took place.",
    "Closed watermarks (SynthID and others), which only their makers can read.",
    "Visible labels in the picture, unless the generator recorded them.",
    "Sensor noise against reference shots of a camera (PRNU).",
  ]
}

extension ReportText {
  /// What a class of evidence is worth, what else could explain it, and what would change it.
  public struct Reading: Sendable, Hashable, Codable {
    public let `class`: Evidence.Class
    public let title: String
    public let worth: String
    public let alternatives: String
    public let changes: String
  }

  public static let readings = [
    Reading(
      class: .verified, title: "Verified by a trusted signature",
      worth:
        "A signer on the named list stated it, and the file is byte for byte what was signed. Very strong support, as far as the signer is believed.",
      alternatives: "A stolen or misused signing key; a signer that states what it was told.",
      changes: "A revoked certificate, or the signer taken off the list."),
    Reading(
      class: .declared, title: "Declared, nobody vouches",
      worth:
        "The file says so. Anybody can write or remove it; honest tools write it, so it supports the statement and does not prove it.",
      alternatives: "Metadata copied from another file, added as a joke or to discredit a photograph.",
      changes: "The original from its source, or a signed version of it."),
    Reading(
      class: .watermark, title: "Watermark in the pixels",
      worth:
        "A mark with a known payload was decoded; the chance of reading it in an unmarked picture is stated under the error rates.",
      alternatives: "Public payloads can be embedded by anybody, into photographs too.",
      changes: "A statement of the generator's provider about this picture."),
    Reading(
      class: .statistical, title: "Measured",
      worth:
        "The score's likelihood ratio says how much better one proposition explains it than the other, on data like those of the calibration.",
      alternatives: "Heavy processing, scans, screenshots, graphics, and generators unknown to the detector.",
      changes: "A larger or less compressed version of the picture, or an evaluation on such pictures."),
    Reading(
      class: .context, title: "Circumstances",
      worth: "Helps to read the rest and decides nothing.",
      alternatives: "Many.", changes: "Nothing rests on it."),
  ]

  /// The verbal scale for a likelihood ratio, in either direction (ENFSI guideline for evaluative reporting).
  public static func verbalScale(_ ratio: Double) -> String {
    let size = ratio >= 1 ? ratio : 1 / max(ratio, .leastNonzeroMagnitude)
    let side = ratio >= 1 ? "H1 over H2" : "H2 over H1"
    let words =
      switch size {
      case ..<2: "no support either way"
      case ..<10: "limited support"
      case ..<100: "moderate support"
      case ..<1_000: "moderately strong support"
      case ..<10_000: "strong support"
      default: "very strong support"
      }
    return size < 2 ? words : "\(words) for \(side)"
  }

  /// One kind of examination.
  public struct Examination: Sendable, Hashable, Codable {
    /// The methods' names begin with one of these.
    public let methods: [String]
    public let title: String
    public let how: String
    public let reference: String
    public let validation: String
    /// A command that repeats it on one file.
    public let command: String
  }

  public static let catalogue = [
    Examination(
      methods: ["container.", "marks.", "privacy.", "provenance"], title: "File structure and metadata",
      how:
        "Every segment is listed; EXIF, XMP, IPTC and texts are read and held against the forms that producers write.",
      reference: "CIPA DC-008, XMP, IPTC Photo Metadata 2025.1, GB 45438-2025",
      validation: "files of named producers and decoys in the tests", command: "assay inspect FILE"),
    Examination(
      methods: ["credentials."], title: "Content Credentials",
      how:
        "The manifest store is parsed; hashes, signatures, certificates, time stamps and stapled revocation are checked against the named lists.",
      reference: "C2PA 2.2, read from 1.0 to 2.5",
      validation: "75 files beside c2pa-rs 0.91.3; differences are listed with reasons",
      command: "assay credentials verify --json FILE"),
    Examination(
      methods: ["watermark."], title: "Open watermarks",
      how:
        "dwtDct, dwtDctSvd and Assay's own mark are decoded; each with the chance of its agreement by accident.",
      reference: "invisible-watermark 0.2.0 (format), Assay's documentation",
      validation: "false alarms measured; see the error rates", command: "assay watermark read FILE"),
    Examination(
      methods: ["spectra", "pixels."], title: "Spectra and fingerprint",
      how:
        "Spectral measurements as numbers, and a perceptual hash for near-duplicates. Neither decides anything.",
      reference: "Zauner 2010 for the hash", validation: "golden values in the tests",
      command: "assay scan --json FILE"),
    Examination(
      methods: ["detector"], title: "Trained detector",
      how: "A network's score, calibrated to a probability at even odds; it abstains between two thresholds.",
      reference: "the detector's model card", validation: "held-out evaluation; see the error rates",
      command: "assay scan --only detector FILE"),
  ]
}

extension Report {
  /// The examinations that were made of at least one file, and those that were made of none.
  public var examinations: (made: [ReportText.Examination], left: [ReportText.Examination]) {
    var methods = Set<String>()
    for item in items {
      for evidence in item.scan.evidence where evidence.result != .notEvaluated {
        methods.insert(evidence.method)
      }
    }
    let made = ReportText.catalogue.filter { entry in
      entry.methods.contains { prefix in methods.contains { $0.hasPrefix(prefix) } }
    }
    return (made, ReportText.catalogue.filter { !made.contains($0) })
  }

  /// Sentences about what was not looked at.
  public var notChecked: [String] {
    examinations.left.map { "\($0.title): not examined in any file." } + ReportText.neverChecked
  }

  /// Files in which evidence of a class was found, by class.
  public var findingCounts: [Evidence.Class: Int] {
    var counts: [Evidence.Class: Int] = [:]
    for item in items {
      let found = Set(item.scan.evidence.lazy.filter { $0.result == .found }.map(\.class))
      for kind in found { counts[kind, default: 0] += 1 }
    }
    return counts
  }
}
