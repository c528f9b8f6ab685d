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
/// The bytes go to a temporary file in the same folder, are flushed to the disk, and take the name at the
/// end. Without `overwrite` an existing file, also one that appears meanwhile, is left alone.
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
  let target = path.bytes.map { CChar(bitPattern: $0) } + [0]

  // mkstemp fills the six X in place; the file begins private and gets the usual mode below.
  var temporary = path.bytes.map { CChar(bitPattern: $0) } + Array(".assay-XXXXXX".utf8CString)
  // SAFETY: `temporary` ends in zero and mkstemp changes only the six characters before it.
  let descriptor = unsafe mkstemp(&temporary)
  guard descriptor >= 0 else {
    throw writeError(
      path, "write.open", "cannot be written: \(reason(errno))", "check the folder and its permissions")
  }
  unfinished.withLock { _ = $0.insert(temporary) }
  defer { unfinished.withLock { _ = $0.remove(temporary) } }
  var failure: Int32 = 0
  do {
    try body { bytes in
      failure = failure == 0 ? writeAll(bytes, to: descriptor) : failure
      if failure != 0 { throw failedError(path, failure) }
    }
  } catch {
    close(descriptor)
    // SAFETY: the name ends in zero.
    unsafe unlink(temporary)
    throw error
  }
  let mask = isPrivate ? 0o077 : umask(0)
  if !isPrivate { umask(mask) }
  if failure == 0, fchmod(descriptor, 0o666 & ~mask) != 0 { failure = errno }
  if failure == 0, fsync(descriptor) != 0 { failure = errno }
  if close(descriptor) != 0, failure == 0 { failure = errno }
  if failure == 0 {
    // SAFETY: both names end in zero.
    if overwrite {
      if unsafe rename(temporary, target) != 0 { failure = errno }
    } else {
      // link refuses an existing name, which rename would replace.
      if unsafe link(temporary, target) != 0 { failure = errno }
      unsafe unlink(temporary)
    }
  }
  guard failure != 0 else { return }
  // SAFETY: as above.
  unsafe unlink(temporary)
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
