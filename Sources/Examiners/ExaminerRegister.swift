public import ContentCredentials
public import Fingerprints
public import Scanning

/// Every examiner that there is; a new one is entered here, and everything that examines files has it.
public enum ExaminerRegister {
  /// Those of a scan, in the order of reports.
  ///
  /// - Parameters:
  ///   - kinds: what is looked at.
  ///   - trust: whose signatures count.
  ///   - fingerprints: looked for beside those that ship; none has the name of another.
  ///   - detector: the one that judges pixels.
  public static func scan(
    _ kinds: Set<ExaminerKind> = Set(ExaminerKind.allCases), trust: TrustSettings = TrustSettings(),
    fingerprints: [Fingerprint] = [], detector: DetectorExaminer = DetectorExaminer()
  ) -> [any Examiner] {
    let all: [any Examiner] = [
      ProvenanceExaminer(), CredentialsExaminer(trust: trust), WatermarkExaminer(),
      FingerprintExaminer(
        beside: fingerprints, detector: kinds.contains(.detector) ? detector : nil),
      VisibleMarkExaminer(),
      SpectraExaminer(),
      detector,
    ]
    return all.filter { kinds.contains($0.kind) }
  }

  /// Those of an audit: a scan's, and what rules ask for beside it.
  public static func audit(
    trust: TrustSettings = TrustSettings(), fingerprints: [Fingerprint] = [],
    detector: DetectorExaminer = DetectorExaminer()
  ) -> [any Examiner] {
    scan(trust: trust, fingerprints: fingerprints, detector: detector) + forRules
  }

  /// What rules ask for beside a scan.
  public static var forRules: [any Examiner] {
    [ContainerExaminer(), MarksExaminer(), LabelExaminer(), PersonalDataExaminer(), PerceptualHashExaminer()]
  }
}
