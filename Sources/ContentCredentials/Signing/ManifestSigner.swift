import Diagnostics
import Foundation
import ImageFormats

/// What a claim of Assay says of a picture.
public struct ClaimContent: Sendable {
  public var title: String?
  /// The program that writes the claim.
  public var generatorName = "Assay"
  public var generatorVersion = assayVersion
  /// The tool that made or changed the picture.
  public var softwareAgent: String
  public var softwareVersion: String?
  /// A full URI of IPTC's vocabulary; see ``DigitalSource``.
  public var digitalSourceType: String
  public var description: String?
  public var when: Date?
  /// The picture that was changed; its own store is taken over. Without it the picture is new.
  public var parent: Parent?
  /// Algorithm and value of a watermark that leads to this manifest.
  public var softBinding: SoftBinding?
  /// What others may do with the picture in mining and training, in the sense of CAWG; nil says nothing.
  public var trainingMining: TrainingUse?
  /// A small picture of the file for readers to show; JPEG, PNG or WebP, at most 1 MiB.
  public var thumbnail: Thumbnail?
  /// A model's name for `c2pa.ai-disclosure`.
  public var modelName: String?
  /// How far a person guided the model, for `c2pa.ai-disclosure`; nil says nothing.
  public var humanOversight: HumanOversight?
  /// What was done to the picture after ``softwareAgent`` had made or changed it, in order.
  public var edits: [Edit] = []
  /// Files that went into the picture without being its parent, such as a sketch that a model was given.
  public var inputs: [Parent] = []

  /// The levels of C2PA 2.4's `c2pa.ai-disclosure`.
  public enum HumanOversight: String, Sendable {
    case fullyAutonomous = "fully_autonomous"
    case promptGuided = "prompt_guided"
    case humanValidated = "human_validated"
  }

  public struct Parent: Sendable {
    public var file: [UInt8]
    public var title: String
    public var mediaType: String
    public init(file: [UInt8], title: String, mediaType: String) {
      self.file = file
      self.title = title
      self.mediaType = mediaType
    }
  }

  /// A further change by a tool.
  public struct Edit: Sendable {
    public var softwareAgent: String
    public var softwareVersion: String?
    public var description: String?
    /// Of the change: what its tool is; see ``DigitalSource``.
    public var digitalSourceType: String

    public init(
      softwareAgent: String, softwareVersion: String? = nil, description: String? = nil,
      digitalSourceType: String
    ) {
      self.softwareAgent = softwareAgent
      self.softwareVersion = softwareVersion
      self.description = description
      self.digitalSourceType = digitalSourceType
    }
  }

  public struct Thumbnail: Sendable {
    public var mediaType: String
    public var bytes: [UInt8]

    public init(mediaType: String, bytes: [UInt8]) {
      self.mediaType = mediaType
      self.bytes = bytes
    }
  }

  public enum TrainingUse: String, Sendable, CaseIterable { case allowed, notAllowed, constrained }

  public struct SoftBinding: Sendable {
    /// A name of C2PA's list of algorithms, or a private one in reverse-domain form.
    public var algorithm: String
    public var value: [UInt8]

    public init(algorithm: String, value: [UInt8]) {
      self.algorithm = algorithm
      self.value = value
    }

    /// A value that is a text, in UTF-8.
    public init(algorithm: String, value: String) {
      self.init(algorithm: algorithm, value: Array(value.utf8))
    }
  }

  public init(softwareAgent: String, softwareVersion: String? = nil, digitalSourceType: String) {
    self.softwareAgent = softwareAgent
    self.softwareVersion = softwareVersion
    self.digitalSourceType = digitalSourceType
  }
}

/// Digital source types that Assay writes.
public enum DigitalSource {
  public static let generated = DigitalSourceType.trainedAlgorithmicMedia.uri
  public static let editedWithAI = DigitalSourceType.compositeWithTrainedAlgorithmicMedia.uri
  public static let captured = DigitalSourceType.digitalCapture.uri
}

