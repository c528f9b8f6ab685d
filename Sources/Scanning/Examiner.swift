public import ImageFormats
public import Images

/// One kind of examination of a file.
///
/// An examiner is a value that is made once and asked from many tasks. It takes what it needs from the
/// ``Examination`` and answers with evidence, including that it found nothing; whether that makes a picture
/// AI-made is for ``Verdict`` to say.
public protocol Examiner: Sendable {
  /// The kind that `--only` names.
  var kind: ExaminerKind { get }

  /// Examines one file.
  ///
  /// - Throws: what ``Examination`` throws, passed on: ``FileScanner`` reports it as an error of the file and the
  ///   method as not evaluated. Anything else that stops an examiner is evidence with a reason.
  func examine(_ examination: Examination) throws -> Findings

  /// Draws what explains its findings, for a file that was examined already; what it measured then is not measured
  /// again.
  ///
  /// - Parameter kinds: those wanted; an examiner draws the ones that are its own.
  func drawings(_ kinds: Set<Drawing.Kind>, of examination: Examination) throws -> [Drawing]
}

extension Examiner {
  public func drawings(_ kinds: Set<Drawing.Kind>, of examination: Examination) throws -> [Drawing] { [] }
}

/// The kinds of examination.
public enum ExaminerKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// What the file says of itself: metadata and Content Credentials.
  case provenance
  /// Marks in the pixels.
  case watermark
  /// Measurements of the spectrum, as numbers.
  case spectra
  /// The trained detector.
  case detector
}

/// What an examiner found.
public struct Findings: Sendable {
  public var evidence: [Evidence]
  /// Calibrated, 0...1; from the detector only.
  public var aiProbability: Double?
  /// Whether the examiner could have decided and says that the picture does not carry enough.
  public var abstained: Bool
  public var warnings: [String]
  /// Pictures that were asked for with ``Examination/wishes``.
  public var drawings: [Drawing]

  public init(
    evidence: [Evidence] = [], aiProbability: Double? = nil, abstained: Bool = false, warnings: [String] = [],
    drawings: [Drawing] = []
  ) {
    self.evidence = evidence
    self.aiProbability = aiProbability
    self.abstained = abstained
    self.warnings = warnings
    self.drawings = drawings
  }
}

/// A picture that explains a finding.
public struct Drawing: Sendable, Hashable {
  /// What it shows; becomes part of its file's name.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case spectrum, heatmap, fingerprint
  }

  public var kind: Kind
  public var image: Image

  public init(kind: Kind, image: Image) {
    self.kind = kind
    self.image = image
  }

  /// A whole PNG file.
  public func png() throws(ImageFormatError) -> [UInt8] { try ImageEncoder.png(image) }
}
