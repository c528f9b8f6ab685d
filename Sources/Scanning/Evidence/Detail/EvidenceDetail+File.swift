/// What is read from a file's bytes: metadata, credentials, container.
extension Evidence.Detail {
  /// What metadata declare, quoted (shortened, without control characters).
  public struct Statement: DetailObject {
    /// What a text says; the raw value is the key of `assay.scan/1`.
    public enum Part: String, Sendable, Hashable, CaseIterable {
      case model, modelHash, version, variant, sampler, seed, steps, prompt
      /// Identifiers of a service's job or picture.
      case jobID, imageID
      /// ComfyUI's graph: the number of nodes, and classes of them.
      case nodes, classes
      /// The camera's maker; its ``model`` stands beside it.
      case make
      /// A term of IPTC's vocabulary.
      case digitalSourceType
      case aiSystemUsed = "AISystemUsed"
      case aiSystemVersionUsed = "AISystemVersionUsed"
      case aiPromptInformation = "AIPromptInformation"
      case aiPromptWriterName = "AIPromptWriterName"
      case genAIType
      case aigcLabelType = "aigc_label_type"
      case aigcType = "aigc_type"
      case exportType, product
    }

    public var texts: [Part: String]

    public init() { texts = [:] }
    public init(_ texts: [Part: String]) { self.texts = texts }

    public subscript(_ part: Part) -> String? { texts[part] }

    package mutating func exchange(with fields: inout DetailFields) {
      for part in Part.allCases { fields.exchange(part.rawValue, &texts[part]) }
    }
  }

  /// China's implicit label (GB 45438-2025, annex E).
  public struct AIGCLabel: DetailObject {
    public var label: String?
    public var contentProducer: String?
    public var produceID: String?
    public var contentPropagator: String?
    public var propagateID: String?
    public var serviceProvider: String?
    /// The standard's fields that are there, by name; written with commas between them.
    public var fields: [String]?
    /// Whether all values are texts, as the standard asks; written `yes` or `no`.
    public var isAllTexts: Bool?
    /// What is wrong with how it is written.
    public var form: String?

    public init() {}

    package mutating func exchange(with values: inout DetailFields) {
      values.exchange("label", &label)
      values.exchange("contentProducer", &contentProducer)
      values.exchange("produceID", &produceID)
      values.exchange("contentPropagator", &contentPropagator)
      values.exchange("propagateID", &propagateID)
      values.exchange("serviceProvider", &serviceProvider)
      var names = fields?.joined(separator: ",")
      values.exchange("fields", &names)
      fields = names.map {
        $0.isEmpty ? [] : $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
      var answer = isAllTexts.map { Answer(rawValue: $0 ? "yes" : "no")! }
      values.exchange("allTexts", &answer)
      isAllTexts = answer.map { $0 == .yes }
      values.exchange("form", &form)
    }

    private enum Answer: String, DetailConvertible {
      case yes, no

      init?(detail: DetailValue) {
        guard let known = String(detail: detail).flatMap(Self.init) else { return nil }
        self = known
      }
      var detailValue: DetailValue { .string(rawValue) }
    }
  }

  /// Content Credentials after validation.
  public struct Credentials: DetailObject {
    /// `trusted`, `valid`, `invalid` or `malformed`.
    public var state: String?
    /// What does not hold: `changed`, `cut`, `foreign`, `statement`, `damaged`, `binding`, `certificate`, `ingredient`, `other`.
    public var fault: String?
    /// The lists that signers were judged by; `none`.
    public var trustList: String?
    /// Codes of C2PA for the active manifest.
    public var success: [String]?
    public var failure: [String]?
    public var informational: [String]?
    /// Codes of failure of its ingredients.
    public var ingredientFailure: [String]?
    /// Number of ingredients.
    public var ingredients: Int?
    /// Organisation, or common name, in the certificate that stands behind the statement.
    public var signer: String?
    /// The source type that decides what the history says of the whole picture, an address.
    public var digitalSourceType: String?
    /// How far below the active manifest that statement stands.
    public var manifestDepth: Int?
    /// Last path parts of all source types.
    public var digitalSourceTypes: [String]?
    /// That on the created action of the active manifest.
    public var createdSourceType: String?
    /// Where the store lies, when that is no place where a reader would look for it.
    public var place: String?
    /// `sidecar` for a store beside the picture.
    public var source: String?
    /// Bytes that the binding leaves out.
    public var unbound: [String]?
    /// The active manifest's label.
    public var identifier: String?
    public var claimVersion: Int?
    public var isUpdate: Bool?
    /// Names of the active manifest's actions.
    public var actions: [String]?
    public var allActionsIncluded: Bool?
    public var aiDisclosure: Bool?
    public var deprecated: [String]?
    public var isTimestamped: Bool?
    public var isTimestampTrusted: Bool?
    public var softBindings: [String]?
    public var softBindingAlgorithms: [String]?
    /// Permissions of training and mining, `name=use`.
    public var trainingMining: [String]?
    public var softwareAgent: String?
    public var softwareAgentVersion: String?
    /// Of the time stamp, or else of an action; ISO 8601.
    public var when: String?

