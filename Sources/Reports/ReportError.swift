public import Diagnostics

/// What can go wrong while results are read back or reports are written.
public typealias ReportError = LibraryError<ReportErrors>

/// Tells this library's errors from those of others.
public enum ReportErrors {}
