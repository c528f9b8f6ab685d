import Audits

extension Report {
  /// The judgements as JUnit XML: one suite a file, one case a rule; a failure is a failed case.
  public func junit() -> String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"assay\">\n"
    func add(_ suite: (name: String, judgements: [Judgement])) {
      let failures = suite.judgements.count { $0.result == .fail }
      let skipped = suite.judgements.count { $0.result == .notApplicable || $0.result == .undetermined }
      text += "  <testsuite name=\"\(Markup.escape(suite.name))\" tests=\"\(suite.judgements.count)\""
      text += " failures=\"\(failures)\" skipped=\"\(skipped)\">\n"
      let file = Markup.escape(suite.name)
      for judgement in suite.judgements { text += testCase(judgement, file: file) }
      text += "  </testsuite>\n"
    }
    for item in items { add((item.file, item.judgements)) }
    if !folder.isEmpty { add((self.text["wholes.folder"], folder)) }
    if !project.isEmpty { add((self.text["wholes.project"], project)) }
    return text + "</testsuites>\n"
  }

  /// - Parameter file: escaped.
  private func testCase(_ judgement: Judgement, file: String) -> String {
    var finding: String { Markup.escape(judgement.finding) }
    var warning: String { Markup.escape(text.filled("rules.warning", ["finding": judgement.finding])) }
    let head = "    <testcase name=\"\(Markup.escape(judgement.rule))\" classname=\"\(file)\""
    switch judgement.result {
    case .pass: return head + "/>\n"
    case .fail: return head + "><failure message=\"\(finding)\"/></testcase>\n"
    case .warn: return head + "><system-out>\(warning)</system-out></testcase>\n"
    case .notApplicable, .undetermined: return head + "><skipped message=\"\(finding)\"/></testcase>\n"
    }
  }
}
