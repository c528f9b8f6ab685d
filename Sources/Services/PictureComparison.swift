import Diagnostics
import Examiners
import Foundation
public import ImageFormats
import Provenance
import Reports
public import Scanning

/// What became of a picture's marks and statements on its way from one file to another (`assay.compare/1`).
public struct PictureComparison: Sendable, Encodable {
  /// How something that the first file carries stands in the second.
  public enum State: String, Sendable, Codable, CaseIterable {
    /// It says the same.
    case kept
    /// It is there and says something else, or does not hold any more.
    case changed
    case lost
    /// The second carries it and the first does not.
    case added
    /// It could not be looked for.
    case unknown

    /// Whoever looks for what was lost wants that first.
    public static let byWeight: [State] = [.lost, .changed, .added, .unknown, .kept]
  }

  /// One of the two files.
  public struct Side: Sendable, Encodable {
    public let file: String
    public let sha256: String?
    public let pixelSha256: String?
    public let format: String?
    public let width: Int?
    public let height: Int?
    public let bytes: Int
    public let outcome: Outcome
    public let sentence: String
    public let error: ScanResult.Failure?
  }

  /// A mark, a statement or a measurement.
  public struct Finding: Sendable, Encodable {
    public let method: String
    public let `class`: Evidence.Class
    public let state: State
    /// What was found in each; null where nothing was.
    public let before: String?
    public let after: String?
    /// Where it stood.
    public let place: String?
  }

  /// A field of the metadata; values are not repeated, as they may tell of persons.
  public struct Field: Sendable, Encodable {
    public let carrier: String
    public let name: String
    public let state: State
  }

  public let before: Side
  public let after: Side
  /// Whether the two have the same pixels; null where one was not decoded.
  public let samePixels: Bool?
  /// Bits in which the pictures' perceptual hashes differ, 0...64; null where one was not decoded. Up to 10 they show the same.
  public let perceptualDistance: Int?
  public let findings: [Finding]
  public let fields: [Field]

  /// Above this many bits two pictures show something else.
  public static let alikeDistance = 10

  /// Examines both on this thread.
  ///
  /// - Parameter scanner: with the examiners of a scan; a perceptual hash is taken beside them.
  public init(_ before: ImageFile, _ after: ImageFile, _ scanner: FileScanner) {
    self.init(scanner.examine(before), scanner.examine(after))
  }

  /// Compares two files that were examined, on this thread.
  public init(
    _ before: (scan: FileScanner.Scan, examination: Examination),
    _ after: (scan: FileScanner.Scan, examination: Examination)
  ) {
    let (first, firstExamination) = before
    let (second, secondExamination) = after
    self.before = Side(first.result, firstExamination.file)
    self.after = Side(second.result, secondExamination.file)
    samePixels = first.result.pixelSha256.flatMap { one in second.result.pixelSha256.map { one == $0 } }
    func hash(_ examination: Examination) -> PerceptualHash? {
      (try? PerceptualHashExaminer().examine(examination)).flatMap {
        PerceptualHashExaminer.hash(in: $0.evidence)
      }
    }
    perceptualDistance = hash(firstExamination).flatMap { one in
      hash(secondExamination).map { one.distance(to: $0) }
    }
    findings = Self.findings(first.result, second.result)
    fields = Self.fields(firstExamination, secondExamination, secondIsRead: second.result.error == nil)
  }

  /// One object in a line.
  public func json() throws -> String { try JSONLine.of(self, as: "assay.compare/1") }

  // MARK: Findings

  private static func findings(_ before: ScanResult, _ after: ScanResult) -> [Finding] {
    func counts(_ evidence: Evidence) -> Bool {
      // Measurements that decide nothing are no marks, and differ after every step.
      evidence.result == .found && (evidence.class != .context || evidence.method == "credentials.c2pa")
    }
    var rest = after.evidence.filter(counts)
    var findings: [Finding] = []
    for old in before.evidence where counts(old) {
      let same = rest.firstIndex { $0.method == old.method && $0.summary == old.summary }
      let near = same ?? rest.firstIndex { $0.method == old.method }
      if let near {
        let new = rest.remove(at: near)
        findings.append(
          Finding(
            method: old.method, class: old.class, state: Self.state(old, new), before: old.summary,
            after: new.summary, place: old.location?.path))
      } else {
        // What could not be read has lost nothing that anybody knows of. What lies in the pixels may be looked for by several
        // methods at once, and one of them names what stopped them all.
        let family = old.method.prefix { $0 != "." }
        let isInPixels = old.class == .watermark || old.class == .statistical
        let isUnknown =
          after.outcome == .unreadable || after.error != nil
          || after.evidence.contains {
            $0.result == .notEvaluated
              && (old.method.hasPrefix($0.method) || isInPixels && $0.method.prefix { $0 != "." } == family)
          }
        findings.append(
          Finding(
            method: old.method, class: old.class, state: isUnknown ? .unknown : .lost, before: old.summary,
            after: nil, place: old.location?.path))
      }
    }
    return findings
      + rest.map {
        Finding(
          method: $0.method, class: $0.class, state: .added, before: nil, after: $0.summary,
          place: $0.location?.path)
      }
  }

