import ImageFormats
public import Scanning

/// Writes down the marks that metadata carry word by word, as rules compare them: an IPTC source type that says
/// nothing of AI still contradicts credentials, and a credit line can be lost.
public struct MarksExaminer: Examiner {
  public let kind = ExaminerKind.provenance
  package static let method = "marks.metadata"

  public init() {}

  public func examine(_ examination: Examination) throws -> Findings {
    let metadata = try examination.metadata()
    func values(_ namespace: String, _ name: String) -> [String] {
      metadata.xmpValues(namespace: namespace, name: name).map(Self.plain).filter { !$0.isEmpty }
    }
    let types = values(XMPNamespace.iptcExtension, "DigitalSourceType").map {
      // The last path part, whole: `compositeWithTrainedAlgorithmicMedia` holds another term.
      $0.split(separator: "/").last.map(String.init) ?? $0
    }
    var credits = values(XMPNamespace.photoshop, "Credit")
    // Credit (IPTC-IIM 4.2, 2:110).
    credits += metadata.iptc.filter { $0.record == 2 && $0.dataset == 110 }.map { Self.plain($0.text) }
    let found: [(key: String, values: [String])] = [
      ("digitalSourceTypes", types), ("credits", credits.filter { !$0.isEmpty }),
      ("systems", values(XMPNamespace.iptcExtension, "AISystemUsed")),
      ("systemVersions", values(XMPNamespace.iptcExtension, "AISystemVersionUsed")),
      ("permissions", TrainingPermissions.statements(in: metadata)),
    ]
    var detail: [String: DetailValue] = [:]
    for entry in found where !entry.values.isEmpty {
      detail[entry.key] = .array(Self.unique(entry.values).map { .string($0) })
    }
    return Findings(evidence: [
      Evidence(
        method: Self.method, class: .context, result: detail.isEmpty ? .absent : .found,
        strength: detail.isEmpty ? nil : .weak,
        summary: detail.isEmpty
          ? "no source type, credit line, AI system or training permission in the metadata"
          : "the metadata state \(detail.keys.sorted().joined(separator: ", "))",
        detail: detail)
    ])
  }

  /// At most 200 characters of a value, without blanks around it.
  package static func plain(_ text: String) -> String {
    String(text.drop { $0.isWhitespace }.prefix(200)).trimmingSuffix { $0.isWhitespace }
  }

  package static func unique(_ items: [String]) -> [String] {
    var seen = Set<String>()
    return items.filter { seen.insert($0).inserted }
  }
}

extension String {
  fileprivate func trimmingSuffix(_ isCut: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, isCut(last) { text.removeLast() }
    return String(text)
  }
}
