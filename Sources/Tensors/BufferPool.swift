import Foundation
import Synchronization

/// Keeps the memory of dead tensors for the next ones, by size class.
///
/// A fresh 32 MiB buffer costs about 13 ms in page faults, a reused one half a millisecond, and a training step
/// asks for the same sizes again and again. Classes lie an eighth of a power of two apart, so at most 12.5 %
/// is wasted. What lies idle is bounded: before fresh memory is taken, idle buffers go back to the system
/// until they hold no more than a quarter of what is in use, or 64 MiB.
public final class BufferPool: Sendable {
  public static let shared = BufferPool()

  private struct State {
    /// Addresses of idle buffers by capacity in floats.
    var idle: [Int: [UInt]] = [:]
    var idleBytes = 0
    var liveBytes = 0
    var peakBytes = 0
  }

  private let state = Mutex(State())
  private static let smallestIdleLimit = 64 << 20
  private static let hugePage = 2 << 20

  /// Bytes in use by tensors now, bytes idle in the pool, and the highest sum so far.
  public var usage: (live: Int, idle: Int, peak: Int) {
    state.withLock { ($0.liveBytes, $0.idleBytes, $0.peakBytes) }
  }

  /// Gives all idle memory back to the system and starts counting the peak afresh.
  public func trim() {
    let addresses = state.withLock { state -> [UInt] in
      let all = state.idle.values.flatMap { $0 }
      state.idle = [:]
      state.idleBytes = 0
      state.peakBytes = state.liveBytes
      return all
    }
    for address in addresses { Self.release(address) }
  }

  /// The number of floats really reserved for `count`.
  static func capacity(for count: Int) -> Int {
    let least = 64
    if count <= least { return least }
    let power = Int.bitWidth - 1 - (count - 1).leadingZeroBitCount
    let step = max(16, 1 << max(0, power - 3))
    return (count + step - 1) / step * step
  }

  func take(capacity: Int) -> UnsafeMutablePointer<Float> {
    let bytes = capacity * MemoryLayout<Float>.stride
    let (found, surplus) = state.withLock { state -> (UInt?, [UInt]) in
      state.liveBytes += bytes
      if let address = state.idle[capacity]?.popLast() {
        state.idleBytes -= bytes
        return (address, [])
      }
      let surplus = Self.surplus(&state)
      state.peakBytes = max(state.peakBytes, state.liveBytes + state.idleBytes)
      return (nil, surplus)
    }
    for address in surplus { Self.release(address) }
    if let found { return Self.pointer(found) }
    return Self.allocate(bytes: bytes)
  }

  func give(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
    let bytes = capacity * MemoryLayout<Float>.stride
    state.withLock { state in
      state.liveBytes -= bytes
      state.idleBytes += bytes
      state.idle[capacity, default: []].append(UInt(bitPattern: pointer))
    }
  }

  /// Takes idle buffers out, largest first, until the rest is within the limit.
  private static func surplus(_ state: inout State) -> [UInt] {
    let limit = max(smallestIdleLimit, state.liveBytes / 4)
    guard state.idleBytes > limit else { return [] }
    var surplus: [UInt] = []
    for capacity in state.idle.keys.sorted(by: >) {
      while state.idleBytes > limit, let address = state.idle[capacity]?.popLast() {
        surplus.append(address)
        state.idleBytes -= capacity * MemoryLayout<Float>.stride
      }
      if state.idle[capacity]?.isEmpty == true { state.idle[capacity] = nil }
      if state.idleBytes <= limit { break }
    }
    return surplus
  }

  private static func allocate(bytes: Int) -> UnsafeMutablePointer<Float> {
    var raw: UnsafeMutableRawPointer?
    let huge = bytes >= 2 * hugePage
    let status = posix_memalign(&raw, huge ? hugePage : 64, bytes)
    guard status == 0, let raw else {
      preconditionFailure("out of memory for a tensor of \(bytes) bytes")
    }
    #if os(Linux)
      if huge { madvise(raw, bytes, Int32(MADV_HUGEPAGE)) }
    #endif
    return raw.assumingMemoryBound(to: Float.self)
  }

  private static func release(_ address: UInt) { free(pointer(address)) }

  private static func pointer(_ address: UInt) -> UnsafeMutablePointer<Float> {
    guard let pointer = UnsafeMutablePointer<Float>(bitPattern: address) else {
      preconditionFailure("the pool holds no null address")
    }
    return pointer
  }
}

/// The floats of one or more tensors; goes back to the pool with its last owner.
///
/// `@unchecked Sendable`: `base` is written only through ``Tensor/withMutableBuffer(_:)``, which first makes
/// sure that its tensor is the sole owner, and by whoever has just made the storage. Shared storage is only read.
/// Copies packed for the kernels lie behind a lock.
final class Storage: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let capacity: Int
  private let packings = Mutex<[PackingKey: Storage]>([:])

  /// The copy of these weights packed for `key`, made at the first call.
  func packed(_ key: PackingKey, _ make: () -> Storage) -> Storage {
    if let found = packings.withLock({ $0[key] }) { return found }
    // Two threads may both pack; they make the same copy.
    let made = make()
    packings.withLock { $0[key] = made }
    return made
  }

  /// Forgets packed copies, because the floats are about to change.
  func forgetPackings() {
    packings.withLock { if !$0.isEmpty { $0 = [:] } }
  }

  init(count: Int) {
    capacity = BufferPool.capacity(for: count)
    base = BufferPool.shared.take(capacity: capacity)
  }

  deinit { BufferPool.shared.give(base, capacity: capacity) }
}
