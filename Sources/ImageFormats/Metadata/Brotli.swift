import CCodecs

/// Brotli within bounds, where libbrotlidec is installed.
package enum Brotli {
  package enum Outcome: Sendable {
    case whole([UInt8])
    /// Damaged, or more than the limit.
    case damaged
    case notInstalled
  }

  /// Decompresses a whole stream.
  ///
  /// - Parameter limit: the most bytes to make, at least 1.
  ///
  /// Source: RFC 7932
  package static func decompress(_ bytes: ArraySlice<UInt8>, limit: Int) -> Outcome {
    var out = unsafe assay_buffer()
    // SAFETY: the slice is valid for the call; what it allocates is copied and released.
    let status = unsafe bytes.withUnsafeBufferPointer {
      unsafe assay_unbrotli($0.baseAddress, $0.count, max(1, limit), &out)
    }
    defer { unsafe assay_buffer_free(&out) }
    switch status {
    case ASSAY_OK: return .whole(unsafe Array(UnsafeBufferPointer(start: out.data, count: out.size)))
    case ASSAY_UNSUPPORTED: return .notInstalled
    default: return .damaged
    }
  }
}
