public import Diagnostics

/// What can go wrong with weight files, checkpoints and training.
public typealias NetworkError = LibraryError<NetworkErrors>

/// Tells this library's errors from those of others.
public enum NetworkErrors {}
