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
