/// Two judgements of the same pictures, and how sure their difference is.
public struct PairedComparison: Sendable, Codable {
  public struct Picture: Sendable, Hashable {
    public var isGenerated: Bool
    public var source: String
    public var owner: String
    /// What either judgement says of it; larger is more generated.
    public var before: Double
    public var after: Double

    public init(isGenerated: Bool, source: String, owner: String, before: Double, after: Double) {
      (self.isGenerated, self.source, self.owner) = (isGenerated, source, owner)
      (self.before, self.after) = (before, after)
    }
  }

  /// A number of either judgement and their difference, with 95 % intervals over sources; empty for fewer sources than
  /// three.
  public struct Figure: Sendable, Codable {
    public var before: Double?
    public var after: Double?
    public var difference: Double? { before.flatMap { before in after.map { $0 - before } } }
    public var beforeInterval: [Double]
    public var afterInterval: [Double]
    /// Of the difference in the same drawn sources: narrower than what the other two would make one think.
    public var differenceInterval: [Double]
  }

  public var real: Int
  public var generated: Int
  public var auc: Figure
  /// Share of generated pictures found at 1 % false alarms.
  public var detected: Figure
  /// Mean AUC within the owners of both labels, weighted by their smaller class.
  public var withinOwners: Figure

  public init(_ pictures: [Picture]) {
    real = pictures.count { !$0.isGenerated }
    generated = pictures.count - real
    let draws = SourceBootstrap(pictures, by: \.source)
    func figure(_ measure: ([Picture], KeyPath<Picture, Double>) -> Double?) -> Figure {
      let pairs = draws.map { drawn in
        measure(drawn, \.before).flatMap { before in
          measure(drawn, \.after).map { (before: before, after: $0) }
        }
      }
      let interval = SourceBootstrap<Picture>.interval
      return Figure(
        before: measure(pictures, \.before), after: measure(pictures, \.after),
        beforeInterval: interval(pairs.map(\.before)), afterInterval: interval(pairs.map(\.after)),
        differenceInterval: interval(pairs.map { $0.after - $0.before }))
    }
    auc = figure { pictures, score in
      DetectionMetrics.auc(pictures.map { ($0[keyPath: score], $0.isGenerated) })
    }
    detected = figure { pictures, score in
      DetectionMetrics.detected(pictures.map { ($0[keyPath: score], $0.isGenerated) }, falseAlarms: 0.01)
    }
    withinOwners = figure { pictures, score in
      DetectionMetrics.withinGroups(pictures.map { ($0[keyPath: score], $0.isGenerated, $0.owner) })
    }
  }

  /// A table, for people.
  ///
  /// - Parameters:
  ///   - before: what the first judgement is.
  ///   - after: what the second is.
  public func markdown(before: String, after: String) -> String {
    func cell(_ value: Double?, _ interval: [Double]) -> String {
      let bounds = interval.map(DetectorEvaluation.number).joined(separator: "…")
      return DetectorEvaluation.number(value) + (bounds.isEmpty ? "" : " (\(bounds))")
    }
    let rows = [("AUC", auc), ("found at 1 % false alarms", detected), ("AUC within owners", withinOwners)]
    return
      (["| | \(before) | \(after) | difference |", "|---|---|---|---|"]
      + rows.map { name, figure in
        "| \(name) | \(cell(figure.before, figure.beforeInterval)) | \(cell(figure.after, figure.afterInterval)) "
          + "| \(cell(figure.difference, figure.differenceInterval)) |"
      }).joined(separator: "\n") + "\n"
  }
}
