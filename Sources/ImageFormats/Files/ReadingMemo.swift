import Synchronization

/// What was read of a file, kept for all who ask after: the container is walked once and its metadata are parsed once,
/// however many look at the file.
///
/// Copies of an ``ImageFile`` share it, as they share the bytes.
final class ReadingMemo: Sendable {
  private struct State {
    var container: Result<ContainerMap, ImageFormatError>?
    var metadata: ImageMetadata?
    var work = ReadingWork()
  }
  private let state = Mutex(State())

  var work: ReadingWork { state.withLock(\.work) }

  /// - Parameter walk: called once; the lock is held, so that nobody walks a second time meanwhile.
  func container(_ walk: () -> Result<ContainerMap, ImageFormatError>) throws(ImageFormatError)
    -> ContainerMap
  {
    try state.withLock { state -> Result<ContainerMap, ImageFormatError> in
      if let known = state.container { return known }
      let result = walk()
      state.work.walks += 1
      state.container = result
      return result
    }.get()
  }

  /// - Parameter parse: called once, without other files' being held up.
  func metadata(_ parse: () -> ImageMetadata) -> ImageMetadata {
    state.withLock { state in
      if let known = state.metadata { return known }
      let metadata = parse()
      state.work.parses += 1
      state.metadata = metadata
      return metadata
    }
  }

  func countDecoding() { state.withLock { $0.work.decodings += 1 } }
}

/// How often a file was worked through.
package struct ReadingWork: Sendable, Hashable {
  package var walks = 0
  package var parses = 0
  package var decodings = 0
}

extension ImageFile {
  /// How often this file was worked through, for tests that hold it to once.
  package var work: ReadingWork { memo.work }
}
