import Detectors

/// Whole pictures whose origin is known, as an `index.csv` lists them.
public struct PictureIndex: Sendable {
  public struct Item: Sendable, Hashable {
    public var path: String
    public var isValidation: Bool
    public var isGenerated: Bool
    /// The generator, or the kind of real picture; empty where the list does not say.
    public var generator: String
    public var source: String
    /// Who published it: sources of one owner are never parted.
    public var owner: String
    /// Pixels, as the list says.
    public var width: Int
    public var height: Int
    public var format: String

    /// Whether it shows a program and is no picture: the heads do not learn from it.
    public var isInterface: Bool { !isGenerated && generator == InterfaceGate.kind }

    /// The fifth of the training owners that this one belongs to, 0...4; 0 for validation.
    public var fold: Int
  }

  /// Pictures labelled `ai` and `real`; face swaps and composites are left out, being neither.
  public private(set) var items: [Item]

  /// How many parts the training owners are dealt into.
  public static let folds = 5

  /// - Parameter paths: lists in CSV; the pictures' paths are relative to each list's folder.
  /// - Throws: ``DetectorError`` for a missing file or column.
  public init(_ paths: [String]) throws(DetectorError) {
    items = []
    for path in paths { items += try Self.items(of: path) }
    let held = Set(items.filter(\.isValidation).map(\.owner))
    if let both = items.first(where: { !$0.isValidation && held.contains($0.owner) }) {
      throw DetectorError(
        code: "detector.index", location: .init(file: both.path),
        message: "pictures of its owner \(both.owner) are in training and in validation",
        remedy: "give all pictures of an owner the same split")
    }
    let folds = Self.folds(items.filter { !$0.isValidation })
    for place in items.indices where !items[place].isValidation {
      items[place].fold = folds[items[place].owner] ?? 0
    }
  }

  private static func items(of path: String) throws(DetectorError) -> [Item] {
    let list = try LabelledPictures(path: path, needsFormat: true)
    return list.items.filter { $0.label == "ai" || $0.label == "real" }.map { item in
      Item(
        path: list.file(of: item), isValidation: item.isValidation, isGenerated: item.label == "ai",
        generator: item.generator, source: item.source, owner: item.owner.lowercased(), width: item.width,
        height: item.height, format: item.format.lowercased(), fold: 0)
    }
  }

  /// Fifths of the owners that hold about as many real and as many generated pictures each, screenshots of programs among the
  /// real ones: the largest owner first,
  /// each to the fifth that has least of what it brings.
  private static func folds(_ items: [Item]) -> [String: Int] {
    let owners = Dictionary(grouping: items, by: \.owner).mapValues { group in
      [group.count { !$0.isGenerated }, group.count(where: \.isGenerated)]
    }
    let totals = (0..<2).map { kind in Double(max(1, owners.values.reduce(0) { $0 + $1[kind] })) }
    var loads = [[Double]](repeating: [0, 0], count: folds)
    var result: [String: Int] = [:]
    for (owner, counts) in owners.sorted(by: { ($1.value.max()!, $0.key) < ($0.value.max()!, $1.key) }) {
      func load(_ fold: Int) -> Double {
        (0..<2).reduce(0) { $0 + loads[fold][$1] * Double(counts[$1]) / totals[$1] }
      }
      let fold = (0..<folds).min { load($0) < load($1) } ?? 0
      result[owner] = fold
      for kind in 0..<2 { loads[fold][kind] += Double(counts[kind]) / totals[kind] }
    }
    return result
  }
}
