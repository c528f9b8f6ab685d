import Diagnostics
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a file that appears whole or not at all.
///
/// The bytes go to a file of the same folder that has no name yet, are flushed to the disk, and take the name at the
/// end: a process that is killed on the way leaves nothing. Where the file system knows no such files, one with another
/// name stands in. Without `overwrite` an existing file, also one that appears meanwhile, is left alone.
///
/// - Parameter isPrivate: whether only the owner may read the file, from the moment it exists; else the process's mask
///   decides.
/// - Throws: ``ImageFormatError`` with code `write.exists`, `write.open` or `write.failed`; nothing is left behind.
public func writeAtomically(
  _ bytes: [UInt8], to path: FilePath, overwrite: Bool, isPrivate: Bool = false
) throws(ImageFormatError) {
  do {
    try writeAtomically(to: path, overwrite: overwrite, isPrivate: isPrivate) { write in try write(bytes) }
  } catch let error as ImageFormatError {
    throw error
  } catch {
    throw writeError(path, "write.failed", String(describing: error), "report this as a bug")
  }
}

/// Writes a file that appears whole or not at all, piece by piece: one that is larger than the memory it should take.
///
/// - Parameter body: hands the pieces to its argument; whatever it throws is thrown on, and no file is left.
/// - Throws: as ``writeAtomically(_:to:overwrite:isPrivate:)``, and what `body` throws.
public func writeAtomically(
  to path: FilePath, overwrite: Bool, isPrivate: Bool = false,
  _ body: (_ write: @escaping ([UInt8]) throws -> Void) throws -> Void
) throws {
  guard !path.bytes.isEmpty, !path.bytes.contains(0) else {
    throw writeError(path, "write.open", "this is no file name", "name the file to write")
  }
  try refuseExisting(path, overwrite: overwrite)
  guard let draft = Draft(of: path) else {
    throw writeError(
      path, "write.open", "cannot be written: \(reason(errno))", "check the folder and its permissions")
  }
  if let temporary = draft.temporary { unfinished.withLock { _ = $0.insert(temporary) } }
  defer { if let temporary = draft.temporary { unfinished.withLock { _ = $0.remove(temporary) } } }
  var failure: Int32 = 0
  do {
    try body { bytes in
      failure = failure == 0 ? writeAll(bytes, to: draft.descriptor) : failure
      if failure != 0 { throw failedError(path, failure) }
    }
  } catch {
    draft.discard()
    throw error
  }
  let mask = isPrivate ? 0o077 : umask(0)
  if !isPrivate { umask(mask) }
  if failure == 0, fchmod(draft.descriptor, 0o666 & ~mask) != 0 { failure = errno }
  if failure == 0, fsync(draft.descriptor) != 0 { failure = errno }
  if failure == 0 { failure = draft.take(path, overwrite: overwrite) }
  draft.discard()
  guard failure != 0 else { return }
  throw failure == EEXIST ? existsError(path) : failedError(path, failure)
}

/// Temporary files that are being written; their names end in zero.
private let unfinished = Mutex<Set<[CChar]>>([])

/// Removes what is being written, for a program that ends at once: whoever writes it finds no file to name any more.
public func removeUnfinishedFiles() {
  for name in unfinished.withLock({ $0 }) {
    // SAFETY: the name ends in zero.
    unsafe unlink(name)
  }
}

/// A file on its way to its name.
private struct Draft {
  let descriptor: Int32
  /// The name it has meanwhile; nil for none.
  let temporary: [CChar]?

  /// Opens a file in the folder of `path`, private; nil with `errno` set where that cannot be.
  init?(of path: FilePath) {
    #if os(Linux)
      let folder = path.bytes.lastIndex(of: 0x2F).map { Array(path.bytes[...$0]) } ?? [0x2E]
      // O_TMPFILE is a macro that Swift does not read.
      let unnamed = 0o20_000_000 | O_DIRECTORY
      // SAFETY: the name ends in zero.
      let file = unsafe open(
        folder.map { CChar(bitPattern: $0) } + [0], unnamed | O_WRONLY | O_CLOEXEC, 0o600)
      if file >= 0 {
        // Its way to a name leads through /proc.
        // SAFETY: the name ends in zero.
        if unsafe access(Self.handle(file), F_OK) == 0 {
          descriptor = file
          temporary = nil
          return
        }
        close(file)
      }
    #endif
    var name = Self.beside(path, ".assay-XXXXXX")
    // SAFETY: `name` ends in zero and mkstemp changes only the six characters before it.
    descriptor = unsafe mkstemp(&name)
    temporary = name
    if descriptor < 0 { return nil }
  }

