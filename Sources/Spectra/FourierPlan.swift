import CFFTW
import Synchronization

/// An FFTW plan for one kind and size, kept for reuse.
final class FourierPlan: @unchecked Sendable {
  // Proof of `@unchecked Sendable`: `handle` is set once in `init` and only read afterwards. Executing a plan
  // on arrays given at the call (`fftwf_execute_dft*`) is documented as thread-safe; making and destroying
  // plans is not, and both happen under `planner` only.

  enum Kind: Hashable { case realForward, realInverse, complexForward, complexInverse }

  struct Key: Hashable {
    var kind: Kind
    var width: Int
    var height: Int

    /// Floats on either side: [real or complex input, output].
    var counts: (input: Int, output: Int) {
      let full = width * height
      let half = 2 * (width / 2 + 1) * height
      return switch kind {
      case .realForward: (full, half)
      case .realInverse: (half, full)
      case .complexForward, .complexInverse: (2 * full, 2 * full)
      }
    }
  }

  private let key: Key
  private let handle: fftwf_plan

  private static let planner = Mutex(())
  private static let cache = Mutex<[Key: FourierPlan]>([:])
  /// Scanning meets few sizes (tiles); more than this many at once means that sizes no longer repeat.
  private static let cacheLimit = 32

  /// The plan for `key`, made when it's first asked for.
  static func cached(_ key: Key) -> FourierPlan {
    cache.withLock { plans in
      if let plan = plans[key] { return plan }
      let plan = FourierPlan(key)
      if plans.count >= cacheLimit { plans.removeAll(keepingCapacity: true) }
      plans[key] = plan
      return plan
    }
  }

  private init(_ key: Key) {
    self.key = key
    let (width, height) = (Int32(key.width), Int32(key.height))
    let counts = key.counts
    // The planner looks at the arrays' alignment, and with ESTIMATE leaves their contents alone.
    let input = AlignedFloats(count: counts.input)
    let output = AlignedFloats(count: counts.output)
    let flags = UInt32(FFTW_ESTIMATE)
    // The lock only orders the planner's calls; the plan leaves it through a local nobody else sees.
    nonisolated(unsafe) var made: fftwf_plan?
    Self.planner.withLock { _ in
      made =
        switch key.kind {
        case .realForward: fftwf_plan_dft_r2c_2d(height, width, input.floats, output.complex, flags)
        case .realInverse: fftwf_plan_dft_c2r_2d(height, width, input.complex, output.floats, flags)
        case .complexForward:
          fftwf_plan_dft_2d(height, width, input.complex, output.complex, FFTW_FORWARD, flags)
        case .complexInverse:
          fftwf_plan_dft_2d(height, width, input.complex, output.complex, FFTW_BACKWARD, flags)
        }
    }
    guard let made else { preconditionFailure("FFTW has a plan for every positive size") }
    handle = made
  }

  deinit { Self.planner.withLock { _ in fftwf_destroy_plan(handle) } }

  func realForward(_ input: [Float], into output: inout [Float]) {
    run(input, into: &output) { source, target in
      fftwf_execute_dft_r2c(
        handle, source, UnsafeMutableRawPointer(target).assumingMemoryBound(to: fftwf_complex.self))
    }
  }

  /// Destroys `input`.
  func realInverse(_ input: inout [Float], into output: inout [Float]) {
    run(input, into: &output) { source, target in
      fftwf_execute_dft_c2r(
        handle, UnsafeMutableRawPointer(source).assumingMemoryBound(to: fftwf_complex.self), target)
    }
  }

  func complex(_ input: [Float], into output: inout [Float]) {
    run(input, into: &output) { source, target in
      fftwf_execute_dft(
        handle, UnsafeMutableRawPointer(source).assumingMemoryBound(to: fftwf_complex.self),
        UnsafeMutableRawPointer(target).assumingMemoryBound(to: fftwf_complex.self))
    }
  }

  /// Calls `body` on buffers as aligned as the plan's.
  ///
  /// Swift's arrays are 16-byte aligned wherever Assay runs, so nothing is copied; another allocator would
  /// cost two copies and give the same numbers.
  private func run(
    _ input: [Float], into output: inout [Float],
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    precondition(input.count == key.counts.input && output.count == key.counts.output)
    input.withUnsafeBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        guard let from = source.baseAddress, let into = target.baseAddress else { return }
        // Out-of-place real and complex forward plans preserve their input; `realInverse` owns its own.
        let mutable = UnsafeMutablePointer(mutating: from)
        if fftwf_alignment_of(mutable) == 0, fftwf_alignment_of(into) == 0 {
          body(mutable, into)
        } else {
          let copy = AlignedFloats(count: source.count)
          let result = AlignedFloats(count: target.count)
          copy.floats.update(from: from, count: source.count)
          body(copy.floats, result.floats)
          into.update(from: result.floats, count: target.count)
        }
      }
    }
  }
}

/// Memory as FFTW's vector code likes it.
private final class AlignedFloats {
  let floats: UnsafeMutablePointer<Float>

  init(count: Int) {
    guard let memory = fftwf_alloc_real(count) else { preconditionFailure("out of memory") }
    floats = memory
    floats.initialize(repeating: 0, count: count)
  }

  var complex: UnsafeMutablePointer<fftwf_complex> {
    UnsafeMutableRawPointer(floats).assumingMemoryBound(to: fftwf_complex.self)
  }

  deinit { fftwf_free(floats) }
}
