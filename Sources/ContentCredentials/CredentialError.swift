import Diagnostics

/// What went wrong while Content Credentials were read or written.
///
/// Damage inside a manifest store is not an error: it becomes a status code in the ``CredentialsReport``.
/// Errors are for files that cannot be opened, keys that cannot be used and stores that cannot be written.
public struct CredentialError: DiagnosableError {
  public let code: String
  public var location: FaultLocation
  public let message: String
  public let remedy: String
  public let cause: (any Error)?

  package init(
    _ code: String, _ message: String, remedy: String, location: FaultLocation = FaultLocation(),
    cause: (any Error)? = nil
  ) {
    self.code = code
    self.location = location
    self.message = message
    self.remedy = remedy
    self.cause = cause
  }

  /// The same error, at a file the user named.
  package func at(file: String?) -> CredentialError {
    var copy = self
    copy.location.file = copy.location.file ?? file
    return copy
  }
}

/// A structure that does not parse: what is wrong and at which byte of its buffer.
///
/// Leaf parsers throw it; the validator turns it into a status code of the place it happened in.
package struct MalformedStructure: Error, Hashable, Sendable {
  package var message: String
  package var offset: Int

  package init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }
}
