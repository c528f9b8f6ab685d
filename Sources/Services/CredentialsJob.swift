public import ContentCredentials
import Diagnostics
import Examiners
public import ImageFormats
public import Scanning

/// Reads the Content Credentials of one file.
public enum CredentialsJob {
  /// The library's error about a file whose credentials nobody here can find.
  public typealias KindError = LibraryError<CredentialsJob>

  /// A file's report, with the store beside it where it has none of its own.
  ///
  /// - Throws: ``KindError`` `credentials.kind` for a kind of file whose stores are not looked for: 'absent' would be an answer to
  ///   another question. So it would be to take for the file's own what lies somewhere in it, as in a document's picture or an
  ///   archive's member.
  public static func report(on file: ImageFile, _ trust: TrustSettings) throws -> CredentialsReport {
    try report(of: Examination(file), trust)
  }

  /// The same of a file that is under examination: what an examiner validated is not validated again.
  public static func report(of examination: Examination, _ trust: TrustSettings) throws -> CredentialsReport {
    let file = examination.file
    // Nothing is said of a file without a byte but that.
    if file.bytes.isEmpty { _ = try file.container() }
    let report = CredentialsExaminer.report(on: examination, trust: trust)
    let isElsewhere = report.place != nil && report.source == .embedded && report.state != .undetermined
    if report.source == .none || isElsewhere,
      let kind = ForeignKind(file.bytes)?.name ?? file.unreadKind?.name
    {
      throw KindError(
        code: "credentials.kind", location: FaultLocation(file: file.path?.display),
        message: "this is a kind that Assay cannot check (\(kind))",
        remedy: report.state == .undetermined
          ? "the file ends early, and what is missing may have held a store: fetch it again"
          : report.source == .none
            ? "no store was found where it looks for one; check it with a reader for its kind, such as c2patool"
            : "a store lies in it, perhaps of a part; take the picture out, or check it with a reader for its kind"
      )
    }
    return report
  }
}
