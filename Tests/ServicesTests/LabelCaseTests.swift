import Audits
import Foundation
import ImageFormats
import Services
import TestSupport
import Testing

/// The folder `fixtures/labels`: from the label that a generator drew and wrote down to what four rules say of it.
struct LabelCaseTests {
  static let folder = TestPaths.fixtures.appending(path: "labels")
  static let rules = ["EU-ICON-001", "CN-45438-005", "IN-120E-001", "KR-31-001"]

  static func results(_ project: ProjectManifest?) async throws -> [String: [String: String]] {
    let packs = try ["eu", "cn", "in", "kr"].map { try RulePackLibrary.pack(named: $0) }
    let job = AuditJob(
      source: .files([FilePath(folder.appending(path: "pictures").path)]), packs: packs, project: project,
      workers: 2, operatorName: "test")
    let items = try await job.run().audit.items
    return Dictionary(
      uniqueKeysWithValues: items.map { item in
        let judgements = item.judgements.filter { rules.contains($0.rule) }
        return (
          URL(filePath: item.file).lastPathComponent,
          Dictionary(uniqueKeysWithValues: judgements.map { ($0.rule, $0.result.rawValue) })
        )
      })
  }

  @Test func `every rule for visible labels decides as the record of the label asks`() async throws {
    let project = try ProjectManifest(
      path: Self.folder.appending(path: "project.yaml").path, auditDate: "2026-11-25")
    let expected = try JSONDecoder().decode(
      [String: [String: String]].self, from: Data(contentsOf: Self.folder.appending(path: "expected.json")))
    let results = try await Self.results(project)
    #expect(results == expected)
    func found(_ rule: String) -> Set<String> { Set(results.values.compactMap { $0[rule] }) }
    #expect(found("EU-ICON-001") == ["pass", "warn", "notApplicable", "undetermined"])
    #expect(found("CN-45438-005") == ["pass", "fail", "undetermined"])
    #expect(found("IN-120E-001") == ["pass", "warn", "fail"])
    #expect(found("KR-31-001") == ["pass", "warn", "undetermined"])
  }

  @Test func `an identifier alone is not judged where nobody states a label of the project`()
    async throws
  {
    let results = try await Self.results(nil)
    #expect(results["not-drawn.jpg"]?["IN-120E-001"] == "undetermined")
    #expect(results["drawn.jpg"]?["IN-120E-001"] == "pass")
  }
}
