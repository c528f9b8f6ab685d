/// What a file's Content Credentials say and how far they can be believed.
public struct CredentialsReport: Sendable {
  /// The answer in one word.
  public enum State: String, Sendable, Codable {
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
  }

  public var state: State
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
  /// What holds a store that a converter left in a place of its own, such as `Raw profile type app11`.
  public var carrier: String?
  /// Whether the file's bytes match the active manifest's hard binding; nil where that was not evaluated.
  public var isBound: Bool?
  /// Bytes of the file that the hard binding leaves out besides the store.
  public var unboundRanges: [Range<Int>] = []
  /// An URL the file names for its store; never fetched.
  public var remoteURL: String?
  public var origin = OriginSummary()
  /// Names of the lists that trust was judged by.
  public var trustList = ""
  public var timeStampTrustList = ""

  public enum Source: String, Sendable, Codable { case embedded, sidecar, remote, none }

  public func codes(_ kind: StatusCode.Kind) -> [String] {
    statuses.filter { $0.code.kind == kind }.map(\.code.text)
  }

  public var active: ManifestReport? { manifests.first }
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
