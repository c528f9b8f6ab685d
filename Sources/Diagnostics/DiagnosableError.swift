/// An error that tells what went wrong, where, and how to mend it.
///
/// Each library has one struct that conforms; leaf parsers throw it as a typed error.
/// Preconditions are for Assay's own bugs: untrusted input never traps.
public protocol DiagnosableError: Error, Sendable, CustomStringConvertible {
  /// A stable, dotted identifier such as `png.chunk.length`; programs may match on it.
  var code: String { get }
  /// Where the fault lies, as far as it is known.
  var location: FaultLocation { get }
  /// What is wrong, in one clause without a full stop.
  var message: String { get }
  /// What the user can do, in one imperative clause.
  var remedy: String { get }
  /// The error underneath, if another library reported it.
  var cause: (any Error)? { get }
}

extension DiagnosableError {
  public var cause: (any Error)? { nil }

  /// `cat.jpg: APP11 segment ends early (bytes 2814..<2911)`.
  public var description: String {
    var text = ""
    if let file = location.file { text += "\(file): " }
    text += message
    if let place = location.place { text += " (\(place))" }
    return text
  }
}

/// A place in a file or in a structure within it.
public struct FaultLocation: Sendable, Hashable, Codable {
  /// The file as the user named it.
  public var file: String?
  /// Bytes in the file.
  public var byteRange: Range<Int>?
  /// A path inside a structure: a JUMBF label, a weight's key, a JSON pointer.
  public var path: String?

  public init(file: String? = nil, byteRange: Range<Int>? = nil, path: String? = nil) {
    self.file = file
    self.byteRange = byteRange
    self.path = path
  }

  /// The location without the file name, for people; nil when only the file is known.
  public var place: String? {
    var parts: [String] = []
    if let path { parts.append(path) }
    if let byteRange {
      parts.append(
        byteRange.count <= 1
          ? "byte \(byteRange.lowerBound)" : "bytes \(byteRange.lowerBound)..<\(byteRange.upperBound)")
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
