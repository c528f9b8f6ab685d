import Audits
public import Scanning

extension ReportText {
  func sentence(_ outcome: Outcome) -> String { self["outcomes.sentences.\(outcome.rawValue)"] }

  /// As ``ScanResult/sentence``, in the catalogue's words.
  package func sentence(_ scan: ScanResult) -> String {
    let first = scan.alteration.map { self["outcomes.alterations.\($0.rawValue)"] } ?? sentence(scan.outcome)
    guard let besides = scan.besides, besides.clause != nil else { return first }
    return filled(
      "outcomes.besides", ["sentence": first, "clause": self["outcomes.clauses.\(besides.rawValue)"]])
  }

  /// An outcome as the head of a narrow column.
  func heading(_ outcome: Outcome) -> String { self["outcomes.headings.\(outcome.rawValue)"] }

  /// What a result is called in tables.
  func name(_ result: RuleResult) -> String { self["results.\(result.rawValue)"] }

  /// A symbol beside the colour, so that colour is never the only cue.
  static func symbol(_ result: RuleResult) -> String {
    switch result {
    case .pass: "✓"
    case .fail: "✗"
    case .warn: "!"
    case .notApplicable: "–"
    case .undetermined: "?"
    }
  }

  func symbolAndName(_ result: RuleResult) -> String { "\(Self.symbol(result)) \(name(result))" }

  /// Words one after the other, as a language joins them.
  package func joined(_ words: [String]) -> String { words.joined(separator: self["join.words"]) }

  /// A likelihood ratio in figures and words, held to what a calibration with thousands of pictures can bear: it is
  /// recorded to two decimals, so that a smaller one is called smaller and weighs as the smallest that is.
  package func ratio(_ ratio: Double) -> String {
    let least = 0.01
    let held = min(max(ratio, least), 1 / least)
    let digits = held >= 10 ? String(Int(held.rounded())) : String((held * 100).rounded() / 100)
    let figure =
      ratio < least ? "< \(least)" : ratio > 1 / least ? "> \(Int(1 / least))" : digits
    return filled("support.ratio", ["ratio": figure, "support": support(held)])
  }

  /// The verbal scale for a likelihood ratio, in either direction (ENFSI guideline for evaluative reporting).
  func support(_ ratio: Double) -> String {
    let size = ratio >= 1 ? ratio : 1 / max(ratio, .leastNonzeroMagnitude)
    let step =
      switch size {
      case ..<2: "none"
      case ..<10: "limited"
      case ..<100: "moderate"
      case ..<1_000: "moderatelyStrong"
      case ..<10_000: "strong"
      default: "veryStrong"
      }
    let words = self["support.\(step)"]
    guard step != "none" else { return words }
    let (first, second) = ratio >= 1 ? ("H1", "H2") : ("H2", "H1")
    return filled("support.towards", ["support": words, "first": first, "second": second])
  }

  /// What a class of evidence is worth, what else could explain it, and what would change it.
  public struct Reading: Sendable, Hashable, Codable {
    public let `class`: Evidence.Class
    public let title: String
    public let worth: String
    public let alternatives: String
    public let changes: String
  }