  /// Measured values go up and down; statements and marks are the same or they are not.
  private static func state(_ old: Evidence, _ new: Evidence) -> State {
    if old.class == .statistical { return .kept }
    if let mark = old.watermark?.payloadHex { return mark == new.watermark?.payloadHex ? .kept : .changed }
    if let before = old.credentials {
      // Another signer's word for the same is another statement.
      let isSame =
        before.state == new.credentials?.state && before.signer == new.credentials?.signer
        && old.summary == new.summary
      return isSame ? .kept : .changed
    }
    return old.summary == new.summary || old.quotation != nil && old.quotation == new.quotation
      ? .kept
      : old.method.hasPrefix("fingerprint.") || old.method.hasPrefix("visibleMark.") ? .kept : .changed
  }

  // MARK: Fields

  /// - Parameter secondIsRead: whether the second file was read whole: of what is missing in one that was not, nobody knows
  ///   where it stayed.
  private static func fields(_ before: Examination, _ after: Examination, secondIsRead: Bool) -> [Field] {
    func all(_ examination: Examination) -> [MetadataField] {
      guard let container = try? examination.container(), let metadata = try? examination.metadata() else {
        return []
      }
      return MetadataFields(file: examination.file, container: container, metadata: metadata).all
        .filter { !$0.value.isEmpty }
    }
    let new = all(after)
    // Files may hold a hundred thousand fields: each is looked up, the first that is left is taken.
    var ofValue = Places(new.map { [$0.name, $0.value] })
    var ofCarrier = Places(new.map { [$0.name, $0.carrier.rawValue] })
    var isTaken = [Bool](repeating: false, count: new.count)
    var fields: [Field] = []
    for old in all(before) {
      let same = ofValue.first([old.name, old.value], isTaken)
      let near = same ?? ofCarrier.first([old.name, old.carrier.rawValue], isTaken)
      let state: State = same != nil ? .kept : near != nil ? .changed : secondIsRead ? .lost : .unknown
      if let near { isTaken[near] = true }
      fields.append(Field(carrier: old.carrier.rawValue, name: old.name, state: state))
    }
    for (field, isTaken) in zip(new, isTaken) where !isTaken {
      fields.append(Field(carrier: field.carrier.rawValue, name: field.name, state: .added))
    }
    // More than a thousand nobody reads.
    return fields.count <= 1000
      ? fields : Array(State.byWeight.flatMap { state in fields.filter { $0.state == state } }.prefix(1000))
  }
}

/// Where fields of the same words stand, in order.
private struct Places {
  private var places: [[String]: ArraySlice<Int>]

  init(_ keys: [[String]]) {
    places = Dictionary(grouping: keys.indices) { keys[$0] }.mapValues { $0[...] }
  }

  /// The first place that is not taken; those that are, are not looked at again.
  mutating func first(_ key: [String], _ isTaken: [Bool]) -> Int? {
    while let place = places[key]?.first {
      if !isTaken[place] { return place }
      places[key]?.removeFirst()
    }
    return nil
  }
}

extension PictureComparison.Side {
  fileprivate init(_ result: ScanResult, _ file: ImageFile) {
    self.init(
      file: result.file, sha256: result.sha256, pixelSha256: result.pixelSha256, format: result.format,
      width: result.width, height: result.height, bytes: file.bytes.count, outcome: result.outcome,
      sentence: result.sentence, error: result.error)
  }

  private enum CodingKeys: String, CodingKey {
    case file, sha256, pixelSha256, format, width, height, bytes, outcome, sentence, error
  }

  /// Values that are not known are written as null, as in every form of Assay's.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    try container.encode(sha256, forKey: .sha256)
    try container.encode(pixelSha256, forKey: .pixelSha256)
    try container.encode(format, forKey: .format)
    try container.encode(width, forKey: .width)
    try container.encode(height, forKey: .height)
    try container.encode(bytes, forKey: .bytes)
    try container.encode(outcome, forKey: .outcome)
    try container.encode(sentence, forKey: .sentence)
    try container.encode(error, forKey: .error)
  }
}
