import Foundation
import ImageFormats
import Provenance
import TestSupport
import Testing

/// The signs of whole files.
func signs(in url: URL) throws -> [ProvenanceSign] {
  let file = try ImageFile(path: url.path)
  let container = try file.container()
  return ProvenanceReader.signs(
    in: file, container: container, metadata: file.metadata(in: container), image: { try file.decode().image }
  )
}

extension [ProvenanceSign] {
  /// Signs of AI that count: at least medium.
  var ofAI: [ProvenanceSign] {
    filter {
      ($0.origin == .generated || $0.origin == .edited) && $0.strength >= .medium && $0.standing != .context
    }
  }
}

struct GalleryTests {
  struct Expected: Decodable {
    var outcome: String
    var generator: String?
    var says: String?
  }

  static let folder = TestPaths.fixtures.appending(path: "gallery")
  static let expected = try! JSONDecoder().decode(
    [String: Expected].self, from: Data(contentsOf: folder.appending(path: "expected.json")))

  @Test(arguments: expected.keys.sorted())
  func `each picture of the gallery says what it was made to say`(name: String) throws {
    let expected = try #require(Self.expected[name])
    let signs = try signs(in: Self.folder.appending(path: name))
    #expect(Set(signs.ofAI.compactMap(\.generator)) == Set([expected.generator].compactMap { $0 }))
    let declaresAI = ["aiDeclared", "conflicting"].contains(expected.outcome)
    #expect(signs.ofAI.isEmpty == !declaresAI)
    if let says = expected.says { #expect(signs.contains { $0.origin?.rawValue == says }) }
  }

  @Test func `every sign names its place and quotes without control characters`() throws {
    for name in Self.expected.keys {
      let bytes = try Data(contentsOf: Self.folder.appending(path: name)).count
      for sign in try signs(in: Self.folder.appending(path: name)) {
        #expect(!sign.place.path.isEmpty)
        if let range = sign.place.bytes { #expect(range.upperBound <= bytes && !range.isEmpty) }
        let texts =
          [sign.quotation ?? "", sign.summary] + sign.evidence.fields.values.compactMap(String.init(detail:))
        #expect(!texts.joined().unicodeScalars.contains(where: Quotation.isControl))
        #expect(sign.origin == nil || sign.standing == .verified || sign.summary.contains("declare"))
      }
    }
  }
}

@Suite(.enabled(if: TestPaths.shared != nil, "skipped: no shared data"))
struct InteropFileTests {
  /// Files whose label in the folder is not what they hold.
  ///
  /// The file filed under FLUX is c2pa-rs's test picture CI.jpg; nothing in it tells of AI, and its only `bfl`
  /// stands in the entropy-coded data.
  static let mislabelled: Set<String> = ["c2pa-bfl-flux/9e2caabd5b.jpg"]

  /// What these state stands in their Content Credentials alone; `CredentialCaseTests` reads it there.
  static let inCredentialsAlone: Set<String> = [
    "c2pa-adobe-firefly/49a6b089bf.jpg", "c2pa-google/b17ac7e754.jpg", "c2pa-openai/507e6867e5.webp",
  ]

  @Test func `every file with invented texts is read as expected`() throws {
    struct Expected: Decodable {
      enum AI: Decodable {
        case yes, no
        init(from decoder: any Decoder) throws {
          let container = try decoder.singleValueContainer()
          if let flag = try? container.decode(Bool.self) {
            self = flag ? .yes : .no
          } else {
            self = container.decodeNil() ? .no : .yes
          }
        }
      }
      var ai: AI?
      var generator: String?
    }
    let folder = try #require(TestPaths.shared).appending(path: "interop/metadata-made")
    let all = try JSONDecoder().decode(
      [String: Expected].self, from: Data(contentsOf: folder.appending(path: "expected.json")))
    #expect(all.count >= 27)
    for (name, expected) in all {
      let found = try signs(in: folder.appending(path: name)).ofAI
      #expect(found.isEmpty == (expected.ai != .yes), "\(name)")
      #expect(Set(found.compactMap(\.generator)) == Set([expected.generator].compactMap { $0 }), "\(name)")
    }
  }

  @Test func `files as their generators wrote them declare AI, others do not`() throws {
    struct Expected: Decodable {
      var file: String
      var ai: Bool
    }
    let folder = try #require(TestPaths.shared).appending(path: "interop/metadata-wild")
    let all = try JSONDecoder().decode(
      [Expected].self, from: Data(contentsOf: folder.appending(path: "expected.json")))
    for expected in all where !Self.mislabelled.contains(expected.file) {
      let found = try signs(in: folder.appending(path: expected.file)).ofAI
      let isStated = expected.ai && !Self.inCredentialsAlone.contains(expected.file)
      #expect(found.isEmpty == !isStated, "\(expected.file)")
    }
  }
}