  public var readings: [Reading] {
    Evidence.Class.allCases.map { kind in
      func text(_ part: String) -> String { self["readings.\(kind.rawValue).\(part)"] }
      return Reading(
        class: kind, title: text("title"), worth: text("worth"), alternatives: text("alternatives"),
        changes: text("changes"))
    }
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

  public var examinations: [Examination] {
    [
      examination(
        "structure", ["container.", "marks.", "privacy.", "provenance"], command: "assay inspect FILE"),
      examination("credentials", ["credentials."], command: "assay credentials verify --json FILE"),
      examination("watermarks", ["watermark."], command: "assay watermark read FILE"),
      examination("spectra", ["spectra", "pixels."], command: "assay scan --json FILE"),
      examination("detector", ["detector"], command: "assay scan --only detector FILE"),
    ]
  }

  private func examination(_ key: String, _ methods: [String], command: String) -> Examination {
    func text(_ part: String) -> String { self["examinations.\(key).\(part)"] }
    return Examination(
      methods: methods, title: text("title"), how: text("how"), reference: text("reference"),
      validation: text("validation"), command: command)
  }

  /// The measurements that ship with this version, as `reports/evaluation` holds them.
  public var errorRates: [ErrorRate] {
    func rate(_ key: String, errors: Int, trials: Int, source: String) -> ErrorRate {
      ErrorRate(
        self["errorRates.\(key).what"], errors: errors, trials: trials,
        conditions: self["errorRates.\(key).conditions"], source: source)
    }
    return [
      rate("dwtDct", errors: 0, trials: 17_456, source: "reports/evaluation/watermark-false-alarms.md"),
      rate("assayMark", errors: 0, trials: 100_000, source: "reports/evaluation/assay-mark-false-alarms.md"),
      rate("detectorAlarms", errors: 1, trials: 1_161, source: "reports/evaluation/detector-val.md"),
      rate(
        "detectorAlarmsWorst", errors: 41, trials: 12_102,
        source: "reports/evaluation/detector-cross-validation.md"),
      rate("detectorMisses", errors: 362, trials: 984, source: "reports/evaluation/detector-val.md"),
    ]
  }
}

extension Report {
  /// The report in one paragraph for people who read no further.
  public var plainSummary: String {
    var sentences = [text.counted("summary.files", items.count)]
    let parts = outcomeCounts.map { outcome, count in
      text.filled(
        "summary.outcome", ["count": String(count), "outcome": text["outcomes.phrases.\(outcome.rawValue)"]])
    }
    if !parts.isEmpty {
      let list = parts.joined(separator: text["join.parts"])
      sentences.append(text.filled("summary.outcomes", ["outcomes": list]))
    }
    sentences.append(attentionSentence)
    sentences.append(text["summary.closing"])
    return sentences.joined(separator: text["join.sentences"])
  }

  /// How many files need attention, and for which reasons.
  var attentionSentence: String {
    let first = text.counted("summary.attention", attention.count)
    guard !reasonCounts.isEmpty else { return first }
    let reasons = reasonCounts.map { reason, count in
      text.filled("summary.reason", ["count": String(count), "reason": text["reasons.\(reason.rawValue)"]])
    }
    return text.filled(
      "summary.reasons", ["attention": first, "reasons": text.joined(reasons)])
  }

  /// Why a file needs attention, in a few words: the reason, and the first of the rules that complain most.
  func reason(of item: Item) -> String? {
    guard let reason = item.reason else { return nil }
    let name = text["reasons.\(reason.rawValue)"]
    let complaints = item.judgements.filter { ($0.gravity ?? .note) > .note }
    let worst = complaints.max {
      ($0.result == .fail ? 1 : 0, $0.gravity ?? .note) < ($1.result == .fail ? 1 : 0, $1.gravity ?? .note)
    }
    guard let worst, reason == .fails || reason == .warns else { return name }
    let more = complaints.count - 1
    let words = text.filled("reasons.rule", ["reason": name, "sentence": worst.sentence])
    return more > 0 ? text.filled("reasons.more", ["reason": words, "count": String(more)]) : words
  }

  /// The examinations that were made of at least one file, and those that were made of none.
  public var examinations: (made: [ReportText.Examination], left: [ReportText.Examination]) {
    let all = text.examinations
    let made = all.filter { entry in
      entry.methods.contains { prefix in methods.contains { $0.hasPrefix(prefix) } }
    }
    return (made, all.filter { !made.contains($0) })
  }

  /// Sentences about what was not looked at.
  public var notChecked: [String] {
    examinations.left.map { text.filled("notExamined", ["examination": $0.title]) }
      + text.list("neverChecked")
  }
}
