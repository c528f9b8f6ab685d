import Audits
import Diagnostics
import Fingerprints
import Foundation
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
  /// Keeps what is drawn, so that an audit which goes on draws only what is new.
  private let ledger: Ledger?
  private let judge: @Sendable (ScanResult) -> EarlyJudgements
  private let kept = Mutex<[FilePath: (urgency: Int, pictures: [ReportPicture])]>([:])

  /// What draws, as the ledger keeps it: drawings of another version, model or fingerprints are made anew.
  private let maker: String

  /// - Parameters:
  ///   - fingerprints: of the user's own, whose maps are drawn too.
  ///   - judge: what the rules say of a file with this result.
  init(
    limit: Int, scanner: FileScanner, ledger: Ledger? = nil, fingerprints: [Fingerprint] = [],
    judge: @escaping @Sendable (ScanResult) -> EarlyJudgements
  ) {
    self.limit = limit
    self.ledger = ledger
    self.scanner = scanner
    maker = "assay \(assayVersion) drawings 2, \(KnownResults.model(fingerprints))"
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
    keep(pictures, of: result.sha256)
    kept.withLock { kept in
      kept[path] = (urgency, pictures)
      guard kept.count > 4 * limit else { return }
      // What has `limit` more urgent ones before it can never be wanted again.
      let bound = kept.values.map(\.urgency).sorted(by: >)[limit - 1]
      kept = kept.filter { $0.value.urgency >= bound }
    }
  }

  /// What was drawn of a file in this run, or in an earlier one that the ledger knows of.
  func pictures(of path: FilePath, sha256: String? = nil) -> [ReportPicture]? {
    if let made = kept.withLock({ $0[path]?.pictures }) { return made }
    guard let ledger, let sha256, let drawings = try? ledger.drawings(of: sha256, by: maker),
      !drawings.isEmpty
    else { return nil }
    let pictures = drawings.compactMap { drawing in
      ReportPicture.Kind(rawValue: drawing.kind).map {
        ReportPicture(kind: $0, width: drawing.width, height: drawing.height, bytes: [UInt8](drawing.bytes))
      }
    }
    return pictures.count == drawings.count ? pictures : nil
  }

  /// A ledger that cannot take them costs time at the next run, no result.
  func keep(_ pictures: [ReportPicture], of sha256: String?) {
    guard let ledger, let sha256 else { return }
    try? ledger.keep(
      pictures.map {
        Ledger.Drawing(kind: $0.kind.rawValue, width: $0.width, height: $0.height, bytes: Data($0.bytes))
      }, of: sha256, by: maker)
  }

  /// Thumbnail and spectrum; the detector's heat map where the outcome rests on the detector alone, as a map is of 49
  /// judgements, costs as much as scanning a dozen pictures, and explains nothing that stands on other signs; and where a
  /// fingerprint is. Nil for what cannot be decoded.
  ///
  /// - Parameter result: what the examination found, now or before.
  func draw(_ result: ScanResult, _ examination: Examination) -> [ReportPicture]? {
    guard let decoded = try? examination.decoded() else { return nil }
    var pictures = [Self.picture(.thumbnail, decoded.image.oriented(decoded.orientation))]
    var wanted: Set<Drawing.Kind> = [.spectrum]
    if result.outcome == .aiIndicated { wanted.insert(.heatmap) }
    if result.evidence.contains(where: { $0.result == .found && $0.method.hasPrefix("fingerprint.") }) {
      wanted.insert(.fingerprint)
    }
    for drawing in scanner.drawings(wanted, of: examination) {
      let kind: ReportPicture.Kind =
        switch drawing.kind {
        case .spectrum: .spectrum
        case .heatmap: .heatmap
        case .fingerprint: .fingerprint
        }
      pictures.append(Self.picture(kind, drawing.image))
    }
    return pictures.compactMap { $0 }
  }

  private static func picture(_ kind: ReportPicture.Kind, _ image: Image) -> ReportPicture? {
    let small = image.reduced(toLongestSide: Double(side), filter: .bilinear)
    guard let bytes = try? ImageEncoder.jpeg(small, quality: 75) else { return nil }
    return ReportPicture(kind: kind, width: small.width, height: small.height, bytes: bytes)
  }
}
