public import Diagnostics

/// What can go wrong while measuring a spectrum.
public struct SpectrumError: DiagnosableError {
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

  static func sides(_ width: Int, _ height: Int, need: String) -> SpectrumError {
    SpectrumError(
      code: "spectrum.size", message: "a plane of \(width)×\(height) samples, but \(need)",
      remedy: "pad or crop the plane first")
  }
}
