/// One convention by which files declare their origin: a function from the fields of a file to signs.
///
/// Each rule stands in a file of `Rules/`, with what it looks for, how strong that is and where the
/// convention is described.
public struct ProvenanceRule: Sendable {
  /// A stable name, dotted: `comfyui`, `iptc.digitalSourceType`.
  public let id: String
  /// Whose convention it is, for people.
  public let title: String
  let examine: @Sendable (MetadataFields) -> [ProvenanceSign]

  init(_ id: String, _ title: String, examine: @escaping @Sendable (MetadataFields) -> [ProvenanceSign]) {
    self.id = id
    self.title = title
    self.examine = examine
  }

  /// The signs that this rule finds, in field order.
  public func signs(in fields: MetadataFields) -> [ProvenanceSign] { examine(fields) }

  /// All rules; the order is that of reports.
  public static let all: [ProvenanceRule] = [
    .digitalSourceType, .iptcAIFields, .aigcLabel,
    .stableDiffusionWebUI, .webUIExtras, .comfyUI, .invokeAI, .invokeAILegacy, .novelAI, .fooocus,
    .drawThings,
    .swarmUI, .easyDiffusion, .tensorArt, .mochiDiffusion,
    .midjourney, .openAILabs, .grok, .byteDance, .creditLines, .samsung, .huggingFaceJob,
    .generationSettings, .aiGeneratedFlag, .stealthText, .producerNames, .facebook, .camera,
  ]
}
