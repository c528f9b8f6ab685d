public import Audits
public import ContentCredentials
import Crypto
import Detectors
import Diagnostics
import Foundation
public import Reports

/// What stands in every report on what it rests on, whichever program makes it.
public enum ReportBasis {
  /// What rules can ask of the report itself.
  public static func facts(_ header: ReportHeader) -> Facts {
    var facts = Facts(examined: ["report"])
    facts["report.toolVersion"] = .text(header.toolVersion)
    facts["report.rules"] = .flag(true)
    facts["report.clock"] = .text(header.clock)
    facts["report.network"] = .text("not used")
    let lists = header.references.filter { $0.kind == "trust list" }.map(\.name)
    if !lists.isEmpty { facts["report.trustList"] = .list(lists) }
    return facts
  }

  /// The lists and models that findings rest on.
  ///
  /// - Parameters:
  ///   - project: the path of a project manifest.
  ///   - detectors: whoever judged pixels; the shipped detector where nobody else was named.
  public static func references(
    _ trust: TrustSettings, project: String? = nil, detectors: ChosenDetectors? = nil
  ) -> [ReportHeader.Reference] {
    var references: [ReportHeader.Reference] = []
    for (kind, list) in [("trust list", trust.signers), ("time-stamp list", trust.timeStampers)]
    where list.count > 0 {
      references.append(
        .init(kind: kind, name: list.name, sha256: list.digest, note: "\(list.count) anchors"))
    }
    if let project, let data = FileManager.default.contents(atPath: project) {
      references.append(
        .init(kind: "project manifest", name: project, sha256: SHA256.hash(data: data).hexadecimal))
    }
    if let detector = detectors?.own ?? Detector.shipped {
      references.append(
        .init(
          kind: "model", name: detector.card.trainedBy, sha256: detector.digest,
          note: "\(detector.card.steps) steps"))
    }
    for model in detectors?.foreign ?? [] {
      references.append(.init(kind: "model", name: model.description.name, sha256: model.description.sha256))
    }
    return references
  }

  /// SHA-256 of the program that runs.
  public static let program: String? = {
    guard let program = Bundle.main.executableURL,
      let data = try? Data(contentsOf: program, options: .alwaysMapped)
    else { return nil }
    return SHA256.hash(data: data).hexadecimal
  }()
}
