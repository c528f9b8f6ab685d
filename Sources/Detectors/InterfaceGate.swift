package import Tensors

/// Tells screenshots of programs from pictures, by what the encoder's last block saw.
///
/// The heads were trained on none: their score of one means nothing, whichever pictures it shows.
package struct InterfaceGate: Sendable, Hashable, Codable {
  /// What an index calls such a screenshot in place of a generator or a kind of picture.
  package static let kind = "interface"

  /// Why such a picture is not judged, as a clause.
  static let reason = "it looks like a screenshot of a program, and the detector was trained on none"

  private var regression: LogisticRegression
  /// The logit from which a picture is not judged.
  private var threshold: Double
  /// The shares, 0...1, that reach the threshold in cross-validation over owners: of screenshots, of real pictures and of
  /// generated ones.
  package var caught: Double
  package var real: Double
  package var generated: Double

  /// One view of a picture whose kind is known.
  package struct Example: Sendable {
    /// [blocks, width].
    package var tokens: Tensor
    package var isInterface: Bool
    package var isGenerated: Bool
    package var source: String
    /// The part of the owners that it is held out with.
    package var fold: Int

    package init(tokens: Tensor, isInterface: Bool, isGenerated: Bool, source: String, fold: Int) {
      (self.tokens, self.isInterface, self.isGenerated) = (tokens, isInterface, isGenerated)
      (self.source, self.fold) = (source, fold)
    }
  }

  /// Of a squared weight, in rows.
  private static let penalty: Float = 300
  /// The share of the real and of the generated pictures that may be taken for screenshots.
  private static let limit = 0.005

  /// - Throws: ``DetectorError`` where a kind is missing.
  package init(_ examples: [Example]) throws(DetectorError) {
    var logits = [Double](repeating: 0, count: examples.count)
    for fold in Set(examples.map(\.fold)).sorted() {
      let fit = try Self.fit(examples.filter { $0.fold != fold })
      for place in examples.indices where examples[place].fold == fold {
        logits[place] = fit.logit(Self.view(examples[place].tokens))
      }
    }
    func those(_ isWanted: (Example) -> Bool) -> [Double] {
      zip(examples, logits).filter { isWanted($0.0) }.map(\.1).sorted()
    }
    let groups = [false, true].map { generated in
      those { !$0.isInterface && $0.isGenerated == generated }
    }
    /// What few enough of a group reach.
    func bound(_ sorted: [Double]) -> Double {
      let allowed = min(Int(Self.limit * Double(sorted.count)), sorted.count - 1)
      return sorted[sorted.count - 1 - allowed].nextUp
    }
    let threshold = groups.filter { !$0.isEmpty }.map(bound).max() ?? 0
    func share(_ logits: [Double]) -> Double {
      Double(logits.count { $0 >= threshold }) / Double(max(logits.count, 1))
    }
    self.threshold = threshold
    (caught, real, generated) = (share(those(\.isInterface)), share(groups[0]), share(groups[1]))
    regression = try Self.fit(examples)
  }

  private static func fit(_ examples: [Example]) throws(DetectorError) -> LogisticRegression {
    try LogisticRegression(
      rows: examples.map { view($0.tokens) }, labels: examples.map(\.isInterface),
      sources: examples.map(\.source), penalty: penalty)
  }

  /// The class token after the last block.
  private static func view(_ tokens: Tensor) -> [Float] {
    tokens.values.suffix(tokens.shape[1])
  }

  /// Whether the numbers of a file belong together.
  ///
  /// - Parameter width: of the encoder.
  func fits(_ width: Int) -> Bool {
    regression.fits(width) && abs(threshold) <= 1e6
      && [caught, real, generated].allSatisfy { (0...1).contains($0) }
  }

  /// Whether a picture is not judged.
  ///
  /// - Parameter tokens: [blocks, width].
  func holds(_ tokens: Tensor) -> Bool { regression.logit(Self.view(tokens)) >= threshold }
}
