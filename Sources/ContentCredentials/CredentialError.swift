public import Diagnostics

/// What went wrong while Content Credentials were read or written.
///
/// Damage inside a manifest store is not an error: it becomes a status code in the ``CredentialsReport``.
/// Errors are for files that cannot be opened, keys that cannot be used and stores that cannot be written.
public typealias CredentialError = LibraryError<CredentialErrors>

/// Tells this library's errors from those of others.
public enum CredentialErrors {}

extension CredentialError {
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
  /// Whether a part of a store lacks the one that was added to it later.
  var isMissingUpdate = false

  package init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }
}
