import Diagnostics
import Foundation
public import Scanning

/// A scan's results as text for people: one block a file.
///
/// The verdict comes first, in words; colour only repeats what a word or sign says already.
public struct ScanText: Sendable {
  /// Whether to use ANSI colours.
  public var usesColor: Bool

  public init(usesColor: Bool = false) { self.usesColor = usesColor }

  /// The block of one file, ending in a line feed.
  public func block(_ result: ScanResult) -> String {
    var lines = [style(TerminalText.escaping(result.file), .bold) + description(of: result)]
    lines.append("  " + style(verdict(result), color(of: result.outcome)))
    if let error = result.error {
      lines.append("  error: \(TerminalText.escaping(error.message))\(place(error.location))")
      lines.append("    fix: \(TerminalText.escaping(error.remedy))")
    }
    for evidence in result.evidence { lines += self.lines(evidence) }
    for warning in result.warnings { lines.append("    ! \(TerminalText.escaping(warning))") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// ` (PNG, 512×384)`.
  private func description(of result: ScanResult) -> String {
    guard let format = result.format?.uppercased() else { return "" }
    guard let width = result.width, let height = result.height else { return " (\(format))" }
    return " (\(format), \(width)×\(height))"
  }

  /// The outcome in a sentence, with the generators that are named and the probability.
  private func verdict(_ result: ScanResult) -> String {
    var text = result.outcome.sentence
    let named = result.evidence.reduce(into: [String]()) { names, item in
      guard item.result == .found, item.origin == .generated || item.origin == .edited,
        let generator = item.generator, !names.contains(generator)
      else { return }
      names.append(generator)
    }
    if !named.isEmpty, result.outcome != .unreadable {
      text += " (\(TerminalText.escaping(named.joined(separator: ", "))))"
    }
    // A number beside an outcome that does not rest on it would be quoted in its stead; the evidence has it.
    if result.outcome == .aiIndicated, let probability = result.aiProbability {
      text += String(format: "; AI probability %.0f %%", locale: nil, probability * 100)
    }
    return text + "."
  }

  private func lines(_ evidence: Evidence) -> [String] {
    switch evidence.result {
    case .found:
      var lines = [
        "    + \(evidence.class.rawValue)\(evidence.strength.map { ", \($0.rawValue)" } ?? ""): "
          + TerminalText.escaping(evidence.summary)
      ]
      var position = evidence.location?.path.map(TerminalText.escaping) ?? ""
      if let start = evidence.location?.byteOffset, let length = evidence.location?.byteLength {
        position += (position.isEmpty ? "" : ", ") + "bytes \(start)..<\(start + length)"
      }
      if case .string(let quotation)? = evidence.detail["quotation"] {
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
  public func summary(_ counts: [Outcome: Int], examined: Set<ExaminerKind>) -> String {
    let total = counts.values.reduce(0, +)
    let parts = Outcome.allCases.compactMap { outcome in
      counts[outcome].map { "\($0) \(outcome.rawValue)" }
    }
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
    case .conflicting, .unreadable: .red
    case .noIndication, .inconclusive: .plain
    }
  }

  private func style(_ text: String, _ style: Style) -> String {
    usesColor && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
