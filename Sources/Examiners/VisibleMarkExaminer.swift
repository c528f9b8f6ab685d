import Images
public import Scanning
import VisibleMarks

/// Looks for the signs that makers of generators lay over pictures for people to see.
///
/// Anybody can paint one, and anybody can crop it away: a mark that is found is of medium strength at best, one that is
/// not says nothing.
public struct VisibleMarkExaminer: Examiner {
  /// The largest p-value at which a mark decides anything; weaker ones are shown.
  static let decisive = 1e-6

  private let reader: VisibleMarkReader

  public init() { reader = VisibleMarkReader() }

  public var kind: ExaminerKind { .watermark }

  public func examine(_ examination: Examination) throws -> Findings {
    let decoded = try examination.decoded()
    // Marks stand where the picture's lower right corner is when it is shown.
    let matches = reader.read(decoded.image.oriented(decoded.orientation))
    guard !matches.isEmpty else {
      return Findings(evidence: [
        Evidence(
          method: "visibleMark", class: .watermark, result: .absent,
          summary: "no visible mark of a generator (\(reader.marks.map(\.name).joined(separator: ", ")))")
      ])
    }
    return Findings(evidence: matches.map { Self.evidence($0, isUpright: decoded.orientation == 1) })
  }

  /// - Parameter isUpright: whether the picture is stored as it is shown, so that the region is one of its own.
  private static func evidence(_ match: VisibleMarkMatch, isUpright: Bool) -> Evidence {
    Evidence(
      method: "visibleMark.\(match.mark)", class: .watermark, result: .found,
      strength: match.pValue <= decisive ? .medium : .weak,
      summary: "a visible \(match.name) such as \(match.family) lays over its pictures",
      origin: .generated, generator: match.family,
      detail: .visibleMark(
        .init(
          statistic: Float(match.statistic).tenThousandths, pValue: match.pValue,
          opacity: Float(match.opacity).tenThousandths, placement: match.placement.rawValue)),
      location: isUpright ? EvidenceLocation(region: match.region) : nil,
      reason: match.caveats.joined(separator: "; "))
  }
}
