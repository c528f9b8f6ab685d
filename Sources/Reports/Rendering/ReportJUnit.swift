import Audits

extension Report {
  /// The judgements as JUnit XML: one suite a file, one case a rule; a failure is a failed case.
  public func junit() -> String {
    var suites: [(name: String, judgements: [Judgement])] = items.map { ($0.scan.file, $0.judgements) }
    if !folder.isEmpty { suites.append(("(folder)", folder)) }
    if !project.isEmpty { suites.append(("(project)", project)) }
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"assay\">\n"
    for suite in suites {
      let failures = suite.judgements.count { $0.result == .fail }
      let skipped = suite.judgements.count { $0.result == .notApplicable || $0.result == .undetermined }
      text += "  <testsuite name=\"\(Markup.escape(suite.name))\" tests=\"\(suite.judgements.count)\""
      text += " failures=\"\(failures)\" skipped=\"\(skipped)\">\n"
      for judgement in suite.judgements { text += Self.testCase(judgement, file: suite.name) }
      text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private static func testCase(_ judgement: Judgement, file: String) -> String {
    let finding = Markup.escape(judgement.finding)
    let head =
      "    <testcase name=\"\(Markup.escape(judgement.rule))\" classname=\"\(Markup.escape(file))\""
    switch judgement.result {
    case .pass: return head + "/>\n"
    case .fail: return head + "><failure message=\"\(finding)\"/></testcase>\n"
    case .warn: return head + "><system-out>warning: \(finding)</system-out></testcase>\n"
    case .notApplicable, .undetermined: return head + "><skipped message=\"\(finding)\"/></testcase>\n"
    }
  }
}

/// Text for XML and HTML.
enum Markup {
  /// Escapes markup and quotes; control and direction characters are written as `\u{1B}`, since XML 1.0
  /// forbids most of them and the rest could reorder what a reader sees.
  static func escape(_ text: String) -> String {
    var result = ""
    for character in TerminalText.escaping(text) {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.append(character)
      }
    }
    return result
  }
}
