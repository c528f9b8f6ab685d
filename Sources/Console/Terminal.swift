import Foundation
import Synchronization

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

  /// Asks whoever sits at the terminal for what nobody shall see; nil where nobody does, or nothing was typed.
  ///
  /// An interrupt ends the program here as anywhere, and leaves the terminal as it was.
  public static func secret(_ prompt: String) -> String? {
    guard isatty(0) == 1 else { return nil }
    return Progress.paused {
      // SAFETY: the name ends in zero.
      let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC)
      guard terminal >= 0 else { return nil }
      defer { close(terminal) }
      var mode = termios()
      // SAFETY: the structure is filled, and read, during the calls.
      guard unsafe tcgetattr(terminal, &mode) == 0 else { return nil }
      echoing.withLock { $0 = mode }
      defer { restoreEcho() }
      mode.c_lflag &= ~tcflag_t(ECHO)
      guard unsafe tcsetattr(terminal, TCSAFLUSH, &mode) == 0 else { return nil }
      put(prompt, to: terminal)
      defer { put("\n", to: terminal) }
      return line(from: terminal)
    }
  }

  /// A line without its end; nil where there is none.
  private static func line(from terminal: Int32) -> String? {
    var bytes: [UInt8] = []
    while bytes.last != 0x0A, bytes.count < 4_096 {
      var ready = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
      // SAFETY: both calls write into what they are given, and no more than its size.
      let count = unsafe poll(&ready, 1, 100)
      // Whoever interrupts is not left waiting for a line, also where the command looks after interrupts itself.
      if Interruption.isRequested { Interruption.end() }
      guard count > 0 else { continue }
      var byte: UInt8 = 0
      guard unsafe read(terminal, &byte, 1) == 1 else { break }
      bytes.append(byte)
    }
    guard !bytes.isEmpty else { return nil }
    return String(decoding: bytes.last == 0x0A ? bytes.dropLast() : bytes[...], as: UTF8.self)
  }

  /// The terminal's settings while a secret is typed.
  private static let echoing = Mutex<termios?>(nil)

  /// Lets the terminal show again what is typed.
  static func restoreEcho() {
    echoing.withLock { former in
      guard var mode = former else { return }
      // SAFETY: the name ends in zero; the structure is read during the call.
      let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC)
      guard terminal >= 0 else { return }
      unsafe tcsetattr(terminal, TCSANOW, &mode)
      close(terminal)
      former = nil
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
