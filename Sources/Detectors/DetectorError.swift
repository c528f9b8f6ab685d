public import Diagnostics

/// What can go wrong with the detector's weights or its training.
public typealias DetectorError = LibraryError<DetectorErrors>

/// Tells this library's errors from those of others.
public enum DetectorErrors {}

extension DetectorError {
  static func weights(_ message: String, path: String? = nil) -> DetectorError {
    DetectorError(
      code: "detector.weights", location: FaultLocation(path: path), message: message,
      remedy: "use a weight file that the detector's training wrote")
  }
}
