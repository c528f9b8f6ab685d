import ContentCredentials
import Foundation
import ImageFormats
import TestSupport
import Testing

/// A store beside a picture, and whose it is.
struct SidecarTests {
  private static let png = SigningTests.png
  private static let jpeg = ManifestForge.jpeg

  private static func forge(format: String? = nil) throws -> ManifestForge {
    var forge = try ManifestForge()
    forge.assertions = [("c2pa.actions.v2", ManifestForge.created(ManifestForge.generated))]
    forge.format = format
    return forge
  }

  @Test func `a sidecar of this file speaks for it`() throws {
    let forge = try Self.forge(format: "image/jpeg")
    let store = try forge.store(for: Self.jpeg, leavingOut: [])
    let report = forge.reader.report(on: Self.jpeg, sidecar: store)
    #expect(report.state == .trusted && report.source == .sidecar, "\(report.reason)")
  }

  @Test func `a sidecar for another format says nothing of this file`() throws {
    let forge = try Self.forge(format: "image/jpeg")
    let store = try forge.store(for: Self.jpeg, leavingOut: [])
    let report = forge.reader.report(on: Self.png, sidecar: store)
    #expect(report.state == .absent && report.origin.kind == .unknown && report.manifests.isEmpty)
    #expect(report.reason == "a sidecar lies beside it that is not of this file")
  }

  @Test func `a sidecar that fits another file says nothing of this one`() throws {
    let forge = try Self.forge()
    let store = try forge.store(for: Self.jpeg, leavingOut: [])
    #expect(forge.reader.report(on: Self.png, sidecar: store) { [Self.jpeg] }.state == .absent)
    // Without such a file this one may have been changed.
    let alone = forge.reader.report(on: Self.png, sidecar: store) { [ManifestForge.webp] }
    #expect(alone.state == .invalid && alone.origin.kind == .generated)
  }

  @Test func `pictures of one name are told apart in a folder`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let forge = try Self.forge()
    for (name, bytes) in [
      ("a.jpg", Self.jpeg), ("a.png", Self.png), ("a.c2pa", try forge.store(for: Self.jpeg, leavingOut: [])),
    ] { try Data(bytes).write(to: folder.appending(path: name)) }
    func report(_ name: String) throws -> CredentialsReport {
      forge.reader.report(on: try ImageFile(path: FilePath(folder.appending(path: name).path)))
    }
    #expect(try report("a.jpg").state == .trusted && report("a.jpg").place == "a.c2pa")
    #expect(try report("a.png").state == .absent)
  }
}
