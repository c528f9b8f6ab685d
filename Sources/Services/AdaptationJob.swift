public import Detectors
import Diagnostics
public import Evaluation
import Foundation
import ImageFormats
import Synchronization
import Tensors

/// Fits the detector to somebody's own pictures, and measures what that gave.
public struct AdaptationJob: Sendable {
  private let pictures: EvaluationSet
  private let name: String
  private let base: Detector

  /// How many pictures there are.
  public var count: Int { pictures.pictures.count }

  /// What a fit gives.
  public struct Outcome: Sendable {
    /// The weight file.
    public var weights: [UInt8]
    /// The pictures, each judged by a detector that was not fitted to its part, and by the base.
    public var after: DetectorEvaluation
    public var before: DetectorEvaluation
    /// Whether the parts keep sources together; where a class has fewer than five folders they part pictures.
    public var holdsOutSources: Bool
    /// Pictures that could not be decoded, with why.
    public var unread: [(path: String, reason: String)]
    /// How many were too small, too flat or too compressed to learn from.
    public var unfit: Int
  }

  /// - Parameter folder: holds the folders `ai` and `real`; the folder that holds a picture names its source.
  /// - Throws: `DetectorError` where one of the two is missing or empty.
  public init(folder: String, base: Detector) throws(DetectorError) {
    pictures = try EvaluationSet(folder: URL(filePath: folder))
    name = "the pictures of \(URL(filePath: folder).lastPathComponent), each held out once"
    self.base = base
  }

  /// What is done to every picture: as found, and as sites show it.
  private static let launderings: [Laundering] = [.none, .web]

  /// - Parameter progress: gets the number of pictures looked at, from any thread.
  /// - Throws: `DetectorError` `detector.calibration` for fewer than 20 pictures of a class.
  public func run(progress: @escaping @Sendable (Int) -> Void = { _ in }) throws -> Outcome {
    let done = Mutex(0)
    let faults = Mutex<[(path: String, reason: String)]>([])
    let views = try pictures.pictures.mapConcurrently { picture, _ in
      defer {
        progress(
          done.withLock {
            $0 += 1
            return $0
          })
      }
      do {
        return try examples(of: picture)
      } catch {
        let reason = (error as? any DiagnosableError)?.message ?? "\(error)"
        faults.withLock { $0.append((picture.path, reason)) }
        return []
      }
    }
    let unread = faults.withLock { $0 }
    let kept = zip(pictures.pictures, views).filter { !$0.1.isEmpty }
    let adaptation = try DetectorAdaptation(base, examples: kept.flatMap(\.1))
    let (detector, held) = try adaptation.run()
    var outcome = Outcome(
      weights: try detector.encoded(), after: DetectorEvaluation(set: name, card: detector.card),
      before: DetectorEvaluation(set: name, card: base.card), holdsOutSources: adaptation.holdsOutSources,
      unread: unread.sorted { $0.path < $1.path }, unfit: pictures.pictures.count - kept.count - unread.count)
    for (place, kind) in Self.launderings.enumerated() {
      let judged = stride(from: place, to: held.count, by: Self.launderings.count).map { held[$0] }
      outcome.before.add(
        kind.rawValue, pictures: kept.map(\.0),
        scores: judged.map { .init($0.before, by: base.card.calibration) })
      outcome.after.add(
        kind.rawValue, pictures: kept.map(\.0),
        scores: judged.map { .init($0.scores, by: $0.calibration) })
    }
    return outcome
  }

  /// A picture's views; none where it is not judged.
  private func examples(of picture: EvaluationSet.Picture) throws -> [DetectorAdaptation.Example] {
    let decoded = try ImageFile(path: picture.path).decode()
    var examples: [DetectorAdaptation.Example] = []
    for (place, kind) in Self.launderings.enumerated() {
      let (image, quality) = try kind.apply(to: decoded)
      let luminance = image.luminance()
      // A picture counts in every condition or in none.
      guard Detector.unfitness(of: image, luminance: luminance, quality: quality) == nil else { return [] }
      let features = base.features(of: image, luminance: luminance)
      let longSide = max(image.width, image.height)
      guard case .opinion = base.outcome(features, longSide: longSide, quality: quality) else { return [] }
      examples.append(
        DetectorAdaptation.Example(
          features: features, isGenerated: picture.isGenerated, source: picture.source, kind: picture.kind,
          condition: place, longSide: longSide, quality: quality))
    }
    return examples
  }
}
