import Diagnostics
public import ImageFormats
import Images

/// Examines files, one at a time; ``ScanQueue`` does many at once.
///
/// A scan never fails: what could not be read is in the result. Metadata of a file whose pixels are damaged
/// still counts, so a result may hold both an outcome and an error.
public struct FileScanner: Sendable {
  public let examiners: [any Examiner]
  public let limits: ReadLimits
  public let wishes: Set<Drawing.Kind>

  /// - Parameters:
  ///   - examiners: asked in this order; their evidence is reported in it.
  ///   - limits: what one file may cost.
  ///   - wishes: drawings to make.
  public init(examiners: [any Examiner], limits: ReadLimits = .standard, wishes: Set<Drawing.Kind> = []) {
    self.examiners = examiners
    self.limits = limits
    self.wishes = wishes
  }

  /// A result and what was drawn for it.
  public struct Scan: Sendable {
    public var result: ScanResult
    public var drawings: [Drawing] = []
  }

  /// Reads and examines a file.
  public func scan(_ path: FilePath) -> Scan { examine(path).scan }

  /// As ``scan(_:)``, with the examination, of which more may be asked; nil where the file could not be read.
  public func examine(_ path: FilePath) -> (scan: Scan, examination: Examination?) {
    do throws(ImageFormatError) {
      let (scan, examination) = examine(try ImageFile(path: path, limits: limits))
      return (scan, examination)
    } catch {
      let failure = ScanResult.Failure(error)
      return (Scan(result: ScanResult(file: path.display, outcome: .unreadable, error: failure)), nil)
    }
  }

  /// Draws what explains the findings of a file that was examined; what cannot be drawn is left out.
  public func drawings(_ kinds: Set<Drawing.Kind>, of examination: Examination) -> [Drawing] {
    examiners.flatMap { (try? $0.drawings(kinds, of: examination)) ?? [] }
  }

  /// Examines a file in memory.
  ///
  /// - Parameter digest: SHA-256 of its bytes in hexadecimal digits, where the caller has it already.
  public func scan(_ file: ImageFile, digest: String? = nil) -> Scan { examine(file, digest: digest).scan }

  /// What these examiners find beside what others found in the same file; nothing is read or decoded again.
  ///
  /// - Parameters:
  ///   - scan: theirs; its verdict stays, unless nothing was found and these cannot read the file.
  ///   - examination: of the file, as they left it.
  public func examine(_ examination: Examination, beside scan: Scan) -> Scan {
    guard examination.file.format != nil else { return scan }
    var all = scan
    _ = ask(examination, &all)
    if all.result.error != nil, [.noIndication, .inconclusive].contains(all.result.outcome) {
      all.result.outcome = .unreadable
    }
    return all
  }

  /// As ``scan(_:digest:)``, with the examination, of which more may be asked.
  public func examine(_ file: ImageFile, digest: String? = nil) -> (scan: Scan, examination: Examination) {
    let examination = Examination(file, wishes: wishes)
    var result = ScanResult(
      file: file.path?.display ?? "-", sha256: digest ?? file.sha256,
      format: file.format?.rawValue ?? file.unreadKind?.rawValue, outcome: .unreadable)
    do throws(ImageFormatError) {
      let header = try file.header()
      result.width = header.width
      result.height = header.height
    } catch {
      result.error = ScanResult.Failure(error)
      // Without a format there is nothing to examine; with one, the metadata may still be readable.
      if file.format == nil { return (Scan(result: result), examination) }
    }
    if file.extensionMatches == false, let format = file.format {
      result.warnings.append("the content is \(format.rawValue), which the name's extension does not say")
    }
    return (examine(examination, result), examination)
  }

