import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a program may map, which `ulimit -v` bounds.
public enum AddressSpace {
  /// Ends the program with a message where its threads, or what OpenBLAS maps for each that computes, would not fit: whoever
  /// starts them would wait without end for room, and OpenBLAS (0.3.21) asks for its buffer again and again until it has it.
  ///
  /// Called before the first thread is started, which an asynchronous `main` does unless it is the main actor's.
  public static func refuseTooSmall() {
    guard let limit else { return }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    // OpenBLAS has a thread of its own beside those that call it.
    let needed = (cores + 2) * stack + (cores + 1) * buffer + reserve
    // SAFETY: the pages are of no use to anybody and are given back at once.
    let room = unsafe mmap(nil, needed, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard unsafe room == MAP_FAILED else {
      unsafe munmap(room, needed)
      return
    }
    Terminal.report(
      "the system gives this program \(limit >> 20) MiB to map, too little for its threads and computations",
      fix: "allow it more, such as `ulimit -v 2000000`")
    exit(1)
  }

  /// Of a thread: its stack, and what glibc keeps apart for what it allocates (an arena and the room to align it).
  private static let stack = (8 + 128) << 20
  /// What OpenBLAS maps for a thread that calls it.
  private static let buffer = 132 << 20
  /// For weights and pictures.
  private static let reserve = 256 << 20

  /// Bytes; nil for no bound.
  private static var limit: UInt64? {
    var limit = rlimit()
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_AS.rawValue)
    #else
      let resource = RLIMIT_AS
    #endif
    // SAFETY: getrlimit fills the structure during the call.
    guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < UInt64(Int64.max) else { return nil }
    return UInt64(limit.rlim_cur)
  }
}
