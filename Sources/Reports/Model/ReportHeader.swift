/// Who asked what, of which items, with which tools; all of it given by the caller.
public struct ReportHeader: Sendable, Hashable, Codable {
  /// A list, model or file that findings rest on.
  public struct Reference: Sendable, Hashable, Codable {
    /// `trust list`, `time-stamp list`, `model`, `project manifest`, `ledger`.
    public var kind: String
    public var name: String
    /// SHA-256 of its bytes, or the head of a ledger; nil where there is none.
    public var sha256: String?
    /// What else identifies it: number of anchors, number of entries.
    public var note: String?

    public init(kind: String, name: String, sha256: String? = nil, note: String? = nil) {
      self.kind = kind
      self.name = name
      self.sha256 = sha256
      self.note = note
    }
  }

  public var title: String
  /// The question that the report answers.
  public var question: String
  /// ISO 8601, UTC.
  public var time: String
  /// Where the time comes from: `system` or `given`.
  public var clock: String
  public var operatorName: String
  /// Who checked the report, if anybody.
  public var reviewer: String?
  /// How and when the files came to the operator; nil where nobody said.
  public var received: String?
  /// Assay's version.
  public var toolVersion: String
  /// SHA-256 of the program; nil where it could not be read.
  public var build: String?
  /// The operating system.
  public var system: String
  /// The command that makes this report again.
  public var command: String
  public var references: [Reference]

  public init(
    title: String, question: String, time: String, clock: String = "given", operatorName: String,
    toolVersion: String, command: String, system: String = "", references: [Reference] = []
  ) {
    self.title = title
    self.question = question
    self.time = time
    self.clock = clock
    self.operatorName = operatorName
    self.toolVersion = toolVersion
    self.command = command
    self.system = system
    self.references = references
  }
}
