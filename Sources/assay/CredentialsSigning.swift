import ArgumentParser
import Console
import ContentCredentials
import Diagnostics
import Foundation
import ImageFormats
import Images
import Services

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
  @Flag(help: "Overwrite what exists.") var force = false

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
    let files: [(name: String, text: String, isPrivate: Bool)] = [
      ("signer.key", key.pem, true), ("signer.pem", certificate, false),
      ("root.pem", authority.certificatePEM, false),
    ]
    // All or none: a new key beside an old certificate would sign nothing.
    for file in files { try refuseExisting(FilePath("\(output)/\(file.name)"), overwrite: force) }
    for file in files {
      try writeAtomically(
        Array(file.text.utf8), to: FilePath("\(output)/\(file.name)"), overwrite: force,
        isPrivate: file.isPrivate)
    }
    Terminal.error("wrote \(output)/root.pem, signer.pem and signer.key\n")
  }
}

struct CredentialsSign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Sign a picture's origin as Content Credentials.",
    discussion: """
      What is claimed of the origin has no default: --source captured says that a camera captured the picture, \
      edited that a generative model changed it, generated that one made it.

      \(SigningKeyOptions.discussion)

      EXAMPLE
        assay credentials sign photo.jpg -o signed.jpg --source captured --tool "Camera X" --key signer.key \
      --certificates signer.pem
      """)

  @Argument(help: "The PNG, JPEG or WebP file.") var path: String
  @Option(name: .shortAndLong, help: "The file to write.") var output: String
  @OptionGroup var signing: SigningKeyOptions
  @Option(help: "For RSA keys: ps256, ps384 or ps512.") var algorithm: String?
  @Option(help: "How the picture came about: generated, edited (with AI) or captured.") var source: String
  @Option(help: "The tool that made the picture.") var tool: String
  @Option(help: "Its version.") var toolVersion: String?
  @Option(help: "The model that made the picture, for the AI disclosure of C2PA 2.4.") var modelName: String?
  @Option(help: "The file that was changed; stays in as parent.") var parent: String?
  @Option(help: "The title.") var title: String?
  @Flag(help: "Put a thumbnail into the claim, at most 256 pixels wide and high.") var thumbnail = false
  @Option(
    help: ArgumentHelp(
      "A time-stamp authority (RFC 3161), http://…; the only thing that asks the network.", valueName: "url"))
  var tsa: String?
  @Option(help: ArgumentHelp("An OCSP response about the signer to staple, DER.", valueName: "file"))
  var ocsp: String?
  @Option(help: "Data mining and training by others: allowed, notAllowed or constrained.")
  var trainingMining: String?
  @Option(help: ArgumentHelp("The payload of the watermark in the pixels.", valueName: "hex"))
  var softBinding: String?
  @Option(
    help: "The watermark's algorithm, by its name on C2PA's list where it is there; Assay's own mark is not.")
  var softBindingAlgorithm = "org.assay.mark.1"
  @Flag(
    help: "Write XMP that agrees with the signature: two layers with --soft-binding, for AI's pictures only.")
  var xmp = false
  @Option(
    help: ArgumentHelp(
      "Add China's metadata label (GB 45438-2025) with this producer; with --xmp.", valueName: "producer"))
  var aigcProducer: String?
  @Option(help: ArgumentHelp("The producer's number of the picture in China's label.", valueName: "id"))
  var aigcId: String?
  @Flag(help: "Overwrite what exists.") var force = false

  private static let sources = [
    "generated": DigitalSource.generated, "edited": DigitalSource.editedWithAI,
    "captured": DigitalSource.captured,
  ]

  private static let unsigned = ValidationError("--key or --signer, and --certificates, say who signs")

  func validate() throws {
    guard signing.certificates != nil else { throw Self.unsigned }
    guard Self.sources[source] != nil else {
      throw ValidationError("--source is generated, edited or captured")
    }
    guard algorithm.map({ SigningAlgorithm(rawValue: $0) != nil }) ?? true else {
      throw ValidationError("--algorithm is no algorithm of C2PA")
    }
    guard trainingMining.map({ ClaimContent.TrainingUse(rawValue: $0) != nil }) ?? true else {
      throw ValidationError("--training-mining is allowed, notAllowed or constrained")
    }
    guard softBinding.map({ Self.bytes(hex: $0) != nil }) ?? true else {
      throw ValidationError("--soft-binding takes 2 to 2048 hexadecimal digits")
    }
    guard !xmp || softBinding != nil && source != "captured" else {
      throw ValidationError("--xmp needs --soft-binding and a source that is AI's")
    }
    guard aigcProducer == nil && aigcId == nil || xmp && aigcProducer != nil && aigcId != nil else {
      throw ValidationError("--aigc-producer and --aigc-id go together, with --xmp")
    }
  }

  private static func bytes(hex: String) -> [UInt8]? {
    [UInt8](hexadecimal: hex).flatMap { (1...1024).contains($0.count) ? $0 : nil }
  }

  private static func thumbnail(of path: String) throws -> ClaimContent.Thumbnail {
    let decoded = try ImageFile(path: RawArguments.path(path)).decode()
    let image = decoded.image.oriented(decoded.orientation)
    let small = image.reduced(toLongestSide: 256, filter: .bilinear)
    return .init(mediaType: "image/jpeg", bytes: try ImageEncoder.jpeg(small, quality: 80))
  }

  func run() throws {
    guard let credential = try signing.credential(algorithm: algorithm) else { throw Self.unsigned }
    var content = ClaimContent(
      softwareAgent: tool, softwareVersion: toolVersion,
      digitalSourceType: Self.sources[source] ?? DigitalSource.generated)
    content.title = title
    content.when = Date()
    content.modelName = modelName
    content.trainingMining = trainingMining.flatMap { ClaimContent.TrainingUse(rawValue: $0) }
    content.softBinding = softBinding.flatMap(Self.bytes).map {
      .init(algorithm: softBindingAlgorithm, value: $0)
    }
    if let parent {
      let file = try ImageFile(path: RawArguments.path(parent))
      content.parent = .init(
        file: file.bytes, title: URL(filePath: parent).lastPathComponent,
        mediaType: file.format.map { "image/\($0.rawValue)" } ?? "application/octet-stream")
    }
    if thumbnail { content.thumbnail = try Self.thumbnail(of: path) }
    var signer = ManifestSigner(credential, timeStamps: try tsa.map { try TimeStampAuthority(url: $0) })
    if let ocsp { signer.ocspResponses = [try ImageFile(path: RawArguments.path(ocsp)).bytes] }
    let picture = try ImageFile(path: RawArguments.path(path))
    try Self.requireName(output, fits: picture)
    let file = picture.bytes
    let signed = try CredentialError.at(path) { try self.signed(file, content, signer) }
    try writeAtomically(signed, to: RawArguments.path(output), overwrite: force)
    if parent == nil, CredentialsReader.store(in: file) != nil {
      Terminal.error("note: the credentials that the file had are gone; --parent keeps them as its origin\n")
    }
    Terminal.error(
      "signed \(TerminalText.escaping(output)); the claim: \(Self.words(of: source)); it validates, and is trusted where your root is\n"
    )
  }

  /// What a source claims, for people and as IPTC calls it.
  private static func words(of source: String) -> String {
    let term = sources[source]?.split(separator: "/").last.map(String.init) ?? ""
    let words =
      switch source {
      case "captured": "a camera captured the picture"
      case "edited": "a generative model changed the picture"
      default: "a generative model made the whole picture"
      }
    return "\(words) (\(term))"
  }

  /// A picture keeps its format, so that a name of another one would lie.
  private static func requireName(_ output: String, fits picture: ImageFile) throws {
    guard let format = picture.format, let ending = RawArguments.path(output).fileExtension,
      let named = ImageFormat.allCases.first(where: { $0.fileExtensions.contains(ending) }), named != format
    else { return }
    throw InputError(
      code: "sign.extension", location: FaultLocation(file: output),
      message:
        "the picture is \(format.rawValue.uppercased()), and the name says \(named.rawValue.uppercased())",
      remedy:
        "name it .\(format.fileExtensions.first ?? format.rawValue), or convert the picture before it is signed"
    )
  }

  private func signed(_ file: [UInt8], _ content: ClaimContent, _ signer: ManifestSigner) throws -> [UInt8] {
    guard xmp, let watermark = content.softBinding else { return try signer.sign(file, content) }
    var plan = MarkingPlan(claim: content, watermark: watermark)
    if let aigcProducer, let aigcId {
      plan.label = AIGCLabel(contentProducer: aigcProducer, produceID: aigcId)
    }
    return try plan.mark(file, with: signer)
  }
}
