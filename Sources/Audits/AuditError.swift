public import Diagnostics

/// What can go wrong while an audit is set up or kept: a rule pack, a project manifest, a ledger.
public typealias AuditError = LibraryError<AuditErrors>

/// Tells this library's errors from those of others.
public enum AuditErrors {}
