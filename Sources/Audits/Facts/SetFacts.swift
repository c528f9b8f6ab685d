import Scanning

/// The facts of every file of a set, made anew from its packed scan when they are asked for, with what the set and
/// the project say of each.
struct SetFacts: Sendable {
  /// Domains that the set alone can tell of.
  static let domains: Set<String> = ["pair", "duplicate"]

  private(set) var files: [String] = []
  private(set) var scans: [PackedScan] = []
  private(set) var names = NamePool()
  /// Over what the scans found.
  private(set) var added: [Facts] = []

  var indices: Range<Int> { files.indices }

  subscript(index: Int) -> Facts { added[index].merging(Facts(scans[index].unpacked(names))) }

  mutating func add(_ scan: ScanResult) {
    files.append(scan.file)
    scans.append(PackedScan(scan, names: &names))
    added.append(Facts())
  }

  /// Compares each output with its input, mark by mark.
  ///
  /// - Parameter pairs: as the project manifest names them.
  /// - Returns: names in pairs of which no audited file has that name, or of which several do.
  mutating func addPairs(_ pairs: [ProjectManifest.Pair]) -> [String] {
    // Nobody named an input of the others: for them there is nothing to compare.
    let compared = Facts(examined: ["pair"])
    for index in indices { added[index] = added[index].merging(compared) }
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
      added[output]["pair.input"] = .text(files[input])
      if !before.kinds.isEmpty {
        added[output]["pair.inputMarks"] = .list(before.kinds.map(\.rawValue).sorted())
      }
      let kept = before.kinds.subtracting(lost)
      if !kept.isEmpty { added[output]["pair.marksKept"] = .list(kept.map(\.rawValue).sorted()) }
      if !lost.isEmpty { added[output]["pair.marksLost"] = .list(lost.map(\.rawValue)) }
      if case .number(let count)? = self[output]["credentials.ingredients"], count >= 1 {
        added[output]["pair.inputIsIngredient"] = .flag(true)
      }
    }
    return unknown
  }

  /// Tells each member of a group of near-duplicates which marks another member carries and it lacks.
  ///
  /// - Parameter hashed: whether each file's picture was compared.
  /// - Returns: how many groups disagree.
  mutating func addDuplicates(_ groups: [[Int]], hashed: [Bool]) -> Int {
    for index in indices where hashed[index] { added[index].markExamined("duplicate") }
    var contradictory = 0
    for group in groups {
      let marks = group.map { Marks(self[$0]) }
      var differs = false
      for (index, own) in zip(group, marks) {
        added[index]["duplicate.others"] = .list(group.filter { $0 != index }.map { files[$0] })
        // What was made of this file may carry marks that came with the making.
        let others = zip(group, marks).filter { added[$0.0]["pair.input"] != .text(files[index]) }
        let lacking = Set(others.flatMap { $0.1.lost(in: own) })
        guard !lacking.isEmpty else { continue }
        differs = true
        added[index]["duplicate.marksLacking"] = .list(lacking.map(\.rawValue).sorted())
      }
      if differs { contradictory += 1 }
    }
    return contradictory
  }

  /// Lays what the project says of its files over what the scan found.
  ///
  /// A provider knows which pictures its system made; where it says so, a picture without any mark can fail.
  mutating func addStatements(_ project: ProjectManifest) {
    for index in indices { added[index] = project.facts(of: files[index]).merging(added[index]) }
  }
}
