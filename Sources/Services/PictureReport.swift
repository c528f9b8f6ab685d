public import Audits
public import ContentCredentials
import Examiners
public import Fingerprints
public import ImageFormats
public import Reports
import Scanning

/// A report on pictures in memory: what an audit of a folder with nothing else in it gives.
public struct PictureReport: Sendable {
  public var packs: [RulePack]
  public var header: ReportHeader
  public var text: ReportText
  private let scanner: FileScanner

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
    let examiners =
      judges.map {
        ExaminerRegister.audit(trust: trust, fingerprints: fingerprints, detector: $0.own) + $0.foreign
      } ?? ExaminerRegister.audit(trust: trust, fingerprints: fingerprints)
    scanner = FileScanner(examiners: examiners, limits: limits)
  }

  /// Examines, judges and draws on this thread.
  ///
  /// Every picture is drawn, whether a rule complains about it or not: it is what the report is about.
  public func report(on files: [ImageFile]) -> Report {
    var auditor = Auditor(packs: packs, report: ReportBasis.facts(header))
    let shelf = PictureShelf(limit: files.count, scanner: scanner, judge: auditor.judge)
    var pictures: [String: [ReportPicture]] = [:]
    for file in files {
      let (scan, examination) = scanner.examine(file)
      auditor.add(scan.result)
      pictures[scan.result.file] = shelf.draw(scan.result, examination)
    }
    var report = Report(auditor.finish(), header: header, text: text)
    report.pictures = pictures
    return report
  }
}
