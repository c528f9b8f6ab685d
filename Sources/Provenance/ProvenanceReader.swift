public import ImageFormats
public import Images

/// Reads all signs of origin that a file carries, apart from Content Credentials.
public enum ProvenanceReader {
  /// - Parameters:
  ///   - file: the file.
  ///   - container: its parts.
  ///   - metadata: its metadata.
  ///   - image: decodes the pixels; called only when they may hold hidden text, or a signature has to be
  ///     checked against them.
  /// - Returns: the signs, in the order of ``ProvenanceRule/all``; empty if the file says nothing.
  public static func signs(
    in file: ImageFile, container: ContainerMap, metadata: ImageMetadata, image: () throws -> Image
  ) -> [ProvenanceSign] {
    var hidden: [MetadataField] = []
    if StealthText.isPossible(file, container), let image = try? image(),
      let field = StealthText.field(in: image, limit: file.limits.maxTextBytes)
    {
      hidden.append(field)
    }
    let fields = MetadataFields(file: file, container: container, metadata: metadata, hidden: hidden)
    return signs(in: fields) + signatures(in: fields, image: image)
  }

  /// The signs in fields that were gathered before, without checking signatures.
  public static func signs(in fields: MetadataFields) -> [ProvenanceSign] {
    let signs = ProvenanceRule.all.flatMap { $0.signs(in: fields) }
    // A name that a rule of its own has read already is not reported twice.
    let read = Set(signs.filter { $0.rule != "producer" }.map(\.place))
    // Settings without a program say no more than the rule that knows who wrote them.
    let isNamed = signs.contains {
      $0.origin == .generated && $0.generator != nil
        && !["producer", "tc260.aigc", "iptc.aiFields"].contains($0.rule)
    }
    return signs.filter { sign in
      switch sign.rule {
      case "producer": !read.contains(sign.place)
      case "settings": sign.generator != nil || !isNamed
      default: true
      }
    }
  }

  /// NovelAI's signatures, checked.
  private static func signatures(in fields: MetadataFields, image: () throws -> Image) -> [ProvenanceSign] {
    let signed = NovelAISignature.comments(in: fields).filter { $0.json.names.contains("signed_hash") }
    // One that is no signature is not worth decoding for.
    guard !signed.isEmpty else { return [] }
    return signed.compactMap { field, comment in
      guard NovelAISignature.isWellFormed(comment) else {
        return sign(field, .malformed)
      }
      // A file whose pixels cannot be decoded keeps its declaration; the signature stays unchecked.
      guard let image = try? image(), let verdict = NovelAISignature.check(comment: comment, image: image)
      else {
        return nil
      }
      return sign(field, verdict)
    }
  }

  private static func sign(_ field: MetadataField, _ verdict: NovelAISignature.Verdict) -> ProvenanceSign {
    switch verdict {
    case .valid:
      ProvenanceSign(
        rule: "novelai.signature", standing: .verified, strength: .strong, origin: .generated,
        generator: "NovelAI",
        summary: "NovelAI's signature over the pixels and the comment is valid", place: field.place)
    case .invalid:
      ProvenanceSign(
        rule: "novelai.signature", standing: .context, strength: .weak, origin: nil, generator: "NovelAI",
        summary: "a signature in NovelAI's form does not fit the pixels and the comment", place: field.place,
        reason: "the picture was changed after it was signed, or somebody else wrote it")
    case .malformed:
      ProvenanceSign(
        rule: "novelai.signature", standing: .context, strength: .weak, origin: nil, generator: "NovelAI",
        summary: "what stands for NovelAI's signature is none", place: field.place,
        reason: "it is not 64 bytes of base64")
    }
  }
}