    public init() {}

    package mutating func exchange(with fields: inout DetailFields) {
      fields.exchange("state", &state)
      fields.exchange("fault", &fault)
      fields.exchange("trustList", &trustList)
      fields.exchange("success", &success)
      fields.exchange("failure", &failure)
      fields.exchange("informational", &informational)
      fields.exchange("ingredientFailure", &ingredientFailure)
      fields.exchange("ingredients", &ingredients)
      fields.exchange("signer", &signer)
      fields.exchange("digitalSourceType", &digitalSourceType)
      fields.exchange("manifestDepth", &manifestDepth)
      fields.exchange("digitalSourceTypes", &digitalSourceTypes)
      fields.exchange("createdSourceType", &createdSourceType)
      fields.exchange("place", &place)
      fields.exchange("source", &source)
      fields.exchange("unbound", &unbound)
      fields.exchange("identifier", &identifier)
      fields.exchange("claimVersion", &claimVersion)
      fields.exchange("isUpdate", &isUpdate)
      fields.exchange("actions", &actions)
      fields.exchange("allActionsIncluded", &allActionsIncluded)
      fields.exchange("aiDisclosure", &aiDisclosure)
      fields.exchange("deprecated", &deprecated)
      fields.exchange("timestamped", &isTimestamped)
      fields.exchange("timestampTrusted", &isTimestampTrusted)
      fields.exchange("softBindings", &softBindings)
      fields.exchange("softBindingAlgorithms", &softBindingAlgorithms)
      fields.exchange("trainingMining", &trainingMining)
      fields.exchange("softwareAgent", &softwareAgent)
      fields.exchange("softwareAgentVersion", &softwareAgentVersion)
      fields.exchange("when", &when)
    }
  }

  /// The file's size.
  public struct FileSize: DetailObject {
    public var bytes: Int?

    public init() {}
    public init(bytes: Int) { self.bytes = bytes }

    package mutating func exchange(with fields: inout DetailFields) { fields.exchange("bytes", &bytes) }
  }

  /// What the bytes after the picture's end are; nil for no known kind.
  public struct Trailer: DetailObject {
    public var kind: String?

    public init() {}
    public init(kind: String) { self.kind = kind }

    package mutating func exchange(with fields: inout DetailFields) { fields.exchange("kind", &kind) }
  }

  /// Marks that metadata carry, word by word; nil for those that are not there.
  public struct Marks: DetailObject {
    /// Last path parts of IPTC's source types.
    public var digitalSourceTypes: [String]?
    public var credits: [String]?
    /// IPTC's AISystemUsed and AISystemVersionUsed.
    public var systems: [String]?
    public var systemVersions: [String]?
    /// Permissions of training, `name=use`.
    public var permissions: [String]?

    public init() {}

    package mutating func exchange(with fields: inout DetailFields) {
      fields.exchange("digitalSourceTypes", &digitalSourceTypes)
      fields.exchange("credits", &credits)
      fields.exchange("systems", &systems)
      fields.exchange("systemVersions", &systemVersions)
      fields.exchange("permissions", &permissions)
    }
  }

  /// Names of fields that hold personal data, never their contents.
  public struct PersonalData: DetailObject {
    public var gps: [String]?
    public var personalNames: [String]?

    public init() {}

    package mutating func exchange(with fields: inout DetailFields) {
      fields.exchange("gps", &gps)
      fields.exchange("personalNames", &personalNames)
    }
  }

  /// The visible label that the program drew which made the picture.
  public struct Label: DetailObject {
    public var text: String?
    /// Height of the text over the picture's shortest side.
    public var heightShare: Double?
    /// Contrast ratio by WCAG 2.
    public var contrast: Double?
    public var isAtEdge: Bool?

    public init() {}
    public init(text: String, heightShare: Double, contrast: Double, isAtEdge: Bool) {
      self.text = text
      self.heightShare = heightShare
      self.contrast = contrast
      self.isAtEdge = isAtEdge
    }

    package mutating func exchange(with fields: inout DetailFields) {
      fields.exchange("text", &text)
      fields.exchange("heightShare", &heightShare)
      fields.exchange("contrast", &contrast)
      fields.exchange("atEdge", &isAtEdge)
    }
  }
}
