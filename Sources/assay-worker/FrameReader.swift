import Diagnostics
import Foundation

/// Reads frames from a descriptor, each when it is asked for: whoever writes faster than pictures are examined waits.
///
/// A frame is 16 bytes, a header and a body: the letters `AWF1`, the header's length as 4 bytes and the body's as 8, both
/// little-endian; then the header as a JSON object, and the body as it is.
struct FrameReader {
  struct Frame {
    var header: [UInt8]
    var body: [UInt8]
    /// The body's length as it was stated, where that was more than is taken; the body is then empty.
    var excess: UInt64?
  }

  /// The stream holds something else than frames; nothing behind that can be found again.
  struct Fault: Error {
    var message: String
    /// The header, where it came whole.
    var header: [UInt8]?
  }

  static let magic = Array("AWF1".utf8)
  static let longestHeader = 1 << 16

  private let descriptor: Int32
  private let longestBody: Int

  init(descriptor: Int32, longestBody: Int) {
    self.descriptor = descriptor
    self.longestBody = longestBody
  }

  /// The next frame; nil where the stream ends between two.
  func next() throws(Fault) -> Frame? {
    let start = try read(16)
    guard !start.isEmpty else { return nil }
    guard start.count == 16 else {
      throw Fault(message: "the input ends within the start of a frame, after \(start.count) of 16 bytes")
    }
    guard start.starts(with: Self.magic) else {
      throw Fault(message: "no frame begins here: the first bytes are not AWF1")
    }
    func number(_ range: Range<Int>) -> UInt64 {
      range.reversed().reduce(0) { $0 << 8 | UInt64(start[$1]) }
    }
    let headerLength = Int(number(4..<8))
    guard headerLength <= Self.longestHeader else {
      throw Fault(message: "a header of \(headerLength) bytes; \(Self.longestHeader) are taken")
    }
    let header = try read(headerLength)
    guard header.count == headerLength else {
      throw Fault(
        message: "the input ends within a frame's header, after \(header.count) of \(headerLength) bytes")
    }
    let length = number(8..<16)
    guard length <= UInt64(longestBody) else {
      let passed = try skip(length, header)
      guard passed == length else {
        throw Fault(
          message: "the input ends within a frame's body, after \(passed) of \(length) bytes", header: header)
      }
      return Frame(header: header, body: [], excess: length)
    }
    let body = try read(Int(length), header)
    guard body.count == Int(length) else {
      throw Fault(
        message: "the input ends within a frame's body, after \(body.count) of \(length) bytes",
        header: header)
    }
    return Frame(header: header, body: body, excess: nil)
  }

  /// So many bytes, or fewer where the stream ends. Memory grows with what comes, not with what is claimed.
  private func read(_ count: Int, _ header: [UInt8]? = nil) throws(Fault) -> [UInt8] {
    var bytes: [UInt8] = []
    var code: Int32 = 0
    while bytes.count < count {
      let wanted = min(count - bytes.count, max(64 << 10, bytes.count))
      let part = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, used in
        used = unsafe fill(UnsafeMutableRawBufferPointer(buffer), &code)
      }
      try check(code, header)
      if bytes.isEmpty { bytes = part } else { bytes += part }
      if part.count < wanted { break }
    }
    return bytes
  }

  private func skip(_ count: UInt64, _ header: [UInt8]) throws(Fault) -> UInt64 {
    var passed: UInt64 = 0
    var code: Int32 = 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    defer { unsafe buffer.deallocate() }
    while passed < count {
      let wanted = Int(min(UInt64(buffer.count), count - passed))
      let got = unsafe fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), &code)
      try check(code, header)
      passed += UInt64(got)
      if got < wanted { break }
    }
    return passed
  }

  private func check(_ code: Int32, _ header: [UInt8]?) throws(Fault) {
    guard code != 0 else { return }
    // SAFETY: strerror gives a string that is valid until this thread's next call.
    throw Fault(
      message: "the input cannot be read: \(unsafe String(cString: strerror(code)))", header: header)
  }

  /// Fills the buffer, as far as the stream goes.
  ///
  /// - Parameter code: the system's error, where one ended it.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer, _ code: inout Int32) -> Int {
    var used = 0
    while used < buffer.count {
      // SAFETY: at most the rest of the buffer is written.
      let count = unsafe Foundation.read(descriptor, buffer.baseAddress! + used, buffer.count - used)
      if count < 0 {
        switch errno {
        case EINTR: continue
        case EAGAIN, EWOULDBLOCK:
          // Whoever holds the other end made it one that does not wait: there may be more to come.
          var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
          // SAFETY: one entry is there.
          _ = unsafe poll(&waiting, 1, -1)
          continue
        case let other:
          code = other
          return used
        }
      }
      if count == 0 { break }
      used += count
    }
    return used
  }
}
