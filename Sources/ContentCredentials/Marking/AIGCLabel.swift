/// China's implicit label for AI-generated content: seven text fields in the file's metadata.
///
/// Source: GB 45438-2025 annex E; TC260-PG-20259A.
public struct AIGCLabel: Sendable, Hashable {
  /// How sure the one who labels is.
  public enum Certainty: String, Sendable, CaseIterable {
    case isGenerated = "1"
    case possibly = "2"
    case suspected = "3"
  }

  public var certainty = Certainty.isGenerated
  /// Name or code of who made the content.
  public var contentProducer: String
  /// The producer's own number of the content.
  public var produceID: String
  /// For the producer's own protection, such as a hash.
  public var reservedCode1 = ""
  /// Name or code of who spread it.
  public var contentPropagator = ""
  public var propagateID = ""
  public var reservedCode2 = ""

  public init(contentProducer: String, produceID: String) {
    self.contentProducer = contentProducer
    self.produceID = produceID
  }

  /// The inner object, as TC260's XMP property holds it.
  ///
  /// - Throws: ``CredentialError`` `marking.label` for control characters, quotation marks, backslashes and
  ///   values of more than 1024 bytes: readers differ in how they take escapes.
  package func json() throws(CredentialError) -> String {
    let fields = [
      ("Label", certainty.rawValue), ("ContentProducer", contentProducer), ("ProduceID", produceID),
      ("ReservedCode1", reservedCode1), ("ContentPropagator", contentPropagator),
      ("PropagateID", propagateID), ("ReservedCode2", reservedCode2),
    ]
    for (name, value) in fields {
      let isPlain = value.unicodeScalars.allSatisfy {
        $0 != "\"" && $0 != "\\" && $0.properties.generalCategory != .control
      }
      guard isPlain, value.utf8.count <= 1024 else {
        throw CredentialError(
          "marking.label", "the label's field \(name) cannot be written",
          remedy: "leave out quotation marks, backslashes and control characters; at most 1024 bytes")
      }
    }
    return "{" + fields.map { "\"\($0.0)\":\"\($0.1)\"" }.joined(separator: ",") + "}"
  }
}
