/// What a command left of the marks of sample pictures: what an audit of a pipeline adds to a report.
public struct PipelineFindings: Sendable, Hashable, Codable {
  /// A mark of origin that a sample carries.
  public enum Mark: String, Sendable, Hashable, Codable, CaseIterable {
    /// A signed C2PA manifest.
    case credentials
    /// Assay's watermark in the pixels.
    case watermark
    /// IPTC's digital source type, in XMP.
    case sourceType
    /// IPTC's name of the AI system, in XMP.
    case system
    /// China's label (TC260), in XMP.
    case label
    /// The tag `Software` of EXIF.
    case software
    /// Generation settings in EXIF's `UserComment`.
    case comment
    /// A credit line in IPTC-IIM; JPEG files only.
    case credit
    /// Generation settings in a text of a PNG.
    case text
  }

  /// What became of a mark.
  public enum State: String, Sendable, Hashable, Codable, CaseIterable {
    /// It is read as it was written, or, of credentials, its signature holds.
    case survives
    /// Something of it is there and does not hold: a signature over other bytes, another value, a part of a text.
    case invalid
    case gone
    /// There is no output in which it could be looked for.
    case unknown
  }

  /// One mark of one sample.
  public struct Finding: Sendable, Hashable, Codable {
    public var mark: Mark
    public var state: State
    /// Where it stands in the output; nil where nothing of it is there.
    public var place: String?

    public init(_ mark: Mark, _ state: State, place: String? = nil) {
      self.mark = mark
      self.state = state
      self.place = place
    }
  }

  /// Why a run gave nothing to read, or not what it should.
  public struct Fault: Sendable, Hashable, Codable {
    /// `pipeline.status`, `pipeline.time`, `pipeline.start`, `pipeline.output`, `pipeline.unreadable`,
    /// `pipeline.format`, `pipeline.sample`.
    public var code: String
    public var message: String
    public var remedy: String

    public init(code: String, message: String, remedy: String) {
      self.code = code
      self.message = message
      self.remedy = remedy
    }
  }

  /// The command on one sample.
  public struct Run: Sendable, Hashable, Codable {
    /// As the report's items name it.
    public var file: String
    /// The format in which the sample was marked.
    public var format: String
    /// What the output's first bytes say; nil where there is none or they say nothing.
    public var outputFormat: String?
    public var fault: Fault?
    /// In the order of ``Mark``; those that the sample's format can hold.
    public var marks: [Finding]
    /// Rules of files whose evidence the marked sample had and the output has not.
    public var lostRules: [String] = []

    public init(
      file: String, format: String, outputFormat: String? = nil, fault: Fault? = nil, marks: [Finding] = []
    ) {
      self.file = file
      self.format = format
      self.outputFormat = outputFormat
      self.fault = fault
      self.marks = marks
    }
  }

  /// As it was given, with `{in}` and `{out}`.
  public var command: String
  public var usedShell: Bool
  /// Seconds that one run may take.
  public var timeLimit: Double
  public var runs: [Run]

  public init(command: String, usedShell: Bool, timeLimit: Double, runs: [Run]) {
    self.command = command
    self.usedShell = usedShell
    self.timeLimit = timeLimit
    self.runs = runs
  }

  /// How many samples carried a mark, and how many still do, in each way.
  public func counts(_ mark: Mark) -> [State: Int] {
    runs.flatMap(\.marks).lazy.filter { $0.mark == mark }.reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
  }

  /// Marks that at least one sample carried.
  public var marks: [Mark] { Mark.allCases.filter { !counts($0).isEmpty } }

  /// Whether a mark is gone or does not hold any more.
  public var losesMarks: Bool {
    runs.contains { $0.marks.contains { $0.state == .gone || $0.state == .invalid } }
  }

  /// Rules whose evidence was lost, in alphabetical order, each with the number of samples.
  public var lostRules: [(rule: String, samples: Int)] {
    let counts = runs.flatMap(\.lostRules).reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
