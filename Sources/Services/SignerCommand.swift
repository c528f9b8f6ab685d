public import ContentCredentials
import Diagnostics
import Foundation

/// A command that signs for whoever keeps no bare key: a token, a key service, a script.
///
/// It is run without a shell, gets the bytes to be signed on standard input (not their digest), and writes the signature
/// alone to standard output: for ECDSA in DER, as OpenSSL and PKCS#11 tools give it, or as the two numbers side by side;
/// for RSA that of PSS whose salt is as long as the hash; for Ed25519 its 64 bytes. `ASSAY_ALGORITHM` in its environment
/// names the algorithm (`es256`). Any other exit code than 0 is a refusal, and what it wrote to standard error is passed
/// on. It is asked twice: once for a few bytes, to see that it fits the certificate before anything is written.
///
/// It runs in a process group of its own, which is not the terminal's: what reads from the terminal there is stopped by
/// the system. A PIN reaches it by an environment variable or a file.
public struct SignerCommand: Sendable {
  private let words: [String]
  private let timeLimit: Double

  /// - Throws: `AuditError` for a text that is no command, or a program that is not there.
  public init(_ text: String, timeLimit: Double = 60) throws {
    words = try PipelineCommand.resolved(text)
    self.timeLimit = timeLimit
  }

  /// A key that this command signs for.
  ///
  /// - Parameters:
  ///   - certificatesPEM: whose leaf says what kind of key it is.
  ///   - algorithm: tells PS256, PS384 and PS512 apart; nil takes PS256 for RSA.
  /// - Throws: `CredentialError` for certificates that cannot be read.
  public func key(certificatesPEM: String, algorithm: SigningAlgorithm?) throws(CredentialError) -> SigningKey
  {
    let words = words
    let timeLimit = timeLimit
    return try SigningKey(certificatesPEM: certificatesPEM, algorithm: algorithm) { message, algorithm in
      try Self.run(words, on: message, algorithm, timeLimit)
    }
  }

  private static func run(
    _ words: [String], on message: [UInt8], _ algorithm: SigningAlgorithm, _ timeLimit: Double
  ) throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-sign-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files rather than pipes: neither side can be stopped by a full one.
    let (input, output) = (folder.appending(path: "in"), folder.appending(path: "out"))
    try Data(message).write(to: input)
    try Data().write(to: output)
    let process = Process()
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["ASSAY_ALGORITHM": algorithm.rawValue]
    ) { $1 }
    process.standardInput = try FileHandle(forReadingFrom: input)
    process.standardOutput = try FileHandle(forWritingTo: output)
    // A refusal is explained where the user sees it.
    process.standardError = FileHandle.standardError
    func refused(_ message: String, _ remedy: String) -> SignerError {
      SignerError(
        code: "signer.command", location: FaultLocation(file: words[0]), message: message, remedy: remedy)
    }
    do { try process.runAsChild() } catch {
      throw refused("the signer's command cannot be started", "check that it can be run: \(words[0])")
    }
    guard process.ends(within: timeLimit) else {
      throw refused(
        "the signer's command gave no signature within \(Int(timeLimit)) s",
        "see what it waits for: run it by hand; a PIN must come by an environment variable or a file, as it cannot be asked for"
      )
    }
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw refused(
        "the signer's command ended with \(process.terminationStatus)",
        "run it by hand: it gets the bytes on standard input and writes the signature to standard output")
    }
    let signature = [UInt8](try Data(contentsOf: output))
    guard !signature.isEmpty, signature.count <= 4_096 else {
      throw refused(
        "the signer's command wrote \(signature.count) bytes, which is no signature",
        "let it write the signature alone to standard output, in binary")
    }
    return signature
  }
}

/// The signer's command did not sign.
struct SignerError: DiagnosableError {
  let code: String
  let location: FaultLocation
  let message: String
  let remedy: String
}
