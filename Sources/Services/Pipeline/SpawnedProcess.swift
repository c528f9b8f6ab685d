import Diagnostics
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A program in a process group of its own, so that it can be stopped with all that it started.
///
/// Foundation's `Process` promises no group of its own, and ends the child alone.
struct SpawnedProcess: Sendable {
  /// How a process ended.
  enum Ending: Sendable, Hashable {
    case exit(Int)
    case signal(Int)
  }

  private let pid: pid_t

  /// Starts a program that reads nothing, and whose output is dropped but for its errors.
  ///
  /// - Parameters:
  ///   - words: the program's path, and its arguments.
  ///   - folder: where it starts.
  ///   - errors: a file to write errors to; it is emptied.
  /// - Throws: `POSIXError` where the program cannot be started.
  init(_ words: [String], in folder: String, environment: [String: String], errors: String) throws(POSIXError)
  {
    func check(_ status: Int32) throws(POSIXError) {
      guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EINVAL) }
    }
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    // SAFETY: both are initialised here, given to the calls below only, and destroyed at the end; every text ends in
    // zero and is copied by the call that takes it.
    try unsafe check(posix_spawn_file_actions_init(&actions))
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    try unsafe check(posix_spawnattr_init(&attributes))
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    try unsafe check(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0))
    try unsafe check(posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0))
    try unsafe check(
      posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600))
    try unsafe check(Self.start(in: folder, &actions))
    // Signals that this program ignores or handles are the child's again.
    var none = sigset_t()
    var all = sigset_t()
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    try unsafe check(posix_spawnattr_setsigmask(&attributes, &none))
    try unsafe check(posix_spawnattr_setsigdefault(&attributes, &all))
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    try unsafe check(posix_spawnattr_setflags(&attributes, Int16(flags)))
    try unsafe check(posix_spawnattr_setpgroup(&attributes, 0))
    var child: pid_t = 0
    // SAFETY: the arrays of copies end in nil and live until the call is over.
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    var variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    defer {
      // SAFETY: each was made by strdup above, and nobody has it any more.
      for index in unsafe arguments.indices { unsafe free(arguments[index]) }
      for index in unsafe variables.indices { unsafe free(variables[index]) }
    }
    try unsafe check(posix_spawn(&child, words[0], &actions, &attributes, &arguments, &variables))
    pid = child
    RunningChildren.add(pid)
  }

  /// Lets the child start in a folder.
  ///
  /// glibc has the call since 2.29 and hides its declaration from C without extensions, which Swift imports.
  @unsafe private static func start(
    in folder: String, _ actions: inout posix_spawn_file_actions_t
  ) -> Int32 {
    #if canImport(Darwin)
      return unsafe posix_spawn_file_actions_addchdir_np(&actions, folder)
    #else
      typealias Call =
        @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> Int32
      // SAFETY: a symbol of this name is this function in every libc that has it.
      guard let symbol = unsafe dlsym(nil, "posix_spawn_file_actions_addchdir_np") else { return ENOSYS }
      return unsafe unsafeBitCast(symbol, to: Call.self)(&actions, folder)
    #endif
  }

  /// How it ended; nil while it runs. To be asked until it answers, and not again.
  func ending() -> Ending? {
    var status: Int32 = 0
    // SAFETY: the status is written within the call.
    let found = unsafe waitpid(pid, &status, WNOHANG)
    guard found != 0 else { return nil }
    RunningChildren.remove(pid)
    // Low seven bits: the signal, or 0 after an exit, whose code stands above them.
    let signal = Int(status & 0x7F)
    return found < 0 || signal != 0 ? .signal(signal) : .exit(Int(status >> 8 & 0xFF))
  }

  /// Kills it and all of its group.
  func kill() {
    #if canImport(Darwin)
      Darwin.kill(-pid, SIGKILL)
    #elseif canImport(Musl)
      Musl.kill(-pid, SIGKILL)
    #else
      Glibc.kill(-pid, SIGKILL)
    #endif
  }
}
