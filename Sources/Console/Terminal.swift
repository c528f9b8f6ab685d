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

  /// Asks whoever sits at the terminal for what nobody shall see; nil where nobody does.
  public static func secret(_ prompt: String) -> String? {
    guard isatty(0) == 1 else { return nil }
    return Progress.paused {
      // SAFETY: getpass gives text that ends in zero and is its own until the next call; it is copied here.
      unsafe getpass(prompt).map { unsafe String(cString: $0) }
    }
  }

  /// Columns of the terminal that standard error is; 80 where it does not say.
  static var columns: Int {
    var size = winsize()
    // SAFETY: ioctl fills the structure during the call.
    guard unsafe ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
    return Int(size.ws_col) - 1
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var failure: Int32 = 0
    Progress.aside { failure = put(text, to: descriptor) }
    guard failure != 0 else { return }
    // Where nobody reads any more, there is nobody to tell; a full disk is told where that is still heard.
    if failure != EPIPE, descriptor == 1 {
      report(
        "the output cannot be written: \(POSIXError.Code(rawValue: failure).map { POSIXError($0).localizedDescription } ?? "error \(failure)")",
        fix: "make room, or write elsewhere")
    }
    exit(1)
  }

  /// Writes as it is, whatever stands on the terminal.
  ///
  /// - Returns: 0, or the error number.
  @discardableResult
  static func put(_ text: String, to descriptor: Int32) -> Int32 {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      // SAFETY: write reads `count` bytes of the slice during the call.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Foundation.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      rest = rest.dropFirst(count)
    }
    return 0
  }
}
