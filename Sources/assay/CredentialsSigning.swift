import ArgumentParser
import ContentCredentials
import Foundation
import ImageFormats

struct CredentialsKeys: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Make a certificate authority of your own and a key that signs claims.",
    discussion: """
      Writes root.pem (give it to those who shall trust you), signer.pem and signer.key (mode 0600). Others \
      read your signature as valid but untrusted until they trust root.pem.
      """)

  @Option(help: "The organisation in the certificates.") var organization: String
  @Option(help: "es256, es384, es512, ps256, ps384, ps512 or ed25519.") var algorithm = "es256"
  @Option(name: .shortAndLong, help: "The folder to write to.") var output = "."
  @Flag(help: "Overwrite.") var force = false

  func validate() throws {
    guard SigningAlgorithm(rawValue: algorithm) != nil else {
      throw ValidationError("--algorithm is one of es256, es384, es512, ps256, ps384, ps512, ed25519")
    }
    guard !organization.isEmpty, organization.utf8.count <= 64 else {
      throw ValidationError("--organization takes 1 to 64 bytes")
    }
  }

  func run() throws {
    let authority = try LocalAuthority(organization: organization)
    let (key, certificate) = try authority.issue(
      SigningAlgorithm(rawValue: algorithm) ?? .es256, organization: organization,
      commonName: "\(organization) signer")
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    try PrivateFile.write(key.pem, to: "\(output)/signer.key", overwrite: force)
    try writeAtomically(Array(certificate.utf8), to: "\(output)/signer.pem", overwrite: force)
    try writeAtomically(Array(authority.certificatePEM.utf8), to: "\(output)/root.pem", overwrite: force)
    Terminal.error("wrote \(output)/root.pem, signer.pem and signer.key\n")
  }
}

/// Files that only their owner may read.
enum PrivateFile {
  /// The file has mode 0600 from the moment it exists.
  static func write(_ text: String, to path: String, overwrite: Bool) throws {
    if overwrite { try? FileManager.default.removeItem(atPath: path) }
    guard !FileManager.default.fileExists(atPath: path) else {
      throw ValidationError("\(path) exists: use --force to overwrite it")
    }
    let isMade = FileManager.default.createFile(
      atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
    guard isMade, let handle = FileHandle(forWritingAtPath: path) else {
      throw ValidationError("\(path) cannot be written")
    }
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }
}

struct CredentialsSign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Sign a picture's origin as Content Credentials.")

  @Argument(help: "The PNG, JPEG or WebP file.") var path: String
  @Option(name: .shortAndLong, help: "The file to write.") var output: String
  @Option(help: "The private key, PEM.") var key: String
  @Option(help: "The signer's certificates, PEM, leaf first.") var certificates: String
  @Option(help: "For RSA keys: ps256, ps384 or ps512.") var algorithm: String?
  @Option(help: "generated, edited or captured.") var source = "generated"
  @Option(help: "The tool that made the picture.") var tool: String
  @Option(help: "Its version.") var toolVersion: String?
  @Option(help: "The file that was changed; stays in as parent.") var parent: String?
  @Option(help: "The title.") var title: String?
  @Flag(help: "Forbid data mining and training.") var forbidTraining = false
  @Flag(help: "Overwrite.") var force = false

  private static let sources = [
    "generated": DigitalSource.generated, "edited": DigitalSource.editedWithAI,
    "captured": DigitalSource.captured,
  ]

  func validate() throws {
    guard Self.sources[source] != nil else {
      throw ValidationError("--source is generated, edited or captured")
    }
    guard algorithm.map({ SigningAlgorithm(rawValue: $0) != nil }) ?? true else {
      throw ValidationError("--algorithm is no algorithm of C2PA")
    }
  }

  func run() throws {
    func text(_ path: String) throws -> String {
      String(decoding: try ImageFile(path: RawArguments.path(path)).bytes, as: UTF8.self)
    }
    let key = try SigningKey(pem: text(key), algorithm: algorithm.flatMap { SigningAlgorithm(rawValue: $0) })
    let credential = try SigningCredential(key: key, certificatesPEM: text(certificates))
    var content = ClaimContent(
      softwareAgent: tool, softwareVersion: toolVersion,
      digitalSourceType: Self.sources[source] ?? DigitalSource.generated)
    content.title = title
    content.when = Date()
    content.forbidsTraining = forbidTraining
    if let parent {
      let file = try ImageFile(path: RawArguments.path(parent))
      content.parent = .init(
        file: file.bytes, title: URL(filePath: parent).lastPathComponent,
        mediaType: file.format.map { "image/\($0.rawValue)" } ?? "application/octet-stream")
    }
    let signed = try ManifestSigner(credential).sign(
      try ImageFile(path: RawArguments.path(path)).bytes, content)
    try writeAtomically(signed, to: RawArguments.path(output), overwrite: force)
    Terminal.error("signed \(output); it validates, and is trusted where your root is\n")
  }
}