  /// Gives the file its name. Without `overwrite` an existing one refuses with `EEXIST`.
  ///
  /// - Returns: 0, or the error number.
  func take(_ path: FilePath, overwrite: Bool) -> Int32 {
    let target = path.bytes.map { CChar(bitPattern: $0) } + [0]
    // SAFETY: all names end in zero.
    if let temporary {
      if overwrite { return unsafe rename(temporary, target) == 0 ? 0 : errno }
      // link refuses an existing name, which rename would replace. FAT knows no links.
      if unsafe link(temporary, target) == 0 { return 0 }
      guard [EPERM, EOPNOTSUPP, ENOSYS].contains(errno), !path.exists else { return errno }
      return unsafe rename(temporary, target) == 0 ? 0 : errno
    }
    #if os(Linux)
      if unsafe linkat(AT_FDCWD, Self.handle(descriptor), AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 {
        return 0
      }
      guard errno == EEXIST, overwrite else { return errno }
      // No call replaces a file by one without a name: it gets a spare one for as long as two calls take, always the same, so
      // that the next to write clears away what one that was killed between them left.
      let spare = Self.beside(path, ".assay-new")
      for _ in 0..<100 {
        if unsafe linkat(AT_FDCWD, Self.handle(descriptor), AT_FDCWD, spare, AT_SYMLINK_FOLLOW) != 0 {
          guard errno == EEXIST else { return errno }
          // Whole, and about to take the name: it takes it now, and this file right after.
          guard unsafe rename(spare, target) == 0 || errno == ENOENT else { return errno }
          continue
        }
        // Without the spare one somebody else has given the name already.
        if unsafe rename(spare, target) == 0 || errno == ENOENT { return 0 }
        let failure = errno
        unsafe unlink(spare)
        return failure
      }
      return EEXIST
    #else
      return EBADF
    #endif
  }

  /// Closes the file, and removes the name that it had meanwhile.
  func discard() {
    close(descriptor)
    // SAFETY: the name ends in zero.
    if let temporary { unsafe unlink(temporary) }
  }

  /// The path with an ending, and a zero behind it.
  private static func beside(_ path: FilePath, _ ending: String) -> [CChar] {
    path.bytes.map { CChar(bitPattern: $0) } + Array(ending.utf8CString)
  }

  private static func handle(_ descriptor: Int32) -> [CChar] {
    Array("/proc/self/fd/\(descriptor)".utf8CString)
  }
}

/// Throws as ``writeAtomically(_:to:overwrite:isPrivate:)`` does for a name that is taken: before long work whose
/// result could not be written, and before the first of several files.
public func refuseExisting(_ path: FilePath, overwrite: Bool) throws(ImageFormatError) {
  if !overwrite, path.exists { throw existsError(path) }
}

/// Throws for a file that could not be written: its name is taken, or its folder is missing or takes no files.
public func refuseUnwritable(_ path: FilePath, overwrite: Bool) throws(ImageFormatError) {
  try refuseExisting(path, overwrite: overwrite)
  let parent = path.bytes.lastIndex(of: 0x2F).map { Array(path.bytes[...$0]) } ?? [0x2E]
  // SAFETY: the name ends in zero.
  guard unsafe access(parent.map { CChar(bitPattern: $0) } + [0], W_OK | X_OK) != 0 else { return }
  throw writeError(
    path, "write.failed", "cannot be written: \(reason(errno))", "make its folder first, or name another")
}

extension FilePath {
  /// Whether the name is taken, by a link that leads nowhere too.
  public var exists: Bool {
    let name = bytes.map { CChar(bitPattern: $0) } + [0]
    var found = stat()
    // SAFETY: `name` ends in zero.
    return unsafe lstat(name, &found) == 0
  }
}

/// Writes a file that appears whole or not at all; see ``writeAtomically(_:to:overwrite:isPrivate:)``.
public func writeAtomically(_ bytes: [UInt8], to path: String, overwrite: Bool) throws(ImageFormatError) {
  try writeAtomically(bytes, to: FilePath(path), overwrite: overwrite)
}

/// 0, or the error number.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
  var done = 0
  while done < bytes.count {
    // SAFETY: the buffer is valid for the call and `done` is within it.
    let count = unsafe bytes.withUnsafeBytes {
      unsafe write(descriptor, $0.baseAddress! + done, $0.count - done)
    }
    if count < 0 {
      if errno == EINTR { continue }
      return errno
    }
    done += count
  }
  return 0
}

private func failedError(_ path: FilePath, _ failure: Int32) -> ImageFormatError {
  writeError(
    path, "write.failed", "cannot be written: \(reason(failure))",
    failure == EISDIR
      ? "a folder has that name: choose another" : "check the disk's free space and permissions")
}

private func existsError(_ path: FilePath) -> ImageFormatError {
  writeError(path, "write.exists", "the file exists", "choose another name, or allow overwriting")
}

private func writeError(
  _ path: FilePath, _ code: String, _ message: String, _ remedy: String
) -> ImageFormatError {
  ImageFormatError(code: code, location: FaultLocation(file: path.display), message: message, remedy: remedy)
}
