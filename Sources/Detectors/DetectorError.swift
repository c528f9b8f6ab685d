public import Diagnostics

/// What can go wrong with the detector's weights or its training.
public struct DetectorError: DiagnosableError {
  public var code: String
  public var location: FaultLocation
  public var message: String
  public var remedy: String

  public init(code: String, location: FaultLocation = FaultLocation(), message: String, remedy: String) {
    self.code = code
    self.location = location
    self.message = message
    self.remedy = remedy
  }

  static func weights(_ message: String, path: String? = nil) -> DetectorError {
    DetectorError(
      code: "detector.weights", location: FaultLocation(path: path), message: message,
      remedy: "use a weight file that the detector's training wrote")
  }
}
