import CCodecs
import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The whole content of a regular file.
///
/// Folders, pipes, sockets and devices are refused, since reading them may never end. The memory is sized by
/// what the system says of the file and never beyond `limits.maxFileBytes`.
///
/// - Throws: ``ImageFormatError`` with code `file.open`, `file.kind`, `file.size` or `file.read`.
public func readFile(_ path: FilePath, limits: ReadLimits = .standard) throws(ImageFormatError) -> [UInt8] {
  keepFreedMemory
  guard !path.bytes.contains(0) else {
    throw fileError(path, "file.open", "a path cannot hold a zero byte", "name an existing file")
  }
  var name = path.bytes.map { CChar(bitPattern: $0) }
  name.append(0)
  // Non-blocking, so that a pipe without a writer does not hang before its kind is known.
  // SAFETY: `name` ends in zero and outlives the call.
  let descriptor = unsafe open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
  guard descriptor >= 0 else { throw openError(path, errno) }
  ReadingTally.current?.count(\.opens)
  defer { close(descriptor) }
  var status = stat()
  // SAFETY: the descriptor is open and `status` outlives the call.
  guard unsafe fstat(descriptor, &status) == 0 else { throw openError(path, errno) }
  switch status.st_mode & S_IFMT {
  case S_IFREG: break
  case S_IFDIR:
    throw fileError(
      path, "file.kind", "this is a folder", "name the files in it, or let scan walk the folder")
  default:
    throw fileError(path, "file.kind", "this is a pipe, socket or device", "copy its content to a file first")
  }
  let size = Int(status.st_size)
  guard size <= limits.maxFileBytes else {
    throw fileError(
      path, "file.size",
      "the file has \(gigabytes(size)), more than the \(gigabytes(limits.maxFileBytes)) that are read",
      "give the picture alone: a frame of a video, a file of an archive; a scan of that size in smaller parts"
    )
  }
  var failure: Int32 = 0
  // SAFETY: read writes at most `size - used` bytes at `used`; only bytes it wrote are counted.
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, used in
    while used < size {
      let count = unsafe read(descriptor, buffer.baseAddress! + used, size - used)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        failure = errno
        break
      }
      used += count
    }
  }
  guard failure == 0 else {
    throw fileError(
      path, "file.read", "reading failed: \(reason(failure))", "check the disk and the permissions",
      at: bytes.count)
  }
  return bytes
}

/// `3.2 GB`; small limits, which tests set, in bytes.
private func gigabytes(_ bytes: Int) -> String {
  bytes < 50_000_000
    ? "\(bytes) bytes" : "\(Double((Double(bytes) / 1e8).rounded()) / 10) GB"
}

/// The first bytes of a regular file, and its size; nil where there is none or it cannot be read.
///
/// - Parameter count: at most so many.
public func fileHead(_ path: FilePath, _ count: Int) -> (bytes: [UInt8], size: Int)? {
  let name = path.bytes.map { CChar(bitPattern: $0) } + [0]
  // SAFETY: the name ends in zero; read writes at most `count` bytes, and only those that it wrote are counted.
  let descriptor = unsafe open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var status = stat()
  guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
    used = unsafe Swift.max(0, read(descriptor, buffer.baseAddress, count))
  }
  return (bytes, Int(status.st_size))
}

/// Set once; see `assay_keep_freed_memory`.
let keepFreedMemory: Void = assay_keep_freed_memory()

func reason(_ code: Int32) -> String {
  // SAFETY: strerror gives a string that is valid until this thread's next call.
  unsafe String(cString: strerror(code))
}

private func openError(_ path: FilePath, _ code: Int32) -> ImageFormatError {
  let address = ["http://", "https://"].contains { path.display.lowercased().hasPrefix($0) }
  let remedy =
    switch code {
    case _ where address: "download it first: Assay opens no address"
    case ENOENT: "check the name and the folder"
    case EACCES, EPERM: "make the file readable (chmod u+r)"
    case ELOOP: "mend the loop of symbolic links"
    case ENXIO: "copy its content to a file first"
    default: "check the file and its folder"
    }
  // A link that leads nowhere is there, and cannot be opened.
  let isMissing = code == ENOENT && !path.exists
  let message = isMissing ? ImageFormatError.noSuchFile : "cannot be opened: \(reason(code))"
  return fileError(path, "file.open", message, remedy)
}

private func fileError(
  _ path: FilePath, _ code: String, _ message: String, _ remedy: String, at offset: Int? = nil
) -> ImageFormatError {
  ImageFormatError(
    code: code, location: FaultLocation(file: path.display, byteRange: offset.map { $0..<$0 }),
    message: message, remedy: remedy)
}
