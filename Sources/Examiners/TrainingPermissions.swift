import ImageFormats

/// What a file's metadata say about training and data mining, in one vocabulary.
///
/// Read are PLUS `DataMining` (IPTC 2023.1), the W3C's TDM reservation, and the opt-out words that picture sites
/// write into keywords (`noai`, `noimageai`). What credentials say of it is read with the credentials.
public enum TrainingPermissions {
  private static let plus = "http://ns.useplus.org/ldf/xmp/1.0/"
  private static let tdm = "http://www.w3.org/ns/tdmrep/"

  /// `plus:DataMining=prohibited`, `tdm:reservation=prohibited`, `keyword:noai=prohibited` and alike, once each;
  /// a value that says nothing (`DMI-UNSPECIFIED`) is left out.
  static func statements(in metadata: ImageMetadata) -> [String] {
    func values(_ namespace: String, _ name: String) -> [String] {
      metadata.xmpValues(namespace: namespace, name: name).map(MarksExaminer.plain)
    }
    var statements: [String] = []
    for value in values(plus, "DataMining") {
      let term = value.split(separator: "/").last.map { $0.uppercased() } ?? ""
      if let use = dataMining[term] {
        statements.append("plus:DataMining=\(use)")
      } else if !term.isEmpty, term != "DMI-UNSPECIFIED" {
        statements.append("plus:DataMining=constrained")
      }
    }
    if !values(plus, "OtherConstraints").allSatisfy(\.isEmpty) {
      statements.append("plus:OtherConstraints=constrained")
    }
    // W3C TDM Reservation Protocol, 10 May 2024: 1 reserves the rights, 0 does not.
    for value in values(tdm, "reservation") where value == "1" || value == "0" {
      statements.append("tdm:reservation=\(value == "1" ? "prohibited" : "allowed")")
    }
    let keywords =
      values(XMPNamespace.dc, "subject")
      // Keywords (IPTC-IIM 4.2, 2:25).
      + metadata.iptc.filter { $0.record == 2 && $0.dataset == 25 }.map { MarksExaminer.plain($0.text) }
    for word in keywords.map({ $0.lowercased() }) where ["noai", "noimageai"].contains(word) {
      statements.append("keyword:\(word)=prohibited")
    }
    return MarksExaminer.unique(statements)
  }

  /// PLUS LDF, data mining vocabulary of 2023.
  private static let dataMining: [String: String] = [
    "DMI-ALLOWED": "allowed",
    "DMI-PROHIBITED": "prohibited",
    "DMI-PROHIBITED-AIMLTRAINING": "prohibited for training",
    "DMI-PROHIBITED-GENAIMLTRAINING": "prohibited for generative training",
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING": "prohibited but for search engines",
    "DMI-PROHIBITED-SEECONSTRAINT": "constrained",
    "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": "constrained",
    "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR": "constrained",
  ]
}
