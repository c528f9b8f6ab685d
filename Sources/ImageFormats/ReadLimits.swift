/// What one file may cost before it is refused.
///
/// Every limit is checked before the memory it bounds is asked for.
public struct ReadLimits: Sendable, Hashable {
  /// Bytes of a file.
  public var maxFileBytes: Int = 2 << 30
  /// Pixels of the picture, width times height.
  public var maxPixels: Int = 256_000_000
  /// Pixels of a picture that is held whole; larger JPEG files are reduced while they are read.
  public var maxHeldPixels: Int = 100_000_000
  /// Bytes of text after inflation, for one text chunk, XMP packet or profile.
  public var maxTextBytes: Int = 8 << 20
  /// Bytes of inflated text and profiles of the whole file.
  public var maxTotalTextBytes: Int = 32 << 20
  /// Boxes within boxes, directories within directories.
  public var maxNesting: Int = 32
  /// Segments, chunks, boxes or directory entries of the whole file.
  public var maxSegments: Int = 200_000
  /// Scans of a progressive JPEG.
  public var maxProgressiveScans: Int = 500

  public init() {}

  /// The limits of `assay scan`.
  public static let standard = ReadLimits()
}
