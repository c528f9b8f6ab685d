public import Diagnostics

/// What can go wrong while measuring a spectrum.
public typealias SpectrumError = LibraryError<SpectrumErrors>

/// Tells this library's errors from those of others.
public enum SpectrumErrors {}

extension SpectrumError {
  static func sides(_ width: Int, _ height: Int, need: String) -> SpectrumError {
    SpectrumError(
      code: "spectrum.size", message: "a plane of \(width)×\(height) samples, but \(need)",
      remedy: "pad or crop the plane first")
  }
}
