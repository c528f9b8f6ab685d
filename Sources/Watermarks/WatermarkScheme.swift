public import Images

/// A way to hide bits in a picture and to find them again.
///
/// A scheme is a value that holds what both sides must agree on (a key, a strength). Pictures keep their
/// size, depth, colour model and alpha.
public protocol WatermarkScheme: Sendable {
  /// The name in commands and reports: `assay`, `dwtDct`, `dwtDctSvd`.
  var name: String { get }

  /// How many bits a payload may have.
  var payloadBits: ClosedRange<Int> { get }

  /// Writes a payload into a picture.
  ///
  /// - Throws: ``WatermarkError`` if the picture cannot carry the mark (too small, too flat) or the
  ///   payload's length lies outside ``payloadBits``.
  func embed(_ payload: Payload, in image: Image) throws(WatermarkError) -> Image

  /// Looks for marks of this scheme; what the mark says and how the picture was moved is unknown.
  ///
  /// Finding nothing is no error. The marks are ordered by falling certainty.
  func read(_ image: Image) -> WatermarkReading
}

/// What a reader can say about a picture.
public struct WatermarkReading: Sendable, Hashable {
  /// The marks found, the surest first.
  public var marks: [Mark]
  /// Why a picture without marks could not have shown one: too small, flat, clipped. Nil when it could.
  public var notEvaluable: String?
  /// The strongest candidate that was turned down, for those who ask how near it came.
  public var nearMiss: Mark?

  public init(marks: [Mark] = [], notEvaluable: String? = nil, nearMiss: Mark? = nil) {
    self.marks = marks
    self.notEvaluable = notEvaluable
    self.nearMiss = nearMiss
  }

  public var found: Bool { !marks.isEmpty }
}
