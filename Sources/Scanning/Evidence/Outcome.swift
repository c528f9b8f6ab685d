/// The answer for one file. There is no "real": absence of signs proves nothing.
public enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
  /// A trusted signature says that a generative model made the picture.
  case aiGeneratedVerified
  /// A trusted signature says that a generative model changed it.
  case aiEditedVerified
  /// Something was signed, and the file or the signed statement is not as it was.
  case altered
  /// The file declares AI; nobody vouches for the statement.
  case aiDeclared
  /// A known generator's mark, written on purpose or left by habit, is in the pixels.
  case aiWatermarked
  /// Measurements point to AI, with a stated error rate.
  case aiIndicated
  /// A trusted signature says that a camera captured it.
  case captureVerified
  /// Nothing was found by what was looked at.
  case noIndication
  /// The detector abstains, and nothing else speaks for AI.
  case inconclusive
  /// Signs that exclude each other.
  case conflicting
  /// The file could not be read.
  case unreadable

  /// The verdict in a sentence.
  public var sentence: String {
    switch self {
    case .aiGeneratedVerified: "AI-generated: a trusted signature says so"
    case .aiEditedVerified: "Edited with AI: a trusted signature says so"
    case .altered: "Altered: signed, and not any more as it was signed"
    case .aiDeclared: "The file declares AI origin; nobody vouches for it"
    case .aiWatermarked: "A known generator's mark is in the pixels"
    case .aiIndicated: "Measurements indicate AI origin"
    case .captureVerified: "Captured by a camera: a trusted signature says so"
    case .noIndication: "No indication of AI was found by what was looked at, which proves nothing"
    case .inconclusive: "Inconclusive: the detector abstains, and nothing else speaks for AI"
    case .conflicting: "Conflicting: its signs exclude each other"
    case .unreadable: "The file could not be read"
    }
  }
  /// What it says in half a sentence behind a verdict that outranks it; nil for those that are never outranked.
  public var clause: String? {
    switch self {
    case .aiDeclared: "it declares AI origin"
    case .aiWatermarked: "a known generator's mark is in the pixels"
    case .aiIndicated: "measurements indicate AI origin"
    case .conflicting: "its other signs exclude each other"
    case .aiGeneratedVerified, .aiEditedVerified, .altered, .captureVerified, .noIndication, .inconclusive,
      .unreadable:
      nil
    }
  }

  /// Whether it says that AI made or changed the picture, on whatever grounds.
  public var saysAI: Bool {
    switch self {
    case .aiGeneratedVerified, .aiEditedVerified, .aiDeclared, .aiWatermarked, .aiIndicated: true
    case .altered, .captureVerified, .noIndication, .inconclusive, .conflicting, .unreadable: false
    }
  }
}
