import Audits
import ImageFormats
import Images
import Reports
import Scanning
import Synchronization

/// Pictures of the files that need attention most, made while each is under examination.
///
/// Which files these are is known at the end only; until then each is drawn that is among the most urgent so far. So
/// none of the final ones is missed, and no more than a few others are drawn in vain.
final class PictureShelf: Sendable {
  /// The longest side of a picture in a report.
  private static let side = 160

  let scanner: FileScanner
  private let limit: Int
  private let judge: @Sendable (ScanResult) -> EarlyJudgements
  private let kept = Mutex<[FilePath: (urgency: Int, pictures: [ReportPicture])]>([:])

  /// - Parameter judge: what the rules say of a file with this result.
  init(limit: Int, scanner: FileScanner, judge: @escaping @Sendable (ScanResult) -> EarlyJudgements) {
    self.limit = limit
    self.scanner = scanner
    self.judge = judge
  }

  /// Draws the file if it is among the most urgent.
  ///
  /// - Returns: what it was judged by; nil where no pictures are wanted.
  func offer(_ result: ScanResult, _ examination: Examination, path: FilePath) -> EarlyJudgements? {
    guard limit > 0 else { return nil }
    let early = judge(result)
    if let urgency = early.urgency { keep(urgency, result, examination, path: path) }
    return early
  }

  private func keep(_ urgency: Int, _ result: ScanResult, _ examination: Examination, path: FilePath) {
    // Equal ones are told apart by the files' order, which workers do not keep: they are kept too.
    let isWanted = kept.withLock { kept in
      kept.count < limit || kept.values.count { $0.urgency > urgency } < limit
    }
    guard isWanted, let pictures = draw(result, examination) else { return }
    kept.withLock { kept in
      kept[path] = (urgency, pictures)
      guard kept.count > 4 * limit else { return }
      // What has `limit` more urgent ones before it can never be wanted again.
      let bound = kept.values.map(\.urgency).sorted(by: >)[limit - 1]
      kept = kept.filter { $0.value.urgency >= bound }
    }
  }

  func pictures(of path: FilePath) -> [ReportPicture]? { kept.withLock { $0[path]?.pictures } }

  /// Thumbnail and spectrum, and the detector's heat map where the outcome rests on the detector alone: a map is made of 49
  /// judgements, costs as much as scanning a dozen pictures, and explains nothing that stands on other signs. Nil for what
  /// cannot be decoded.
  ///
  /// - Parameter result: what the examination found, now or before.
  func draw(_ result: ScanResult, _ examination: Examination) -> [ReportPicture]? {
    guard let decoded = try? examination.decoded() else { return nil }
    var pictures = [Self.picture(.thumbnail, decoded.image.oriented(decoded.orientation))]
    let kinds: Set<Drawing.Kind> =
      result.outcome == .aiIndicated ? [.spectrum, .heatmap] : [.spectrum]
    for drawing in scanner.drawings(kinds, of: examination) {
      let kind = drawing.kind == .spectrum ? ReportPicture.Kind.spectrum : .heatmap
      pictures.append(Self.picture(kind, drawing.image))
    }
    return pictures.compactMap { $0 }
  }

  private static func picture(_ kind: ReportPicture.Kind, _ image: Image) -> ReportPicture? {
    let scale = min(1, Double(side) / Double(max(image.width, image.height)))
    let small = image.resized(
      width: max(1, Int((Double(image.width) * scale).rounded())),
      height: max(1, Int((Double(image.height) * scale).rounded())), filter: .bilinear)
    guard let bytes = try? ImageEncoder.jpeg(small, quality: 75) else { return nil }
    return ReportPicture(kind: kind, width: small.width, height: small.height, bytes: bytes)
  }
}
