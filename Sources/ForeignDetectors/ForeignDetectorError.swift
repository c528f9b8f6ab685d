public import Diagnostics

/// What can be wrong with a network of somebody else, its description, or the library that runs it.
public struct ForeignDetectorError: DiagnosableError {
  public var code: String
  public var location: FaultLocation
  public var message: String
  public var remedy: String

  init(_ code: String, _ file: String, _ message: String, _ remedy: String) {
    (self.code, self.location, self.message, self.remedy) = (code, FaultLocation(file: file), message, remedy)
  }
}
