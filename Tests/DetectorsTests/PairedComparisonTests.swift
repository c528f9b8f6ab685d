import Evaluation
import Testing

struct PairedComparisonTests {
  /// Twelve sources by six owners, ten pictures each; `before` and `after` make scores of a number 0..<1 and the truth.
  private static func comparison(
    sources: Int = 12, before: (Double, Bool) -> Double, after: (Double, Bool) -> Double
  ) -> PairedComparison {
    PairedComparison(
      (0..<sources).flatMap { source in
        (0..<10).map { number in
          let noise = Double((source * 37 + number * 61) % 101) / 101
          let isGenerated = source % 2 == 0
          return PairedComparison.Picture(
            isGenerated: isGenerated, source: "s\(source)", owner: "o\(source / 2)",
            before: before(noise, isGenerated), after: after(noise, isGenerated))
        }
      })
  }

  @Test func `a better judgement has a difference that its interval holds away from 0`() throws {
    let found = Self.comparison(before: { noise, _ in noise }, after: { $0 + ($1 ? 2 : 0) })
    #expect(found.real == 60 && found.generated == 60)
    for figure in [found.auc, found.detected, found.withinOwners] {
      #expect(figure.after == 1 && figure.afterInterval == [1, 1])
      let difference = try #require(figure.difference)
      #expect(difference > 0.2)
      #expect(figure.differenceInterval.count == 2 && figure.differenceInterval[0] > 0)
      #expect(figure.differenceInterval[0] <= difference && difference <= figure.differenceInterval[1])
    }
    let table = found.markdown(before: "frozen", after: "trained")
    #expect(table.hasPrefix("| | frozen | trained | difference |\n|---|---|---|---|\n| AUC | "))
    #expect(table.contains("1.000 (1.000…1.000)"))
  }

  @Test func `the same judgement twice has no difference, though either is unsure`() {
    let found = Self.comparison(before: { $0 + ($1 ? 0.2 : 0) }, after: { $0 + ($1 ? 0.2 : 0) })
    #expect(found.auc.difference == 0 && found.auc.differenceInterval == [0, 0])
    #expect(found.auc.beforeInterval[0] < found.auc.beforeInterval[1])
  }

  @Test func `few sources have no intervals, and one class no figures`() {
    let few = Self.comparison(sources: 2, before: { noise, _ in noise }, after: { noise, _ in noise })
    #expect(few.auc.before != nil && few.auc.beforeInterval.isEmpty && few.auc.differenceInterval.isEmpty)
    let none = PairedComparison([])
    #expect(none.auc.before == nil && none.auc.difference == nil)
    #expect(none.markdown(before: "a", after: "b").contains("| AUC | – | – | – |"))
  }
}
