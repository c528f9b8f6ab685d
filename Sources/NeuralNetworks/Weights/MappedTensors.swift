import Diagnostics
import Foundation
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A safetensors file seen where the system maps it: nothing is copied, and processes that read the same file share
/// its pages.
///
/// Read: I8, I32 and F32, at addresses that are multiples of 4 for the wider ones. The file must not be changed while
/// it is mapped.
package final class MappedTensors: @unchecked Sendable {
  // Sendable: the pages are only read, and unmapped by the last owner.
  package let path: String
  package let metadata: [String: String]
  private let base: UnsafeRawPointer
  private let length: Int
  private let entries: [String: SafetensorsHeader.Tensor]
  private let start: Int

  package init(path: String) throws(NetworkError) {
    let (base, length) = try Self.map(path)
    self.base = base
    self.length = length
    self.path = path
    let bytes = UnsafeRawBufferPointer(start: base, count: length)
    do {
      let header = try SafetensorsHeader(bytes, name: path)
      entries = header.tensors
      metadata = header.metadata
      start = header.start
    } catch {
      munmap(UnsafeMutableRawPointer(mutating: base), length)
      throw error
    }
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: base), length) }

  private static func map(_ path: String) throws(NetworkError) -> (UnsafeRawPointer, Int) {
    func fault(_ code: String, _ message: String) -> NetworkError {
      NetworkError(
        code: "weights.\(code)", location: FaultLocation(file: path), message: message,
        remedy: "check that the file exists, may be read and is whole")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fault("unreadable", "the weights cannot be read") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size > 0 else {
      throw fault("empty", "the file of weights is empty")
    }
    let length = Int(status.st_size)
    guard let address = mmap(nil, length, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
    else { throw fault("unmappable", "the weights cannot be mapped into memory") }
    // Read ahead while the caller still looks at the picture.
    madvise(address, length, MADV_WILLNEED)
    return (UnsafeRawPointer(address), length)
  }

  /// Of all bytes of the file.
  ///
  /// The pages are given back afterwards: whoever only asks which weights these are does not hold them in memory.
  package var checksum: UInt64 {
    defer { madvise(UnsafeMutableRawPointer(mutating: base), length, MADV_DONTNEED) }
    return Tensors.checksum(of: UnsafeRawBufferPointer(start: base, count: length))
  }

  package func contains(_ key: String) -> Bool { entries[key] != nil }

  /// The elements of a tensor of the given shape, valid while this object lives.
  package func pointer<Element>(_ key: String, _ shape: [Int], as type: Element.Type) throws(NetworkError)
    -> UnsafePointer<Element>
  {
    let tensor = try entry(key)
    let wanted = type == Int8.self ? "I8" : type == Int32.self ? "I32" : "F32"
    guard tensor.type == wanted, tensor.shape == shape else {
      throw fault(key, "it is \(tensor.type) \(tensor.shape), not \(wanted) \(shape)")
    }
    let offset = start + tensor.bytes.lowerBound
    guard offset % MemoryLayout<Element>.alignment == 0 else {
      throw fault(key, "it does not begin at a multiple of \(MemoryLayout<Element>.alignment) bytes")
    }
    return (base + offset).assumingMemoryBound(to: type)
  }

  /// A copy of a tensor of floats, all of them finite.
  package func floats(_ key: String, _ shape: [Int]) throws(NetworkError) -> [Float] {
    let count = shape.reduce(1, *)
    let values = Array(UnsafeBufferPointer(start: try pointer(key, shape, as: Float.self), count: count))
    guard values.allSatisfy(\.isFinite) else { throw fault(key, "it holds a number that is not finite") }
    return values
  }

  /// The extents of a tensor.
  package func shape(_ key: String) throws(NetworkError) -> [Int] { try entry(key).shape }

  private func entry(_ key: String) throws(NetworkError) -> SafetensorsHeader.Tensor {
    guard let tensor = entries[key] else { throw fault(key, "it is missing") }
    return tensor
  }

  package func fault(_ key: String, _ message: String) -> NetworkError {
    NetworkError(
      code: "weights.tensor", location: FaultLocation(file: path, path: key), message: message,
      remedy: "fetch the weights again or convert them anew")
  }
}
