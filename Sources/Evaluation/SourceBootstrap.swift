import Images

/// Draws of as many sources as there are, with replacement: how a figure varies among them tells how sure it is.
///
/// Sources are drawn and not pictures, since those of one source are alike.
///
/// Source: Efron 1979, doi:10.1214/aos/1176344552
struct SourceBootstrap<Item> {
  private let sources: [[Item]]

  /// Sources below which what was drawn from would be the same again and again: nothing is told then.
  static var leastSources: Int { 3 }

  init(_ items: [Item], by source: (Item) -> String) {
    sources = Dictionary(grouping: items, by: source).sorted { $0.key < $1.key }.map(\.value)
  }

  /// A figure of each of 400 draws: the same data give the same draws, whatever is measured of them.
  ///
  /// - Parameter measure: nil where it is not defined of what was drawn.
  /// - Returns: the figures that are defined; none where there are fewer than ``leastSources``.
  func map<Figure>(_ measure: ([Item]) -> Figure?) -> [Figure] {
    guard sources.count >= Self.leastSources else { return [] }
    var random = SplitMix(state: 1)
    return (0..<400).compactMap { _ in
      measure(sources.flatMap { _ in sources[Int.random(in: 0..<sources.count, using: &random)] })
    }
  }

  /// - Returns: what 2.5 % of the figures lie below, and what 2.5 % lie above; empty for none.
  static func interval(_ figures: [Double]) -> [Double] {
    let sorted = figures.sorted()
    return sorted.isEmpty ? [] : [sorted[sorted.count / 40], sorted[sorted.count - 1 - sorted.count / 40]]
  }
}
