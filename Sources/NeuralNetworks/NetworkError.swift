public import Diagnostics

/// What can go wrong with weight files, checkpoints and training.
public struct NetworkError: DiagnosableError, Equatable {
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

  public static func == (a: Self, b: Self) -> Bool {
    a.code == b.code && a.location == b.location && a.message == b.message && a.remedy == b.remedy
  }
}
