import Foundation
import Logging

/// Lines on standard error: time, level, message. What frameworks would add to a line is left out, as it may name what was sent.
struct ServerLog: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level = .info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let line = "\(Date().formatted(.iso8601)) \(event.level) \(event.message)\n"
    // Where nobody reads the log any more, requests are answered all the same.
    try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
  }
}
