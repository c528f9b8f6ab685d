/// Where a picture comes from.
public enum PictureOrigin: String, Sendable, Hashable, Codable, CaseIterable {
  /// A generative model made the whole picture.
  case generated
  /// A generative model made or changed a part of it.
  case edited
  /// A camera or scanner captured it.
  case captured
  /// A person made it with ordinary tools.
  case humanMade
}

/// IPTC's terms for how a picture came about, as XMP and Content Credentials state them.
///
/// Those that say nothing of AI, capture or a person's hand are left out: `algorithmicMedia` is drawn by a formula
/// without training data and `algorithmicallyEnhanced` adds nothing new, so that neither is generative AI.
///
/// Source: IPTC NewsCodes `digitalsourcetype`.
public enum DigitalSourceType: String, Sendable, Hashable, CaseIterable {
  case trainedAlgorithmicMedia, compositeWithTrainedAlgorithmicMedia, compositeSynthetic
  case digitalCapture, computationalCapture, compositeCapture, negativeFilm, positiveFilm, print
  case digitalCreation, digitalArt, humanEdits, minorHumanEdits

  /// The vocabulary's address, which terms follow.
  public static let vocabulary = "http://cv.iptc.org/newscodes/digitalsourcetype/"

  /// The address of the term.
  public var uri: String { Self.vocabulary + rawValue }

  public var origin: PictureOrigin {
    switch self {
    case .trainedAlgorithmicMedia: .generated
    case .compositeWithTrainedAlgorithmicMedia, .compositeSynthetic: .edited
    case .digitalCapture, .computationalCapture, .compositeCapture, .negativeFilm, .positiveFilm, .print:
      .captured
    case .digitalCreation, .digitalArt, .humanEdits, .minorHumanEdits: .humanMade
    }
  }
}
