public import ContentCredentials
import Diagnostics
public import ImageFormats

/// Reads the Content Credentials of one file.
public enum CredentialsJob {
  /// The library's error about a file whose credentials nobody here can find.
  public typealias KindError = LibraryError<CredentialsJob>

  /// A file's report, with the store beside it where it has none of its own.
  ///
  /// - Throws: ``KindError`` `credentials.kind` for a kind of file whose stores are not looked for: 'absent' would be an answer to
  ///   another question.
  public static func report(on file: ImageFile, _ trust: TrustSettings) throws -> CredentialsReport {
    let report = CredentialsReader(trust: trust).report(on: file)
    if report.source == .none, let kind = ForeignKind(file.bytes)?.name ?? file.unreadKind?.name {
      throw KindError(
        code: "credentials.kind", location: FaultLocation(file: file.path?.display),
        message: "this is a kind that Assay cannot check (\(kind))",
        remedy: ForeignKind(file.bytes)?.advice
          ?? "convert the picture, or check it with a reader for its kind"
      )
    }
    return report
  }
}