/// Signs pictures with claims of version 2.
///
/// Source: C2PA 2.2 §10, with what 2.4 and 2.5 ask for and older readers ignore.
public struct ManifestSigner: Sendable {
  public var credential: SigningCredential
  /// Asked for a time stamp at every signature; nil asks nobody.
  public var timeStamps: TimeStampAuthority?
  /// OCSP responses in DER about the signer, to be stapled.
  public var ocspResponses: [[UInt8]] = []

  public init(_ credential: SigningCredential, timeStamps: TimeStampAuthority? = nil) {
    self.credential = credential
    self.timeStamps = timeStamps
  }

  /// The signed file, validated before it is returned.
  ///
  /// - Throws: ``CredentialError`` when the format cannot be signed, the time stamp cannot be had or the result
  ///   does not validate.
  public func sign(_ file: [UInt8], _ content: ClaimContent) throws(CredentialError) -> [UInt8] {
    let draft = Draft(content)
    var header = UnprotectedHeader(ocspResponses: ocspResponses, room: timeStamps == nil ? nil : .empty)
    let placeholder = try draft.store(
      credential, header, hash: [UInt8](repeating: 0, count: 32), excluding: 0..<0)
    let (carrier, excluded) = try StoreEmbedder.embed(placeholder, in: file)
    var running = HashAlgorithm.Hasher(.sha256)
    running.update(carrier[..<excluded.lowerBound])
    running.update(carrier[excluded.upperBound...])
    if let timeStamps { header.room = .filled(by: timeStamps) }
    let store = try draft.store(credential, header, hash: running.finalize(), excluding: excluded)
    guard store.count == placeholder.count else {
      throw CredentialError("sign.size", "the store changed its size", remedy: "report this as a bug")
    }
    let (signed, _) = try StoreEmbedder.embed(store, in: file)

    let report = CredentialsReader().report(on: signed)
    let brokenParent = report.state == .invalid && report.codes(.failure) == ["signingCredential.untrusted"]
    guard report.state == .valid || brokenParent else {
      throw CredentialError(
        "sign.check", "the signed file does not validate: \(report.reason)",
        remedy: "check the certificate's dates and purposes")
    }
    guard timeStamps == nil || report.active?.timeStamp != nil else {
      let fault = report.statuses.first { $0.code.text.hasPrefix("timeStamp.") }?.explanation
      throw CredentialError(
        "timestamp.check", "the time stamp does not validate: \(fault ?? "it is not there")",
        remedy: "name another authority, or sign without a time stamp")
    }
    return signed
  }
}

/// One manifest in the making: the same size whatever the hash and the excluded range are.
private struct Draft {
  private let content: ClaimContent
  private let label = "urn:c2pa:\(UUID().uuidString.lowercased())"
  private let instance = "xmp:iid:\(UUID().uuidString.lowercased())"
  private var salts: [[UInt8]] = []
  private let parent: ParentStore?

  private struct ParentStore {
    var boxes: [UInt8]
    var active: Manifest
    var report: CredentialsReport
  }

  init(_ content: ClaimContent) {
    self.content = content
    salts = (0..<8).map { _ in (0..<16).map { _ in UInt8.random(in: 0...255) } }
    parent = content.parent.flatMap { parent in
      guard let store = CredentialsReader.store(in: parent.file) else { return nil }
      let (boxes, faults) = JUMBFParser.parse(store[...])
      guard faults.isEmpty, let root = boxes.first, let active = Manifest.read(root, store[...]).last else {
        return nil
      }
      let manifests = root.children.filter { $0.type == "jumb" }
      return ParentStore(
        boxes: manifests.flatMap { store[$0.range] }, active: active,
        report: CredentialsReader().report(on: parent.file))
    }
  }

