import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Results go to standard output, everything else to standard error.
public enum Terminal {
  public static let outIsTerminal = isatty(1) == 1
  public static let errorIsTerminal = isatty(2) == 1

  /// Whether standard output may be coloured: a terminal that is not dumb, and no `NO_COLOR`.
  public static var usesColor: Bool {
    let environment = ProcessInfo.processInfo.environment
    return outIsTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  public static func out(_ text: String) { write(text, to: 1) }
  public static func error(_ text: String) { write(text, to: 2) }

  /// An error with its remedy, as every command prints it.
  public static func report(_ message: String, fix remedy: String) {
    error("error: \(message)\n  fix: \(remedy)\n")
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      // SAFETY: write reads `count` bytes of the slice during the call.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Foundation.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        // Where nobody reads any more, there is nobody to tell; a full disk is told where that is still heard.
        if errno != EPIPE, descriptor == 1 {
          report(
            "the output cannot be written: \(POSIXError.Code(rawValue: errno).map { POSIXError($0).localizedDescription } ?? "error \(errno)")",
            fix: "make room, or write elsewhere")
        }
        exit(1)
      }
      rest = rest.dropFirst(count)
    }
  }
}
