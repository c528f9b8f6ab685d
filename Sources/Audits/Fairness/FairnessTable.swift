import Diagnostics

extension FairnessAudit {
  /// Samples from a table: a label, a score, and columns of groups.
  ///
  /// Labels are `ai`, `fake`, `generated`, `1`, `true` or `real`, `photo`, `0`, `false`. An empty score is an
  /// abstention. A column of more than 12 different numbers is cut into its quartiles.
  ///
  /// - Parameters:
  ///   - scores: by file name, for tables without a score column; the table then needs a column `file`.
  ///   - wanted: groupings; all columns but file, label and score where none is named.
  /// - Throws: ``AuditError`` with the row that is wrong.
  public static func samples(
    _ table: CSVTable, source: String, label: String = "label", score: String = "score",
    columns wanted: [String] = [], scores: [String: Double?]? = nil
  ) throws(AuditError) -> (samples: [Sample], columns: [String]) {
    func fault(_ row: Int?, _ message: String, _ remedy: String) -> AuditError {
      AuditError(
        code: "fairness.table", location: FaultLocation(file: source, path: row.map { "row \($0 + 2)" }),
        message: message, remedy: remedy)
    }
    func place(_ name: String) throws(AuditError) -> Int {
      guard let index = table.columns.firstIndex(of: name) else {
        throw fault(
          nil, "there is no column '\(name)'", "the table has \(table.columns.joined(separator: ", "))")
      }
      return index
    }
    let labelPlace = try place(label)
    let scorePlace = try place(scores == nil ? score : "file")
    let columns =
      wanted.isEmpty ? table.columns.filter { ![label, score, "file"].contains($0) } : wanted
    guard !columns.isEmpty else {
      throw fault(nil, "the table has no column of groups", "add one, such as camera or size")
    }
    let groups = try columns.map { name throws(AuditError) in
      let index = try place(name)
      return binned(table.rows.map { $0[index] })
    }
    var samples: [Sample] = []
    for (number, row) in table.rows.enumerated() {
      guard let isAI = labels[row[labelPlace].lowercased()] else {
        throw fault(number, "the label '\(row[labelPlace])' is not known", "write ai or real")
      }
      let value: Double?
      if let scores {
        guard let known = scores[row[scorePlace]] else {
          throw fault(number, "the scan holds no '\(row[scorePlace])'", "scan the same files")
        }
        value = known
      } else if row[scorePlace].isEmpty {
        value = nil
      } else {
        guard let number = Double(row[scorePlace]), number.isFinite else {
          throw fault(number, "the score '\(row[scorePlace])' is no number", "write 0 to 1, or nothing")
        }
        value = number
      }
      samples.append(Sample(isAI: isAI, score: value, groups: groups.map { $0[number] }))
    }
    return (samples, columns)
  }

  /// How many sources a table names, in the column `source`, `owner` or `repo`; nil where it has none of them.
  public static func sources(_ table: CSVTable) -> Int? {
    let names = table.columns.map { $0.lowercased() }
    guard let index = ["source", "owner", "repo"].lazy.compactMap({ names.firstIndex(of: $0) }).first else {
      return nil
    }
    return Set(table.rows.map { $0[index] }).count
  }

  private static let labels: [String: Bool] = [
    "ai": true, "fake": true, "generated": true, "1": true, "true": true,
    "real": false, "photo": false, "0": false, "false": false,
  ]

  /// Quartiles in place of many numbers; texts and few numbers stay.
  private static func binned(_ values: [String]) -> [String] {
    let numbers = values.compactMap(Double.init)
    guard numbers.count == values.count, Set(numbers).count > 12 else { return values }
    let sorted = numbers.sorted()
    let cuts = [1, 2, 3].map { sorted[sorted.count * $0 / 4] }
    let names = [
      "1: below \(cuts[0])", "2: \(cuts[0]) to below \(cuts[1])", "3: \(cuts[1]) to below \(cuts[2])",
      "4: from \(cuts[2])",
    ]
    return numbers.map { number in names[cuts.count { number >= $0 }] }
  }
}
