public import Diagnostics

/// What can go wrong while reading or writing an image file.
public struct ImageFormatError: DiagnosableError, Hashable {
  /// Such as `png.truncated`, `jpeg.damaged`, `limit.pixels`, `file.open`.
  public var code: String
  public var location: FaultLocation
  public var message: String
  public var remedy: String

  /// The message of `file.open` where nothing of that name is there.
  public static let noSuchFile = "there is no such file"

  public init(code: String, location: FaultLocation, message: String, remedy: String) {
    self.code = code
    self.location = location
    self.message = message
    self.remedy = remedy
  }
}
