public import Diagnostics

/// What can go wrong while a fingerprint is read, written or estimated.
public struct FingerprintError: DiagnosableError {
  public var code: String
  public var location: FaultLocation
  public var message: String
  public var remedy: String
  public var cause: (any Error)?

  public init(
    _ code: String, _ message: String, remedy: String, location: FaultLocation = FaultLocation(),
    cause: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.remedy = remedy
    self.location = location
    self.cause = cause
  }
}
