import Audits
import Testing

struct FairnessTests {
  /// Real pictures of two cameras with so many false alarms each, 200 of each.
  static func samples(_ first: Int, _ second: Int) -> [FairnessAudit.Sample] {
    (0..<200).flatMap { number in
      [("a", first), ("b", second)].map { name, alarms in
        FairnessAudit.Sample(isAI: false, score: number < alarms ? 0.9 : 0.1, groups: [name])
      }
    }
  }

  @Test func `rates of groups carry Wilson's interval`() throws {
    let audit = FairnessAudit(Self.samples(10, 20), columns: ["camera"], threshold: 0.5)
    let groups = try #require(audit.columns.first).groups
    #expect(groups.map(\.name) == ["a", "b"])
    #expect(groups[0].falseAlarms.errors == 10 && groups[0].falseAlarms.trials == 200)
    // statsmodels 0.14.5: proportion_confint(10, 200, method="wilson")
    #expect(abs(groups[0].falseAlarms.low - 0.02738) < 1e-4)
    #expect(abs(groups[0].falseAlarms.high - 0.08959) < 1e-4)
    #expect(groups[0].misses.rate == nil)
  }

  @Test func `a large gap is more than chance, a small one is not`() throws {
    let large = FairnessAudit(Self.samples(4, 40), columns: ["camera"], threshold: 0.5)
    let gap = try #require(large.columns[0].gaps.first)
    #expect(gap.isSignificant && gap.worst == "b" && gap.best == "a")
    #expect(abs(gap.difference - 0.18) < 1e-9 && gap.ratio == 10)
    #expect(gap.pValue < 0.001)
    let small = FairnessAudit(Self.samples(10, 12), columns: ["camera"], threshold: 0.5)
    #expect(!small.hasGap)
    // Fisher's exact test gives 0.83.
    #expect(small.columns[0].gaps[0].pValue > 0.6)
  }

  @Test func `under no difference one test in twenty is called a gap`() {
    var found = 0
    for seed in 1...200 as ClosedRange<UInt64> {
      var state = seed
      func bit() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 33) / Double(1 << 31)
      }
      let samples = (0..<120).map { index in
        FairnessAudit.Sample(isAI: false, score: bit() < 0.3 ? 1 : 0, groups: [index % 2 == 0 ? "a" : "b"])
      }
      if FairnessAudit(samples, columns: ["x"], threshold: 0.5, seed: seed).hasGap { found += 1 }
    }
    #expect((1...22).contains(found), "\(found) of 200")
  }

  @Test func `groups of few pictures are shown and not tested`() {
    let few = Array(Self.samples(1, 20).prefix(40))
    let audit = FairnessAudit(few, columns: ["camera"], threshold: 0.5)
    #expect(audit.columns[0].groups.count == 2 && audit.columns[0].gaps.isEmpty)
  }

  @Test func `a table gives samples, bins of many numbers, and errors with their row`() throws {
    let head = "file,label,score,camera,size\r\n"
    let body = (0..<40).map {
      "\($0).png,\($0 % 2 == 0 ? "ai" : "real"),0.\($0 % 10),\"Cam, \"\"X\"\"\",\($0)\n"
    }
    let table = try CSVTable(head + body.joined(), source: "t.csv")
    let (samples, columns) = try FairnessAudit.samples(table, source: "t.csv")
    #expect(columns == ["camera", "size"] && samples.count == 40)
    #expect(samples[0].isAI && samples[0].groups[0] == "Cam, \"X\"")
    #expect(Set(samples.map { $0.groups[1] }).count == 4)
    let wrong = try CSVTable("label,score,camera\nai,0.1,a\nmaybe,0.2,b\n", source: "t.csv")
    let error = try #require(throws: AuditError.self) { try FairnessAudit.samples(wrong, source: "t.csv") }
    #expect(error.location.path == "row 3")
    #expect(throws: AuditError.self) { try CSVTable("a,b\n1\n", source: "t.csv") }
    #expect(throws: AuditError.self) { try CSVTable("a,b\n\"1,2\n", source: "t.csv") }
  }

  @Test func `energy is time from the log times stated power`() throws {
    // 100 steps of 8 images: the first half at 4 images a second, then at 8.
    let log = """
      {"imagesPerSecond":4,"numbers":{},"secondsLeft":100,"step":50}
      {"imagesPerSecond":8,"numbers":{},"secondsLeft":0,"step":100}
      """
    let energy = try TrainingEnergy(
      log: log, source: "log", watts: 72, overhead: 1.5, gramsPerKilowattHour: 400)
    // The batch follows from the first line: 4 · 100 / 50 = 8; 100 s and 50 s.
    #expect(abs(energy.hours * 3_600 - 150) < 1e-9)
    #expect(abs(energy.kilowattHours - 150.0 / 3_600 * 72 * 1.5 / 1_000) < 1e-12)
    #expect(abs((energy.kilogramsCO2e ?? 0) - energy.kilowattHours * 0.4) < 1e-12)
    #expect(throws: AuditError.self) { try TrainingEnergy(log: "{}", source: "log", watts: 1) }
    let open = #"{"imagesPerSecond":4,"numbers":{},"secondsLeft":100,"step":50}"#
    #expect(throws: AuditError.self) { try TrainingEnergy(log: open, source: "log", watts: 1) }
    #expect(try TrainingEnergy(log: open, source: "log", watts: 1, batchSize: 8).steps == 50)
  }
}
