import Scanning
import Testing

struct VerdictTests {
  static func item(
    _ kind: Evidence.Class, _ origin: Evidence.Origin?, _ strength: Evidence.Strength = .strong,
    _ result: Evidence.Result = .found
  ) -> Evidence {
    Evidence(
      method: "test", class: kind, result: result, strength: strength, summary: "", origin: origin)
  }

  @Test(arguments: [
    ([], Outcome.noIndication),
    ([item(.verified, .generated)], .aiGeneratedVerified),
    ([item(.verified, .edited)], .aiEditedVerified),
    ([item(.verified, .captured)], .captureVerified),
    ([item(.declared, .generated)], .aiDeclared),
    ([item(.declared, .edited, .medium)], .aiDeclared),
    ([item(.watermark, .generated)], .aiWatermarked),
    ([item(.statistical, .generated)], .aiIndicated),
    ([item(.context, .generated)], .noIndication),
    ([item(.declared, .captured)], .noIndication),
    ([item(.declared, .humanMade)], .noIndication),
  ])
  func `one sign decides by its class`(evidence: [Evidence], expected: Outcome) {
    #expect(Verdict.outcome(of: evidence) == expected)
  }

  @Test(arguments: [
    ([item(.verified, .captured), item(.declared, .generated)], Outcome.conflicting),
    ([item(.verified, .captured), item(.watermark, .generated)], .conflicting),
    ([item(.verified, .captured), item(.statistical, .generated)], .conflicting),
    ([item(.verified, .captured), item(.verified, .generated)], .conflicting),
    ([item(.verified, .captured), item(.verified, .edited)], .aiEditedVerified),
    ([item(.verified, .captured), item(.verified, .edited), item(.declared, .edited)], .aiEditedVerified),
    ([item(.verified, .generated), item(.declared, .captured)], .conflicting),
    ([item(.verified, .generated), item(.declared, .captured, .medium)], .aiGeneratedVerified),
    ([item(.declared, .generated), item(.declared, .captured)], .conflicting),
    ([item(.declared, .generated), item(.declared, .captured, .medium)], .aiDeclared),
    ([item(.declared, .edited), item(.declared, .captured)], .aiDeclared),
    ([item(.watermark, .generated), item(.declared, .captured)], .conflicting),
    ([item(.statistical, .generated), item(.declared, .captured)], .conflicting),
    ([item(.statistical, .generated), item(.watermark, .generated)], .aiWatermarked),
    ([item(.watermark, .generated), item(.declared, .generated)], .aiDeclared),
  ])
  func `two signs are weighed by rank and contradictions are kept`(evidence: [Evidence], expected: Outcome) {
    #expect(Verdict.outcome(of: evidence) == expected)
    #expect(Verdict.outcome(of: evidence.reversed()) == expected)
  }

  static func altered(_ kind: Evidence.Class, _ origin: Evidence.Origin?, _ strength: Evidence.Strength)
    -> Evidence
  {
    var item = item(kind, origin, strength)
    item.alteration = .changed
    return item
  }

  @Test(arguments: [
    // A broken signature says so whatever it claimed, and whatever unsigned signs say beside it.
    ([altered(.declared, .captured, .weak)], Outcome.altered, Outcome.noIndication),
    ([altered(.context, nil, .weak)], .altered, .noIndication),
    ([altered(.declared, .generated, .medium)], .altered, .aiDeclared),
    ([altered(.declared, .captured, .weak), item(.declared, .generated)], .altered, .aiDeclared),
    (
      [altered(.context, nil, .weak), item(.declared, .generated), item(.declared, .captured)], .altered,
      .conflicting
    ),
    ([altered(.context, nil, .weak), item(.watermark, .generated)], .altered, .aiWatermarked),
    ([altered(.context, nil, .weak), item(.statistical, .generated)], .altered, .aiIndicated),
    // What a signature that holds says outranks it: no file has both, and a report read back must not lose it.
    (
      [altered(.context, nil, .weak), item(.verified, .generated)], .aiGeneratedVerified, .aiGeneratedVerified
    ),
    ([altered(.context, nil, .weak), item(.verified, .captured)], .altered, .captureVerified),
  ])
  func `what was altered has its place among the others, and hides none of them`(
    evidence: [Evidence], expected: Outcome, besides: Outcome
  ) {
    for order in [evidence, evidence.reversed()] {
      #expect(Verdict.outcome(of: order) == expected)
      #expect(Verdict.outcome(of: order, abstained: true) == expected)
      #expect(Verdict.outcomeBesides(order) == besides)
    }
  }

  @Test func `a gate takes an altered file by what it declares too`() {
    let result = ScanResult(
      file: "a.png", outcome: .altered, evidence: [Self.altered(.declared, .generated, .medium)])
    let met = OutcomeCondition.allCases.filter { $0.isMet(by: result) }.map(\.rawValue)
    #expect(Set(met) == ["altered", "aiDeclared", "any-ai"])
    let capture = ScanResult(
      file: "a.png", outcome: .altered, evidence: [Self.altered(.declared, .captured, .weak)])
    #expect(OutcomeCondition.allCases.filter { $0.isMet(by: capture) }.map(\.rawValue) == ["altered"])
    for outcome in Outcome.allCases where outcome != .altered {
      let met = OutcomeCondition.allCases.filter { $0.isMet(by: ScanResult(file: "a", outcome: outcome)) }
      #expect(
        Set(met.map(\.rawValue))
          == (outcome.saysAI || outcome == .conflicting ? [outcome.rawValue, "any-ai"] : [outcome.rawValue]))
    }
  }

  @Test func `weak, absent and unevaluated signs decide nothing`() {
    #expect(Verdict.outcome(of: [Self.item(.declared, .generated, .weak)]) == .noIndication)
    #expect(Verdict.outcome(of: [Self.item(.declared, .generated, .strong, .absent)]) == .noIndication)
    #expect(Verdict.outcome(of: [Self.item(.verified, .generated, .strong, .notEvaluated)]) == .noIndication)
    #expect(Verdict.outcome(of: [Self.item(.declared, nil)]) == .noIndication)
  }

  @Test func `an abstention counts only where nothing was found`() {
    #expect(Verdict.outcome(of: [], abstained: true) == .inconclusive)
    #expect(Verdict.outcome(of: [Self.item(.declared, .generated)], abstained: true) == .aiDeclared)
    #expect(Verdict.outcome(of: [Self.item(.verified, .captured)], abstained: true) == .captureVerified)
  }
}
