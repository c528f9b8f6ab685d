import CCodecs

/// Inflation within bounds.
package enum Inflate {
  package enum Outcome {
    case whole
    /// More than the limit; only the beginning is given.
    case overLimit
    /// The stream is cut or broken; what came before is given.
    case damaged
  }

  /// Inflates a zlib or gzip stream.
  ///
  /// - Parameters:
  ///   - limit: the most bytes to make.
  ///   - keep: how many of them to give when there are more than `limit`.
  package static func inflate(_ bytes: ArraySlice<UInt8>, limit: Int, keep: Int) -> (
    content: [UInt8], outcome: Outcome
  ) {
    var out = unsafe assay_buffer()
    // SAFETY: the slice is valid for the call; what it allocates is copied and released.
    let status = unsafe bytes.withUnsafeBufferPointer {
      unsafe assay_inflate($0.baseAddress, $0.count, max(0, limit), max(0, keep), &out)
    }
    defer { unsafe assay_buffer_free(&out) }
    let content = unsafe Array(UnsafeBufferPointer(start: out.data, count: out.size))
    return (content, status == ASSAY_OK ? .whole : status == ASSAY_TOO_LARGE ? .overLimit : .damaged)
  }
}
