public import Audits
public import ContentCredentials
import Examiners
public import Fingerprints
public import ImageFormats
public import Reports
public import Scanning

/// A report on pictures in memory: what an audit of a folder with nothing else in it gives.
public struct PictureReport: Sendable {
  public var packs: [RulePack]
  public var header: ReportHeader
  public var text: ReportText
  private let scanner: FileScanner
  /// What rules ask for beside a scan.
  private let beside: FileScanner

  /// - Parameters:
  ///   - detector: whoever judges pixels.
  ///   - fingerprints: looked for beside those that ship.
  public init(
    packs: [RulePack], header: ReportHeader, text: ReportText, trust: TrustSettings,
    fingerprints: [Fingerprint] = [], detector: ChosenDetectors? = nil, limits: ReadLimits = .standard
  ) {
    self.packs = packs
    self.header = header
    self.text = text
    let judges = detector?.examiners()
    let own = judges?.own ?? DetectorExaminer()
    scanner = FileScanner(
      examiners: ExaminerRegister.scan(trust: trust, fingerprints: fingerprints, detector: own)
        + (judges?.foreign ?? []), limits: limits)
    beside = FileScanner(examiners: ExaminerRegister.forRules, limits: limits)
  }

  /// A report that is made picture by picture.
  public struct Making: Sendable {
    private let maker: PictureReport
    private var auditor: Auditor
    private let shelf: PictureShelf
    private var pictures: [String: [ReportPicture]] = [:]

    fileprivate init(_ maker: PictureReport) {
      self.maker = maker
      auditor = Auditor(packs: maker.packs, report: ReportBasis.facts(maker.header))
      // Nothing is chosen: what is asked for is drawn.
      shelf = PictureShelf(limit: 0, scanner: maker.scanner, judge: auditor.judge)
    }

    /// Examines, judges and draws a picture on this thread.
    ///
    /// It is drawn, whether a rule complains about it or not: it is what the report is about.
    ///
    /// - Returns: what a scan says of it, and the examination, of which more may be asked: nothing needs to be examined twice.
    @discardableResult
    public mutating func add(_ file: ImageFile) -> (scan: FileScanner.Scan, examination: Examination) {
      let (scan, examination) = maker.scanner.examine(file)
      let all = maker.beside.examine(examination, beside: scan)
      auditor.add(all.result)
      pictures[all.result.file] = shelf.draw(all.result, examination)
      return (scan, examination)
    }

    /// The report on the pictures so far.
    public func finish() -> Report {
      var report = Report(auditor.finish(), header: maker.header, text: maker.text)
      report.pictures = pictures
      return report
    }
  }

  public func begin() -> Making { Making(self) }

  /// Examines, judges and draws on this thread.
  public func report(on files: [ImageFile]) -> Report {
    var making = begin()
    for file in files { making.add(file) }
    return making.finish()
  }
}
