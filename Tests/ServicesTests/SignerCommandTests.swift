import ContentCredentials
import Foundation
import Services
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

struct SignerCommandTests {
  @Test func `a command that is stopped, as at a terminal that is not its own, does not stay behind`() throws
  {
    let authority = try LocalAuthority(organization: "Desk")
    let certificate = try authority.issue(.es256, organization: "Desk", commonName: "Desk").certificatePEM
    let note = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: note) }
    let command = try SignerCommand("sh -c 'echo $$ > \"\(note.path)\"; kill -STOP $$'", timeLimit: 5)
    #expect(throws: (any Error).self) {
      let key = try command.key(certificatesPEM: certificate, algorithm: nil)
      _ = try SigningCredential(key: key, certificatesPEM: certificate)
    }
    let text = try String(contentsOf: note, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    let child = try #require(pid_t(text))
    #expect(kill(child, 0) == -1 && errno == ESRCH)
  }
}
