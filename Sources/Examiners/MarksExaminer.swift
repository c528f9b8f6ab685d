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
    func known(_ values: [String]) -> [String]? { values.isEmpty ? nil : Self.unique(values) }
    var marks = Evidence.Detail.Marks()
    marks.digitalSourceTypes = known(types)
    marks.credits = known(credits.filter { !$0.isEmpty })
    marks.systems = known(values(XMPNamespace.iptcExtension, "AISystemUsed"))
    marks.systemVersions = known(values(XMPNamespace.iptcExtension, "AISystemVersionUsed"))
    marks.permissions = known(TrainingPermissions.statements(in: metadata))
    let names = Evidence.Detail.marks(marks).fields.keys.sorted()
    return Findings(evidence: [
      Evidence(
        method: Self.method, class: .context, result: names.isEmpty ? .absent : .found,
        strength: names.isEmpty ? nil : .weak,
        summary: names.isEmpty
          ? "no source type, credit line, AI system or training permission in the metadata"
          : "the metadata state \(names.joined(separator: ", "))",
        detail: names.isEmpty ? .none : .marks(marks))
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
