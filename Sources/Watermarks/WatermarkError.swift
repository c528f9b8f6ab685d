public import Diagnostics

/// Why a mark could not be written.
public typealias WatermarkError = LibraryError<WatermarkErrors>

/// Tells this library's errors from those of others.
public enum WatermarkErrors {}
