/// What a file's Content Credentials say and how far they can be believed.
public struct CredentialsReport: Sendable {
  /// The answer in one word.
  public enum State: String, Sendable, Codable, CaseIterable {
    /// Bound, signed, and the signer chains to a trusted anchor.
    case trusted
    /// Bound and signed; nobody on the list vouches for the signer.
    case valid
    /// Something does not hold: see the failures.
    case invalid
    /// The store or its active claim cannot be read as what it should be.
    case malformed
    /// The file carries no credentials.
    case absent
    /// Nobody knows: the file ends early, and what is missing held them, or a part of them, or may have; or they are those of
    /// the JPEG that a JPEG XL was made from without loss.
    case undetermined
  }

  /// What does not hold, the gravest first where several things do not.
  public enum Fault: String, Sendable, Codable, CaseIterable {
    /// The store cannot be read as what it should be.
    case damaged
    /// The store was made for another file, or lies where the format keeps none.
    case foreign
    /// The signed statement is not the one that was signed: a broken signature, or a hash in the store that differs.
    case statement
    /// The file's bytes are not those that were signed.
    case changed
    /// The same of a file that ends early: what is missing was signed, and what else was changed nobody can tell.
    case cut
    /// The claim is not bound to the file as the standard asks.
    case binding
    /// The signer's certificate is none that may sign, or was not valid.
    case certificate
    /// An ingredient did not hold when it was added, or does not now.
    case ingredient
    /// Something else that the standard asks for.
    case other
  }

  public var state: State
  /// What does not hold; nil where the credentials are trusted, valid, absent or undetermined.
  public var fault: Fault?
  /// Why the state is what it is, in one sentence.
  public var reason: String
  /// About the active manifest and the binding to the file.
  public var statuses: [ValidationStatus] = []
  /// About each ingredient, under the URI of its assertion.
  public var ingredients: [IngredientReport] = []
  /// Active manifest first, then its ingredients, depth first.
  public var manifests: [ManifestReport] = []
  /// Where the store was found.
  public var source: Source = .none
  /// Whether the file's bytes match the active manifest's hard binding; nil where that was not evaluated.
  public var isBound: Bool?
  /// What the hard binding leaves out besides the store: nobody vouches for these bytes.
  public var unbound: [UnboundRange] = []
  public var unboundRanges: [Range<Int>] { unbound.map(\.bytes) }
  /// Where the store lies, for people: the sidecar's name, or the place when it is none where the format keeps a store.
  /// Such a store was carried there from another file, or the bytes in front of it were damaged.
  public var place: String?
  /// An URL the file names for its store; never fetched.
  public var remoteURL: String?
  public var origin = OriginSummary()
  /// Names of the lists that trust was judged by.
  public var trustList = ""
  public var timeStampTrustList = ""

  /// Whether the file's bytes would match the hard binding if it left out what the standard forbids it to leave out.
  var isBoundOtherwise = false

  /// The media type that the active claim names for its file.
  var claimedFormat: String?

  /// Whether the claim was made for a file of another format.
  func hasOtherFormat(than container: AssetLayout.Container) -> Bool {
    guard let claimed = claimedFormat.flatMap(AssetLayout.Container.init(mediaType:)) else { return false }
    return claimed != container
  }

  public enum Source: String, Sendable, Codable { case embedded, sidecar, remote, none }

  public func codes(_ kind: StatusCode.Kind) -> [String] {
    statuses.filter { $0.code.kind == kind }.map(\.code.text)
  }

  public var active: ManifestReport? { manifests.first }
}

/// Bytes of a file that a hard binding leaves out.
public struct UnboundRange: Sendable, Hashable {
  public var bytes: Range<Int>
  /// The metadata that they are, as the format calls it, such as `APP1`; empty when they may hold pixels.
  public var parts: [String]
  public var holdsMetadataOnly: Bool { !parts.isEmpty }

  /// For people.
  public var text: String {
    let place = "bytes \(bytes.lowerBound) to \(bytes.upperBound - 1)"
    return parts.isEmpty ? place : "\(place) (\(parts.joined(separator: ", ")))"
  }
}

/// One manifest, read for people.
public struct ManifestReport: Sendable, Codable {
  public var label: String
  public var claimVersion: Int?
  public var generator: String?
  public var title: String?
  public var signer: Signer?
  /// Seconds since 1970 of a validated time stamp.
  public var timeStamp: Int?
  public var isTimeStampTrusted = false
  public var isSignatureValid = false
  public var isSignerTrusted = false
  public var actions: [ActionReport] = []
  public var assertions: [String] = []
  /// What assertions and parameters beside the source types of actions say of AI.
  public var aiStatements: [AIStatement] = []
  /// Why a time stamp says nothing of the time of signing, for people; nil where there is none, or one that holds.
  public var timeStampFault: String?
  /// Persons and organisations that the manifest names beside its signer.
  public var identities: [IdentityReport] = []
  public var ingredientTitles: [String] = []
  /// Algorithms of the soft bindings.
  public var softBindings: [String] = []
  /// Values of the soft bindings, such as a watermark's payload: texts, or hexadecimal digits of bytes.
  public var softBindingValues: [String] = []
  /// Whether every list of actions says that it left none out.
  public var allActionsIncluded = false
  public var trainingMining: [String: String] = [:]
  /// Whether it is an update manifest, which changes no pixels and needs no created or opened action.
  public var isUpdate = false
  /// Constructs that readers still take and writers should not write (C2PA 2.5, appendix D).
  public var deprecated: [String] = []
  /// How many ingredients it names, with or without a title.
  public var ingredientCount = 0
  /// Steps from the active manifest: 0 for itself.
  public var depth: Int

  package init(label: String, depth: Int) {
    self.label = label
    self.depth = depth
  }

  public struct Signer: Sendable, Codable {
    public var commonName: String?
    public var organization: String?
    public var algorithm: String
  }
}

/// One action of a manifest.
public struct ActionReport: Sendable, Codable, Hashable {
  public var action: String
  public var digitalSourceType: String?
  public var softwareAgent: String?
  public var when: String?
  public var description: String?
  /// The version that the agent is named with, where it stands apart from its name.
  public var softwareAgentVersion: String?

  package init(
    action: String, digitalSourceType: String? = nil, softwareAgent: String? = nil, when: String? = nil,
    description: String? = nil, softwareAgentVersion: String? = nil
  ) {
    self.action = action
    self.digitalSourceType = digitalSourceType
    self.softwareAgent = softwareAgent
    self.when = when
    self.description = description
    self.softwareAgentVersion = softwareAgentVersion
  }
}

/// What became of an ingredient's own credentials.
public struct IngredientReport: Sendable, Codable {
  /// The ingredient assertion.
  public var uri: String
  public var title: String?
  public var relationship: String
  public var manifest: String?
  public var statuses: [ValidationStatus]
  /// Failures that the signer recorded when the ingredient was added.
  public var recordedFailures: [String]
}
