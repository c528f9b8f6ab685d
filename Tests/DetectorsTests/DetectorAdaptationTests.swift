import Detectors
import Images
import Tensors
import Testing

struct DetectorAdaptationTests {
  /// Features in which one number tells the class: what a user's own generator may leave.
  private func examples(_ base: Detector, count: Int, sources: Int, shift: Float) -> [DetectorAdaptation
    .Example]
  {
    var random = RandomStream(seed: 5)
    return (0..<count).map { number in
      let isGenerated = number % 2 == 0
      let tokens = Tensor(normal: [base.heads[0].inputs], using: &random).map {
        $0 + (isGenerated ? shift : -shift)
      }
      return DetectorAdaptation.Example(
        features: PictureFeatures(tokens: tokens, spectra: []), isGenerated: isGenerated,
        source: "s\(number % (2 * sources))", kind: "noise", condition: 0, longSide: 512, quality: nil)
    }
  }

  @Test func `it learns what tells the pictures apart, on sources that were held out`() throws {
    let base = try untrained()
    let examples = examples(base, count: 200, sources: 6, shift: 1)
    let adaptation = try DetectorAdaptation(base, examples: examples)
    #expect(adaptation.holdsOutSources)
    let (detector, held) = try adaptation.run()
    func rightly(_ scores: [Double]) -> Int { zip(scores, examples).count { ($0 > 0) == $1.isGenerated } }
    #expect(rightly(held.map(\.scores.network)) > 180)
    #expect(rightly(held.map(\.before.network)) < rightly(held.map(\.scores.network)))
    // What it writes says what was fitted.
    let read = try Detector(weights: detector.encoded())
    let own = examples.map { read.opinion($0.features, longSide: 512, quality: nil).network }
    #expect(rightly(own) > 180)
    #expect(read.card.real == 100 && read.card.generated == 100 && read.card.owners == 12)
  }

  @Test func `one class alone, or few pictures, are refused`() throws {
    let base = try untrained()
    let some = examples(base, count: 60, sources: 3, shift: 0.1)
    #expect(try !DetectorAdaptation(base, examples: some).holdsOutSources)
    for few in [some.filter(\.isGenerated), Array(some.prefix(30)), []] {
      do {
        _ = try DetectorAdaptation(base, examples: few)
        Issue.record("\(few.count) were taken")
      } catch { #expect(error.code == "detector.calibration") }
    }
  }
}
