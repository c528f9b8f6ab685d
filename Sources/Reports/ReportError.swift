public import Diagnostics

/// What can go wrong while results are read back or reports are written.
public struct ReportError: DiagnosableError {
  public var code: String
  public var location: FaultLocation
  public var message: String
  public var remedy: String
}
