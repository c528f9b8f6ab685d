/// What tells a viewer that a picture shows the whole sphere, equirectangular.
///
/// Source: Photo Sphere XMP Metadata, developers.google.com/streetview/spherical-metadata
public struct PanoramaStatement: Sendable, Hashable {
  /// Of the whole sphere and of the picture, which shows all of it.
  public var width: Int
  public var height: Int

  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  static let namespace = "http://ns.google.com/photos/1.0/panorama/"

  var properties: [(name: String, value: String)] {
    [
      ("ProjectionType", "equirectangular"), ("UsePanoramaViewer", "True"),
      ("FullPanoWidthPixels", String(width)), ("FullPanoHeightPixels", String(height)),
      ("CroppedAreaImageWidthPixels", String(width)), ("CroppedAreaImageHeightPixels", String(height)),
      ("CroppedAreaLeftPixels", "0"), ("CroppedAreaTopPixels", "0"),
    ]
  }
}
