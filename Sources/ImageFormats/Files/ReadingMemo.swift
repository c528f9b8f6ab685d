import Synchronization

/// What was read of a file, kept for all who ask after: the container is walked once and its metadata are parsed once,
/// however many look at the file.
///
/// Copies of an ``ImageFile`` share it, as they share the bytes.
final class ReadingMemo: Sendable {
  private struct State {
    var container: Result<ContainerMap, ImageFormatError>?
    var metadata: ImageMetadata?
  }
  private let state = Mutex(State())

  /// - Parameter walk: called once; the lock is held, so that nobody walks a second time meanwhile.
  func container(_ walk: () -> Result<ContainerMap, ImageFormatError>) throws(ImageFormatError)
    -> ContainerMap
  {
    try state.withLock { state -> Result<ContainerMap, ImageFormatError> in
      if let known = state.container { return known }
      let result = walk()
      ReadingTally.current?.count(\.walks)
      state.container = result
      return result
    }.get()
  }

  /// - Parameter parse: called once, without other files' being held up.
  func metadata(_ parse: () -> ImageMetadata) -> ImageMetadata {
    state.withLock { state in
      if let known = state.metadata { return known }
      let metadata = parse()
      ReadingTally.current?.count(\.parses)
      state.metadata = metadata
      return metadata
    }
  }
}

/// Counts what is done with files, for tests that hold it to once; nobody counts otherwise.
package final class ReadingTally: Sendable {
  package struct Work: Sendable, Hashable {
    package var opens = 0
    package var walks = 0
    package var parses = 0
    package var decodings = 0

    package init(opens: Int = 0, walks: Int = 0, parses: Int = 0, decodings: Int = 0) {
      self.opens = opens
      self.walks = walks
      self.parses = parses
      self.decodings = decodings
    }
  }

  /// Whoever counts in this task and those that it begins.
  @TaskLocal package static var current: ReadingTally?

  private let state = Mutex(Work())

  package init() {}

  package var work: Work { state.withLock { $0 } }

  func count(_ kind: WritableKeyPath<Work, Int> & Sendable) { state.withLock { $0[keyPath: kind] += 1 } }
}
