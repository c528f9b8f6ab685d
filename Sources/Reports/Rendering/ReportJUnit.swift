import Audits

extension Report {
  /// Writes the judgements as JUnit XML: one suite a file, one case a rule; a failure is a failed case.
  ///
  /// - Throws: what `write` throws.
  public func writeJUnit(_ write: (String) throws -> Void) throws {
    try write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"assay\">\n")
    func add(_ name: String, _ judgements: [Judgement]) throws {
      let failures = judgements.count { $0.result == .fail }
      let skipped = judgements.count { $0.result == .notApplicable || $0.result == .undetermined }
      let file = Markup.escape(name)
      var text = "  <testsuite name=\"\(file)\" tests=\"\(judgements.count)\""
      text += " failures=\"\(failures)\" skipped=\"\(skipped)\">\n"
      for judgement in judgements { text += testCase(judgement, file: file) }
      try write(text + "  </testsuite>\n")
    }
    for item in items { try add(item.file, item.judgements) }
    if !folder.isEmpty { try add(text["wholes.folder"], folder) }
    if !project.isEmpty { try add(text["wholes.project"], project) }
    try write("</testsuites>\n")
  }

  /// The whole text.
  public func junit() -> String {
    var text = ""
    // Appending to a text throws nothing.
    try? writeJUnit { text += $0 }
    return text
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
