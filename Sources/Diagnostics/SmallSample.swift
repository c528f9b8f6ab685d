/// When figures come from too few pictures to say much.
public enum SmallSample {
  /// Fewer pictures or sources than these, and one more of either could turn a figure round.
  public static let leastPictures = 100
  public static let leastSources = 5

  /// A sentence for whoever reads the figures; nil where there are enough.
  ///
  /// - Parameter sources: where the pictures come from, each once; nil where nobody says.
  public static func caution(pictures: Int, sources: Int?) -> String? {
    let few = pictures < leastPictures
    guard few || sources.map({ $0 < leastSources }) ?? false else { return nil }
    let count = "\(pictures) picture\(pictures == 1 ? "" : "s")"
    let from = sources.map { " from \($0) source\($0 == 1 ? "" : "s")" } ?? ""
    return
      "these figures mean little: they rest on \(count)\(from), and below \(leastPictures) pictures or \(leastSources) "
      + "sources chance decides; read the intervals, not the figures"
  }
}
