public import Diagnostics

extension ScanResult {
  /// What was done to what was signed; nil unless the outcome is ``Outcome/altered``.
  public var alteration: Evidence.Alteration? {
    guard outcome == .altered else { return nil }
    return evidence.lazy.filter { $0.result == .found }.compactMap(\.alteration).first
  }

  /// What the other signs of an altered file come to; nil where they say nothing, and for every other outcome.
  public var besides: Outcome? {
    guard outcome == .altered else { return nil }
    let outcome = Verdict.outcomeBesides(evidence)
    return outcome == .noIndication ? nil : outcome
  }

  /// The verdict in a sentence, with what was done to what was signed and what the other signs come to.
  public var sentence: String {
    let first = alteration?.sentence ?? outcome.sentence
    guard let clause = besides?.clause else { return first }
    return "\(first); \(clause)"
  }

  /// Whoever the found signs name as the maker of an AI picture, each once: of `gpt-image 2.0` and `OpenAI gpt-image-2` the
  /// fuller name.
  public var namedGenerators: [String] {
    let names = evidence.filter { $0.result == .found && ($0.origin == .generated || $0.origin == .edited) }
      .compactMap(\.generator)
    let words = names.map { Self.words(of: $0) }
    return names.indices.filter { index in
      !names.indices.contains { other in
        other != index && words[other].contains(words[index])
          && (words[other].count > words[index].count || other < index)
      }
    }.map { names[$0] }
  }

  /// What two spellings of a name have in common: `gpt-image 2.0` is `gpt`, `image`, `2`.
  private static func words(of name: String) -> [Substring] {
    let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
    return words.enumerated().filter { index, word in
      !(word == "0" && index > 0 && words[index - 1].allSatisfy(\.isNumber))
    }.map(\.element)
  }
}

/// What a scan says of one file: one line of `assay.scan/1`.
///
/// The keys are a promise. Values that are not known are written as null, never left out.
public struct ScanResult: Sendable, Hashable {
  /// The version of the format, which names the schema.
  public static let schema = "assay.scan/1"

  /// The path as the user gave it; bytes that are not UTF-8 are written `\xE9`.
  public var file: String
  /// SHA-256 of the file's bytes, 64 lower-case hexadecimal digits; nil if they could not be read.
  public var sha256: String?
  /// SHA-256 of the decoded pixels in the form of ``PixelDigest``; nil where nothing was decoded.
  public var pixelSha256: String?
  /// `png`, `jpeg`, …; nil if it is none that Assay knows.
  public var format: String?
  public var width: Int?
  public var height: Int?
  public var outcome: Outcome
  /// Calibrated probability 0...1 that a generative model made the picture; nil unless a detector ran.
  public var aiProbability: Double?
  public var evidence: [Evidence]
  public var warnings: [String]
  /// Why the file, or its pixels, could not be read; nil when all went well.
  public var error: Failure?

  /// An error as it stands in a report.
  public struct Failure: Sendable, Hashable, Codable {
    public var code: String
    public var message: String
    public var remedy: String
    public var location: EvidenceLocation?

    public init(code: String, message: String, remedy: String, location: EvidenceLocation? = nil) {
      self.code = code
      self.message = message
      self.remedy = remedy
      self.location = location
    }

    public init(_ error: some DiagnosableError) {
      let place = error.location
      let known = place.byteRange != nil || place.path != nil
      self.init(
        code: error.code, message: error.message, remedy: error.remedy,
        location: known ? EvidenceLocation(bytes: place.byteRange, path: place.path) : nil)
    }
  }

  public init(
    file: String, sha256: String? = nil, pixelSha256: String? = nil, format: String? = nil,
    width: Int? = nil, height: Int? = nil, outcome: Outcome, aiProbability: Double? = nil,
    evidence: [Evidence] = [], warnings: [String] = [], error: Failure? = nil
  ) {
    self.file = file
    self.sha256 = sha256
    self.pixelSha256 = pixelSha256
    self.format = format
    self.width = width
    self.height = height
    self.outcome = outcome
    self.aiProbability = aiProbability
    self.evidence = evidence
    self.warnings = warnings
    self.error = error
  }
}

extension ScanResult: Codable {
  private enum CodingKeys: String, CodingKey {
    case file, sha256, pixelSha256, format, width, height, outcome, aiProbability, evidence, warnings, error
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    try container.encode(sha256, forKey: .sha256)
    try container.encode(pixelSha256, forKey: .pixelSha256)
    try container.encode(format, forKey: .format)
    try container.encode(width, forKey: .width)
    try container.encode(height, forKey: .height)
    try container.encode(outcome, forKey: .outcome)
    try container.encode(aiProbability, forKey: .aiProbability)
    try container.encode(evidence, forKey: .evidence)
    try container.encode(warnings, forKey: .warnings)
    try container.encode(error, forKey: .error)
  }
}

extension ScanResult.Failure {
  private enum CodingKeys: String, CodingKey { case code, message, remedy, location }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(code, forKey: .code)
    try container.encode(message, forKey: .message)
    try container.encode(remedy, forKey: .remedy)
    try container.encode(location, forKey: .location)
  }
}
