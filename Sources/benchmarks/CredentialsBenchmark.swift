import ContentCredentials
import Foundation
import ImageFormats
import Images

/// Validating a file's Content Credentials against a trust list, beside c2pa-rs through its Python package.
///
/// Both read the file from the disk each time. The peer runs as a process that was started before, so its
/// processor time is not seen from here: compare wall-clock times.
struct CredentialsBenchmark: BenchmarkCase {
  let name = "credentials.verify"
  let title = "a PNG of 1 MB with one ES256 manifest, trusted; 20 times a run"
  let goal: String? = "at most 2 ms and at most c2pa-rs's time"
  private static let pieces = 20

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let folder = try Scratch.folder("credentials")
    let authority = try LocalAuthority(organization: "Benchmark")
    let (key, pem) = try authority.issue(.es256, organization: "Benchmark", commonName: "Signer")
    let signer = ManifestSigner(try SigningCredential(key: key, certificatesPEM: pem))
    // Noise: a PNG of 577×577 samples that do not compress has 1 MB.
    var state: UInt32 = 1
    let pixels = (0..<(577 * 577 * 3)).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    let picture = try ImageEncoder.png(Image(width: 577, height: 577, colorModel: .rgb, pixels: pixels))
    let file = folder.appending(path: "signed.png")
    try Data(
      signer.sign(
        picture, ClaimContent(softwareAgent: "Benchmark", digitalSourceType: DigitalSource.generated))
    ).write(to: file)
    let root = folder.appending(path: "root.pem")
    try Data(authority.certificatePEM.utf8).write(to: root)

    let reader = CredentialsReader(
      trust: TrustSettings(signers: try TrustList(pem: authority.certificatePEM, name: "root")))
    var subjects = [
      BenchmarkSubject(name: "assay", pieces: Self.pieces) {
        for _ in 0..<Self.pieces {
          let report = reader.report(on: try ImageFile(path: file.path).bytes)
          guard report.state == .trusted else { throw BenchmarkError("assay says \(report.reason)") }
        }
      }
    ]
    if let peers {
      let peer = try PeerProcess(
        python: peers, arguments: ["Tests/Peers/bench_c2pa.py", root.path])
      subjects.append(
        BenchmarkSubject(name: "c2pa-rs (c2pa-python 0.38.1)", pieces: Self.pieces) {
          for _ in 0..<Self.pieces {
            let answer = try await peer.line(for: file.path)
            guard answer == "Trusted" else { throw BenchmarkError("c2pa-rs says \(answer)") }
          }
        })
    }
    return subjects
  }
}
