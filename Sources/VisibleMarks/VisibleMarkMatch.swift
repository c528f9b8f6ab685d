public import Images

/// A visible mark that was found.
public struct VisibleMarkMatch: Sendable, Hashable, Codable {
  /// ``VisibleMark/id``.
  public var mark: String
  /// ``VisibleMark/name``.
  public var name: String
  /// ``VisibleMark/family``.
  public var family: String
  /// The mark's outline in decoded pixels, before EXIF orientation.
  public var region: PixelRegion
  /// How much of the mark covers the picture, as measured: 0...1.
  public var opacity: Double
  /// Whether it is where its maker puts it.
  public var placement: MarkPlacement
  /// The matched filter's answer in standard deviations of white noise, √N ρ / √(1 − ρ²) for a correlation ρ of N
  /// samples.
  ///
  /// Pictures are not white noise: ``pValue`` tells what they give.
  public var statistic: Double
  /// The chance that a real picture answers as strongly somewhere, corrected for the kinds of places; from 0 to 1.
  public var pValue: Double
  /// What speaks against concluding origin from it.
  public var caveats: [String]
}
