/// The shape that libraries' errors share; each library names its own by a type alias.
///
/// Two are equal that say the same, whatever caused them.
public struct LibraryError<Library>: DiagnosableError, Hashable {
  public var code: String
  public var location: FaultLocation
  public var message: String
  public var remedy: String
  public var cause: (any Error)?

  public init(
    code: String, location: FaultLocation = FaultLocation(), message: String, remedy: String,
    cause: (any Error)? = nil
  ) {
    self.code = code
    self.location = location
    self.message = message
    self.remedy = remedy
    self.cause = cause
  }

  /// The same, code and message first.
  public init(
    _ code: String, _ message: String, remedy: String, location: FaultLocation = FaultLocation(),
    cause: (any Error)? = nil
  ) {
    self.init(code: code, location: location, message: message, remedy: remedy, cause: cause)
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.code == right.code && left.location == right.location && left.message == right.message
      && left.remedy == right.remedy
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(code)
    hasher.combine(location)
    hasher.combine(message)
    hasher.combine(remedy)
  }
}
