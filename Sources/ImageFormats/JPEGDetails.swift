/// How a JPEG file was compressed.
public struct JPEGDetails: Sendable, Hashable {
  /// One colour component of the frame.
  public struct Component: Sendable, Hashable {
    public var identifier: Int
    /// Sampling factors, 1...4.
    public var horizontal: Int
    public var vertical: Int
    /// The quantisation table's slot, 0...3.
    public var quantisationTable: Int
  }

  public enum HuffmanKind: String, Sendable, Hashable, Codable {
    /// The example tables of ITU-T T.81 annex K.
    case standard
    /// Tables made for this picture.
    case optimised
    /// Arithmetic coding, or no table in the file.
    case none
  }

  /// Quantisation tables by slot, 64 entries in natural (row by row) order.
  public var quantisationTables: [Int: [Int]]
  public var components: [Component]
  /// `4:4:4`, `4:2:2`, `4:2:0`, `4:4:0`, `4:1:1`, `grey`, or the luma factors such as `3x1`.
  public var subsampling: String
  /// 1...100 when the luma table is close to libjpeg's table of that quality; nil when it is another's.
  public var estimatedQuality: Int?
  /// Whether ``estimatedQuality`` reproduces the luma table exactly.
  public var qualityIsExact: Bool
  public var isProgressive: Bool
  public var huffman: HuffmanKind
  public var scans: Int
}
