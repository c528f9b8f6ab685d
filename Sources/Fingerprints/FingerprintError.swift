public import Diagnostics

/// What can go wrong while a fingerprint is read, written or estimated.
public typealias FingerprintError = LibraryError<FingerprintErrors>

/// Tells this library's errors from those of others.
public enum FingerprintErrors {}