  func store(
    _ credential: SigningCredential, _ header: UnprotectedHeader, hash: [UInt8], excluding: Range<Int>
  ) throws(CredentialError) -> [UInt8] {
    var assertions: [(label: String, box: [UInt8])] = []
    func add(_ label: String, _ value: CBOR) -> CBOR {
      let box = JUMBFWriter.superbox(
        .cbor, label: label, salt: salts[assertions.count % salts.count],
        content: JUMBFWriter.box("cbor", CBOREncoder.encode(value)))
      assertions.append((label, box))
      return reference(label, box)
    }
    let ingredient = ingredientValue().map { add("c2pa.ingredient.v3", $0) }
    let inputs = content.inputs.enumerated().map { place, input in
      let number = place + (ingredient == nil ? 0 : 1)
      return add(
        number == 0 ? "c2pa.ingredient.v3" : "c2pa.ingredient.v3__\(number)",
        .map([
          "dc:title": .text(input.title), "dc:format": .text(input.mediaType), "relationship": "inputTo",
        ]))
    }
    var references = (ingredient.map { [$0] } ?? []) + inputs
    if let binding = content.softBinding {
      references.append(
        add(
          "c2pa.soft-binding",
          .map([
            "alg": .text(binding.algorithm), "pad": .bytes([]),
            "blocks": [.map(["scope": .map([:]), "value": .bytes(binding.value[...])])],
          ])))
    }
    references.append(add("c2pa.actions.v2", actionsValue(ingredient, inputs: inputs)))
    if let use = content.trainingMining {
      let names = [
        "cawg.data_mining", "cawg.ai_training", "cawg.ai_generative_training", "cawg.ai_inference",
      ]
      let entries = names.map { CBORMap.Entry(key: .text($0), value: .map(["use": .text(use.rawValue)])) }
      references.append(add("cawg.training-mining", .map(["entries": .map(CBORMap(entries))])))
    }
    if let model = content.modelName {
      var disclosure: CBORMap = ["modelType": "c2pa.types.model", "modelName": .text(model)]
      if let level = content.humanOversight {
        disclosure["contentProfile"] = .map(["humanOversightLevel": .text(level.rawValue)])
      }
      references.append(add("c2pa.ai-disclosure", .map(disclosure)))
    }
    if let thumbnail = content.thumbnail {
      let label = "c2pa.thumbnail.claim"
      let box = try Self.embeddedFile(thumbnail, label: label, salt: salts[assertions.count % salts.count])
      assertions.append((label, box))
      references.append(reference(label, box))
    }
    references.append(add("c2pa.hash.data", dataHash(hash, excluding)))

    var claim: CBORMap = [
      "instanceID": .text(instance), "alg": "sha256", "created_assertions": .array(references),
      "signature": .text("self#jumbf=/c2pa/\(label)/c2pa.signature"),
      "claim_generator_info": .map([
        "name": .text(content.generatorName), "version": .text(content.generatorVersion),
        "specVersion": "2.4.0",
      ]),
    ]
    if let title = content.title { claim["dc:title"] = .text(title) }
    let claimBytes = CBOREncoder.encode(.map(claim))
    let signature = try COSESign1.make(
      key: credential.key, certificates: credential.certificates, claim: claimBytes[...], header)
    let manifest = JUMBFWriter.superbox(
      .manifest, label: label,
      content: JUMBFWriter.superbox(
        .assertionStore, label: "c2pa.assertions", content: assertions.flatMap(\.box))
        + JUMBFWriter.superbox(.claim, label: "c2pa.claim.v2", content: JUMBFWriter.box("cbor", claimBytes))
        + JUMBFWriter.superbox(
          .signature, label: "c2pa.signature", content: JUMBFWriter.box("cbor", signature)))
    return JUMBFWriter.superbox(.store, label: "c2pa", content: (parent?.boxes ?? []) + manifest)
  }

  /// An embedded file: its media type, then its bytes (ISO/IEC 19566-5, B.3).
  private static func embeddedFile(
    _ file: ClaimContent.Thumbnail, label: String, salt: [UInt8]
  ) throws(CredentialError) -> [UInt8] {
    guard file.bytes.count <= 1 << 20, ["image/jpeg", "image/png", "image/webp"].contains(file.mediaType)
    else {
      throw CredentialError(
        "sign.thumbnail", "the thumbnail is no JPEG, PNG or WebP of at most 1 MiB",
        remedy: "make a smaller one")
    }
    return JUMBFWriter.superbox(
      .embeddedFile, label: label, salt: salt,
      content: JUMBFWriter.box("bfdb", [0] + Array(file.mediaType.utf8) + [0])
        + JUMBFWriter.box("bidb", file.bytes))
  }

