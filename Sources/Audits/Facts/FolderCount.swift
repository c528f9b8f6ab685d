/// Counts what is known of a set as a whole, file by file.
struct FolderCount {
  private var (files, unreadable, ai, marked) = (0, 0, 0, 0)

  /// - Parameter facts: of one file.
  mutating func add(_ facts: Facts) {
    files += 1
    if facts["file.readable"] == .flag(false) { unreadable += 1 }
    guard facts["origin.ai"] == .flag(true) else { return }
    ai += 1
    if Marks(facts).kinds.isSuperset(of: [.credentials, .watermark]) { marked += 1 }
  }

  func facts(groups: [[Int]], contradictory: Int, hashed: Int) -> Facts {
    var folder = Facts(examined: ["folder"])
    folder["folder.files"] = .number(Double(files))
    folder["folder.unreadable"] = .number(Double(unreadable))
    folder["folder.aiFiles"] = .number(Double(ai))
    if ai > 0 { folder["folder.markedShare"] = .number(Double(marked) / Double(ai)) }
    folder["duplicates.hashed"] = .number(Double(hashed))
    if hashed > 0 {
      folder["duplicates.files"] = .number(Double(groups.reduce(0) { $0 + $1.count }))
      folder["duplicates.contradictory"] = .number(Double(contradictory))
    }
    return folder
  }
}
