public import Diagnostics
import ImageFormats
import Scanning

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What can go wrong while a folder is watched.
public struct WatchError: DiagnosableError {
  public var code: String
  public var location: FaultLocation
  public var message: String
  public var remedy: String

  init(_ code: String, _ path: FilePath, _ message: String, _ remedy: String) {
    (self.code, self.location, self.message, self.remedy) =
      (code, FaultLocation(file: path.display), message, remedy)
  }
}

/// Tells which files below a folder changed, by inotify.
///
/// Folders that appear are watched too; what was in them before that is told as changed.
final class FolderEvents {
  private let root: FilePath
  private let descriptor: Int32
  private var folders: [Int32: FilePath] = [:]

  /// What happened.
  struct Changes {
    /// Files that were written or came.
    var files: Set<FilePath> = []
    /// Whether the system lost events: everything is to be looked at again.
    var isIncomplete = false
  }

  /// - Throws: ``WatchError`` where the folder cannot be watched.
  init(_ root: FilePath) throws(WatchError) {
    self.root = root
    #if os(Linux)
      descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
      guard descriptor >= 0 else {
        throw WatchError(
          "watch.limit", root, "the system gives no more watches", "raise fs.inotify.max_user_instances")
      }
      guard add(root) else {
        close(descriptor)
        throw WatchError(
          "watch.folder", root, "this is no folder that can be watched", "check its name and permissions")
      }
    #else
      descriptor = -1
      throw WatchError(
        "watch.system", root, "folders are watched on Linux alone", "scan the folder from time to time")
    #endif
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  #if os(Linux)
    private static let mask = UInt32(
      IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR | IN_EXCL_UNLINK)

    private func add(_ folder: FilePath) -> Bool {
      // SAFETY: the name ends in zero and outlives the call.
      let watch = unsafe inotify_add_watch(
        descriptor, folder.bytes.map { CChar(bitPattern: $0) } + [0], Self.mask)
      if watch >= 0 { folders[watch] = folder }
      return watch >= 0
    }

    /// Watches the folders below one, itself included.
    ///
    /// - Returns: false where one could not be watched for want of watches.
    func addTree(_ folder: FilePath) -> Bool {
      guard add(folder) else { return errno != ENOSPC }
      return FileWalk.folders(in: folder).reduce(true) { $0 && addTree($1) }
    }

    /// Waits for changes.
    ///
    /// - Parameter milliseconds: no longer than that.
    func wait(milliseconds: Int32) -> Changes {
      var changes = Changes()
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      // SAFETY: one request that outlives the call.
      guard unsafe poll(&request, 1, milliseconds) > 0 else { return changes }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        // SAFETY: at most the buffer's size is written.
        let count = unsafe read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return changes }
        take(buffer[..<count], &changes)
      }
    }

    /// Each event is 16 bytes (watch, mask, cookie, length of the name) and the name, filled up with zeros.
    private func take(_ bytes: ArraySlice<UInt8>, _ changes: inout Changes) {
      func word(_ place: Int) -> UInt32 {
        (0..<4).reversed().reduce(0) { $0 << 8 | UInt32(bytes[place + $1]) }
      }
      var place = 0
      while place + 16 <= bytes.count {
        let length = Int(word(place + 12))
        let (watch, mask) = (Int32(bitPattern: word(place)), word(place + 4))
        guard place + 16 + length <= bytes.count else { return }
        let name = bytes[place + 16..<place + 16 + length].prefix { $0 != 0 }
        place += 16 + length
        if mask & UInt32(IN_Q_OVERFLOW) != 0 {
          changes.isIncomplete = true
        } else if mask & UInt32(IN_IGNORED) != 0 {
          folders[watch] = nil
        } else if let folder = folders[watch], !name.isEmpty {
          let path = folder.appending(FilePath(bytes: Array(name)))
          if mask & UInt32(IN_ISDIR) != 0 {
            if !addTree(path) { changes.isIncomplete = true }
            changes.files.formUnion(FileWalk([path], givesArchives: true))
          } else {
            changes.files.insert(path)
          }
        }
      }
    }
  #else
    func addTree(_ folder: FilePath) -> Bool { true }
    func wait(milliseconds: Int32) -> Changes { Changes() }
  #endif
}
