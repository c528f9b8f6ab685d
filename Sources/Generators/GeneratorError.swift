public import Diagnostics

/// What can go wrong with models, their training and what they are given.
public typealias GeneratorError = LibraryError<GeneratorErrors>

/// Tells this library's errors from those of others.
public enum GeneratorErrors {}
