import Diagnostics
import Foundation
import ImageFormats
public import Scanning

/// A scan's results as text for people: one block a file.
///
/// The verdict comes first, in words; colour only repeats what a word or sign says already.
public struct ScanText: Sendable {
  /// Whether to use ANSI colours.
  public var usesColor: Bool
  /// What was looked at: where nothing was found, the verdict names the rest.
  public var examined: Set<ExaminerKind>

  /// Whether to tell what only a specialist reads: bytes of the file, and measurements that decide nothing.
  public var showsDetails: Bool

  public init(
    usesColor: Bool = false, examined: Set<ExaminerKind> = Set(ExaminerKind.allCases),
    showsDetails: Bool = false
  ) {
    self.usesColor = usesColor
    self.showsDetails = showsDetails
    self.examined = examined
  }

  /// The block of one file, ending in a line feed.
  public func block(_ result: ScanResult) -> String {
    var lines = [style(TerminalText.escaping(result.file), .bold) + description(of: result)]
    lines.append("  " + style(verdict(result), color(of: result.outcome)))
    if let error = result.error {
      lines.append("  error: \(TerminalText.escaping(error.message))\(place(error.location))")
      lines.append("    fix: \(TerminalText.escaping(error.remedy))")
    }
    // What could not be looked at since the file cannot be read is said once, not once an examination.
    let spared = showsDetails ? [] : Self.spared(result)
    for evidence in result.evidence
    where (showsDetails || !Self.isMeasurement(evidence)) && !(evidence.isFor(result.error) && !showsDetails)
    {
      lines += self.lines(evidence)
    }
    if !spared.isEmpty {
      lines.append("    ? not looked at for that reason: \(spared.joined(separator: ", "))")
    }
    for warning in result.warnings { lines.append("    ! \(TerminalText.escaping(warning))") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One line of one file: its name and the verdict.
  public func line(_ result: ScanResult) -> String {
    let verdict = style(verdict(result), color(of: result.outcome))
    let reason =
      result.error.map { error in
        " \(TerminalText.escaping(error.message))\(place(error.location)); \(TerminalText.escaping(error.remedy))."
      } ?? ""
    return "\(TerminalText.escaping(result.file)): \(verdict)\(reason)\n"
  }

  /// ` (PNG, 512×384)`.
  private func description(of result: ScanResult) -> String {
    guard let format = result.format?.uppercased() else { return "" }
    guard let width = result.width, let height = result.height else { return " (\(format))" }
    return " (\(format), \(width)×\(height))"
  }

  /// The outcome in a sentence, with the generators that are named and the probability.
  private func verdict(_ result: ScanResult) -> String {
    let named = result.namedGenerators
    let left = ExaminerKind.allCases.filter { !examined.contains($0) }.map(\.rawValue)
    var text = result.isMissing ? "The file is not there" : result.sentence
    // Who looks at less learns less: what was not asked is said where a verdict of nothing would hide it.
    if result.outcome == .noIndication, !left.isEmpty {
      let asked = ExaminerKind.allCases.filter(examined.contains).map(\.rawValue)
      text =
        "Nothing was found by what was asked (\(asked.joined(separator: ", "))), which proves nothing; "
        + "not asked: \(left.joined(separator: ", "))"
    }
    if !named.isEmpty, result.outcome != .unreadable {
      text += " (\(TerminalText.escaping(named.joined(separator: ", "))))"
    }
    if let probability = result.decidingProbability {
      text += "; AI probability \(probability.percentWords) at even odds"
    }
    return text + "."
  }

  /// Examinations that the file's own fault kept from being made, each once.
  private static func spared(_ result: ScanResult) -> [String] {
    result.evidence.filter { $0.isFor(result.error) }.map(\.method).reduce(into: []) { names, name in
      if !names.contains(name) { names.append(name) }
    }
  }

  /// Whether it is a number that helps to read the rest and decides nothing.
  private static func isMeasurement(_ evidence: Evidence) -> Bool {
    evidence.class == .context && evidence.method == "spectra"
  }

  private func lines(_ evidence: Evidence) -> [String] {
    switch evidence.result {
    case .found:
      var lines = [
        "    + \(evidence.class.rawValue)\(evidence.strength.map { ", \($0.rawValue)" } ?? ""): "
          + TerminalText.escaping(evidence.summary)
      ]
      var position = evidence.location?.path.map(TerminalText.escaping) ?? ""
      if showsDetails, let start = evidence.location?.byteOffset, let length = evidence.location?.byteLength {
        position += (position.isEmpty ? "" : ", ") + "bytes \(start)..<\(start + length)"
      }
      if let quotation = evidence.quotation {
        position +=
          (position.isEmpty ? "" : ": ") + "“" + TerminalText.escaping(shortened(quotation, to: 100)) + "”"
      }
      if !position.isEmpty { lines.append("      at \(position)") }
      if let reason = evidence.reason { lines.append("      but \(TerminalText.escaping(reason))") }
      return lines
    case .absent: return ["    - \(TerminalText.escaping(evidence.summary))"]
    case .notEvaluated:
      let reason = evidence.reason.map { ": \(TerminalText.escaping($0))" } ?? ""
      return ["    ? \(evidence.method): \(TerminalText.escaping(evidence.summary))\(reason)"]
    }
  }

  private func place(_ location: EvidenceLocation?) -> String {
    guard let location else { return "" }
    var parts: [String] = []
    if let path = location.path { parts.append(TerminalText.escaping(path)) }
    if let start = location.byteOffset { parts.append("byte \(start)") }
    return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
  }

  private func shortened(_ text: String, to limit: Int) -> String {
    text.count <= limit ? text : text.prefix(limit - 1) + "…"
  }

  /// How many files had each outcome, and which examinations were left out.
  ///
  /// - Parameters:
  ///   - counts: files by outcome.
  ///   - examined: the kinds that were asked for.
  ///   - missing: of those that are `unreadable`, how many are not there.
  public func summary(_ counts: [Outcome: Int], examined: Set<ExaminerKind>, missing: Int = 0) -> String {
    let total = counts.values.reduce(0, +)
    var parts = Outcome.allCases.compactMap { outcome -> String? in
      let count = (counts[outcome] ?? 0) - (outcome == .unreadable ? missing : 0)
      return count > 0 ? "\(count) \(outcome.rawValue)" : nil
    }
    if missing > 0 { parts.append("\(missing) missing") }
    var text =
      "\(total) \(total == 1 ? "file" : "files")"
      + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")) + "\n"
    let left = ExaminerKind.allCases.filter { !examined.contains($0) }.map(\.rawValue)
    if !left.isEmpty { text += "Not looked at: \(left.joined(separator: ", ")).\n" }
    return text
  }

  private enum Style: String {
    case bold = "1"
    case red = "31"
    case yellow = "33"
    case green = "32"
    case plain = "0"
  }

  private func color(of outcome: Outcome) -> Style {
    switch outcome {
    case .aiGeneratedVerified, .aiEditedVerified, .aiDeclared, .aiWatermarked, .aiIndicated: .yellow
    case .captureVerified: .green
    case .altered, .conflicting, .unreadable: .red
    case .noIndication, .inconclusive: .plain
    }
  }

  private func style(_ text: String, _ style: Style) -> String {
    usesColor && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}

extension ScanResult {
  /// Whether there is no such file: nothing that is there was found to be unreadable.
  public var isMissing: Bool {
    error?.code == "file.open" && error?.message == ImageFormatError.noSuchFile
  }

  /// The detector's probability where the outcome rests on it: a number beside one that does not would be quoted in its stead.
  ///
  /// An outcome may rest on a detector of somebody else alone, whose number is another; the evidence has both.
  package var decidingProbability: Double? {
    guard outcome == .aiIndicated,
      evidence.contains(where: { $0.method == "detector" && $0.result == .found })
    else { return nil }
    return aiProbability
  }
}

extension Evidence {
  /// Whether it was not looked for because of this fault of the file.
  fileprivate func isFor(_ error: ScanResult.Failure?) -> Bool {
    guard let error, result == .notEvaluated else { return false }
    return reason == error.message
  }
}