  private func reference(_ label: String, _ box: [UInt8]) -> CBOR {
    HashedURI(url: "self#jumbf=c2pa.assertions/\(label)", hash: HashAlgorithm.sha256.hash(box.dropFirst(8)))
      .cbor
  }

  /// Padding makes up for the shorter encoding of small numbers, so that the size never changes.
  private func dataHash(_ hash: [UInt8], _ excluded: Range<Int>) -> CBOR {
    func size(_ value: Int) -> Int { CBOREncoder.encode(.integer(value)).count }
    let padding = 8 + 5 - size(excluded.lowerBound) + 5 - size(excluded.count)
    return .map([
      "exclusions": [.map(["start": .integer(excluded.lowerBound), "length": .integer(excluded.count)])],
      "alg": "sha256", "hash": .bytes(hash[...]), "name": "jumbf manifest",
      "pad": .bytes([UInt8](repeating: 0, count: padding)[...]),
    ])
  }

  private func actionsValue(_ ingredient: CBOR?, inputs: [CBOR]) -> CBOR {
    /// What the tool of `edit` did.
    func action(_ name: String, _ edit: ClaimContent.Edit) -> CBORMap {
      var agent: CBORMap = ["name": .text(edit.softwareAgent)]
      if let version = edit.softwareVersion { agent["version"] = .text(version) }
      var action: CBORMap = [
        "action": .text(name), "softwareAgent": .map(agent),
        "digitalSourceType": .text(edit.digitalSourceType),
      ]
      if let text = edit.description { action["description"] = .text(text) }
      if let when = content.when { action["when"] = .tagged(0, .text(when.ISO8601Format())) }
      return action
    }
    var main = action(
      ingredient == nil ? "c2pa.created" : "c2pa.edited",
      .init(
        softwareAgent: content.softwareAgent, softwareVersion: content.softwareVersion,
        description: content.description, digitalSourceType: content.digitalSourceType))
    if !inputs.isEmpty { main["parameters"] = .map(["ingredients": .array(inputs)]) }
    var actions: [CBOR] = []
    if let ingredient {
      actions.append(
        .map(["action": "c2pa.opened", "parameters": .map(["ingredients": .array([ingredient])])]))
    }
    actions.append(.map(main))
    actions += content.edits.map { .map(action("c2pa.edited", $0)) }
    if content.softBinding != nil { actions.append(.map(["action": "c2pa.watermarked.bound"])) }
    return .map(["actions": .array(actions), "allActionsIncluded": true])
  }

  private func ingredientValue() -> CBOR? {
    guard let source = content.parent else { return nil }
    var value: CBORMap = [
      "dc:title": .text(source.title), "dc:format": .text(source.mediaType), "relationship": "parentOf",
    ]
    guard let parent else { return .map(value) }
    let root = "self#jumbf=/c2pa/\(parent.active.label)"
    value["activeManifest"] =
      HashedURI(url: root, hash: HashAlgorithm.sha256.hash(parent.active.content)).cbor
    value["claimSignature"] =
      HashedURI(
        url: "\(root)/c2pa.signature", hash: HashAlgorithm.sha256.hash(parent.active.signatureContent)
      ).cbor
    func codes(_ kind: StatusCode.Kind) -> CBOR {
      .array(
        parent.report.statuses.filter { $0.code.kind == kind }.map {
          .map(["code": .text($0.code.text), "url": .text($0.url), "explanation": .text($0.explanation)])
        })
    }
    value["validationResults"] = .map([
      "activeManifest": .map([
        "success": codes(.success), "informational": codes(.informational), "failure": codes(.failure),
      ])
    ])
    return .map(value)
  }
}
