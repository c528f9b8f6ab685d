extension [Facts] {
  /// Compares each output with its input, mark by mark.
  ///
  /// - Parameters:
  ///   - pairs: as the project manifest names them.
  ///   - files: the files' names, one per element.
  /// - Returns: names in pairs of which no audited file has that name, or of which several do.
  mutating func addPairs(_ pairs: [ProjectManifest.Pair], files: [String]) -> [String] {
    // Nobody named an input of the others: for them there is nothing to compare.
    for index in indices { self[index].markExamined("pair") }
    var unknown: [String] = []
    func place(_ name: String) -> Int? {
      let found = files.indices.filter { files[$0] == name || files[$0].hasSuffix("/" + name) }
      if found.count == 1 { return found[0] }
      unknown.append(name)
      return nil
    }
    for pair in pairs {
      guard let input = place(pair.input), let output = place(pair.output) else { continue }
      let before = Marks(self[input])
      let lost = before.lost(in: Marks(self[output]))
      self[output]["pair.input"] = .text(files[input])
      if !before.kinds.isEmpty {
        self[output]["pair.inputMarks"] = .list(before.kinds.map(\.rawValue).sorted())
      }
      let kept = before.kinds.subtracting(lost)
      if !kept.isEmpty { self[output]["pair.marksKept"] = .list(kept.map(\.rawValue).sorted()) }
      if !lost.isEmpty { self[output]["pair.marksLost"] = .list(lost.map(\.rawValue)) }
      if case .number(let count)? = self[output]["credentials.ingredients"], count >= 1 {
        self[output]["pair.inputIsIngredient"] = .flag(true)
      }
    }
    return unknown
  }

  /// Tells each member of a group of near-duplicates which marks another member carries and it lacks.
  ///
  /// - Parameter hashed: whether each file's picture was compared.
  /// - Returns: how many groups disagree.
  mutating func addDuplicates(_ groups: [[Int]], files: [String], hashed: [Bool]) -> Int {
    for index in indices where hashed[index] { self[index].markExamined("duplicate") }
    var contradictory = 0
    for group in groups {
      let marks = group.map { Marks(self[$0]) }
      var differs = false
      for (index, own) in zip(group, marks) {
        self[index]["duplicate.others"] = .list(group.filter { $0 != index }.map { files[$0] })
        // What was made of this file may carry marks that came with the making.
        let others = zip(group, marks).filter { self[$0.0]["pair.input"] != .text(files[index]) }
        let lacking = Set(others.flatMap { $0.1.lost(in: own) })
        guard !lacking.isEmpty else { continue }
        differs = true
        self[index]["duplicate.marksLacking"] = .list(lacking.map(\.rawValue).sorted())
      }
      if differs { contradictory += 1 }
    }
    return contradictory
  }

  /// Lays what the project says of its files over what the scan found.
  ///
  /// A provider knows which pictures its system made; where it says so, a picture without any mark can fail.
  mutating func addStatements(_ statements: [ProjectManifest.Statement], files: [String]) {
    for index in indices {
      for statement in statements where statement.covers(files[index]) {
        self[index]["origin.ai"] = .flag(statement.isAI)
        self[index]["origin.stated"] = .text(statement.isAI ? "ai" : "notAI")
        break
      }
    }
  }

  /// What is known of the set as a whole.
  func folder(groups: [[Int]], contradictory: Int, hashed: Int) -> Facts {
    var folder = Facts(examined: ["folder"])
    let ai = filter { $0["origin.ai"] == .flag(true) }
    folder["folder.files"] = .number(Double(count))
    folder["folder.unreadable"] = .number(Double(count { $0["file.readable"] == .flag(false) }))
    folder["folder.aiFiles"] = .number(Double(ai.count))
    if !ai.isEmpty {
      let marked = ai.count { Marks($0).kinds.isSuperset(of: [.credentials, .watermark]) }
      folder["folder.markedShare"] = .number(Double(marked) / Double(ai.count))
    }
    folder["duplicates.hashed"] = .number(Double(hashed))
    if hashed > 0 {
      folder["duplicates.files"] = .number(Double(groups.reduce(0) { $0 + $1.count }))
      folder["duplicates.contradictory"] = .number(Double(contradictory))
    }
    return folder
  }
}
