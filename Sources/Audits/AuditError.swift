public import Diagnostics

/// What can go wrong while an audit is set up or kept: a rule pack, a project manifest, a ledger.
public struct AuditError: DiagnosableError {
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
}