  private func examine(_ examination: Examination, _ start: ScanResult) -> Scan {
    var scan = Scan(result: start)
    let abstained = ask(examination, &scan)
    if let container = try? examination.container() {
      for fault in container.warnings {
        // A file that ends early, or whose parts do not fit into it, was not examined whole.
        if scan.result.error == nil, fault.code.hasSuffix(".truncated") || fault.code.hasSuffix(".length") {
          scan.result.error = ScanResult.Failure(fault)
        } else if scan.result.error?.code != fault.code {
          scan.result.warnings.append(fault.message)
        }
      }
    }
    if case .success(let decoded)? = examination.decodingResult {
      scan.result.pixelSha256 = examination.pixelSha256
      scan.result.warnings += decoded.warnings
      if let reduction = decoded.reduction { scan.result.warnings.append(reduction.sentence) }
    }
    let outcome = Verdict.outcome(of: scan.result.evidence, abstained: abstained)
    let says = outcome != .noIndication && outcome != .inconclusive
    scan.result.outcome = scan.result.error == nil || says ? outcome : .unreadable
    return scan
  }

  /// Asks each examiner, and adds what it found.
  ///
  /// - Returns: whether one of them abstained.
  private func ask(_ examination: Examination, _ scan: inout Scan) -> Bool {
    var abstained = false
    for examiner in examiners {
      do {
        var findings = try examiner.examine(examination)
        findings.tell(of: examination.decodingResult.flatMap { try? $0.get() }?.reduction, examiner.kind)
        scan.result.evidence += findings.evidence
        scan.result.aiProbability = findings.aiProbability ?? scan.result.aiProbability
        scan.result.warnings += findings.warnings
        scan.drawings += findings.drawings
        abstained = abstained || findings.abstained
      } catch {
        let failure = Self.failure(error)
        if scan.result.error == nil { scan.result.error = failure }
        scan.result.evidence.append(
          Evidence(
            method: examiner.kind.rawValue, class: Self.class(of: examiner.kind), result: .notEvaluated,
            summary: "not evaluated", reason: failure.message))
      }
    }
    return abstained
  }

  private static func failure(_ error: any Error) -> ScanResult.Failure {
    if let error = error as? any DiagnosableError { return ScanResult.Failure(error) }
    return ScanResult.Failure(
      code: "scan.internal", message: String(describing: error), remedy: "report this as a bug")
  }

  private static func `class`(of kind: ExaminerKind) -> Evidence.Class {
    switch kind {
    case .provenance: .declared
    case .watermark: .watermark
    case .spectra, .detector: .statistical
    }
  }
}

extension Findings {
  /// Methods that look at fine structure, which reduction wipes out: they are given a picture's first rows.
  private static let fine = ["watermark.", "spectra"]

  /// Says of each finding what it was made of, where that was not the whole picture, and places it in the picture.
  fileprivate mutating func tell(of reduction: Reduction?, _ kind: ExaminerKind) {
    guard let reduction, kind != .provenance else { return }
    for index in evidence.indices {
      let isFine = Self.fine.contains { evidence[index].method.hasPrefix($0) }
      evidence[index].reason =
        [evidence[index].reason, isFine ? reduction.rowsClause : reduction.sizeClause].compactMap(\.self)
        .joined(separator: "; ")
      guard !isFine, let region = evidence[index].location?.region else { continue }
      evidence[index].location?.region = PixelRegion(
        x: region.x * reduction.factor, y: region.y * reduction.factor,
        width: region.width * reduction.factor, height: region.height * reduction.factor)
    }
  }
}

extension Reduction {
  fileprivate var rowsClause: String {
    "looked at in the first \(firstRows.height) of \(height) rows, as the picture is too large to be held"
  }

  fileprivate var sizeClause: String {
    "looked at reduced to \(width / factor)×\(height / factor), as the picture is too large to be held"
  }

  fileprivate var sentence: String {
    "the picture has \(width * height / 1_000_000) megapixels: it was looked at reduced to "
      + "\(width / factor)×\(height / factor) pixels, and marks and spectra in its first \(firstRows.height) rows"
  }
}
