public import Diagnostics

/// What can go wrong with models, their training and what they are given.
public struct GeneratorError: DiagnosableError {
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
