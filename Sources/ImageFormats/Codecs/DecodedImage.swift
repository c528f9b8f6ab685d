public import Images

/// Pixels as the file holds them, with what the file says on how to show them.
public struct DecodedImage: Sendable {
  /// Neither turned by ``orientation`` nor converted by ``iccProfile``.
  public var image: Image
  /// EXIF orientation, 1...8; 1 where the file names none.
  public var orientation: Int
  /// The embedded colour profile, inflated.
  public var iccProfile: [UInt8]?
  /// How the picture was compressed, for JPEG files.
  public var jpeg: JPEGDetails?
  /// False when the data ended early or were damaged and the rest was filled; see
  /// ``ImageFile/decode(allowingDamage:metadata:)``.
  public var isComplete: Bool
  /// Complaints that did not cost pixels, and what was lost when ``isComplete`` is false.
  public var warnings: [String]
  /// Where ``image`` is the reduced form of a picture that is too large to be held; nil where it is the picture.
  public var reduction: Reduction?

  public init(
    image: Image, orientation: Int = 1, iccProfile: [UInt8]? = nil, jpeg: JPEGDetails? = nil,
    isComplete: Bool = true, warnings: [String] = [], reduction: Reduction? = nil
  ) {
    self.image = image
    self.orientation = orientation
    self.iccProfile = iccProfile
    self.jpeg = jpeg
    self.isComplete = isComplete
    self.warnings = warnings
    self.reduction = reduction
  }
}
