package import Images

/// A sign that a generator's maker lays over its pictures for people to see.
///
/// It survives when metadata is stripped, as long as nobody crops or paints it away. Anybody can paint one, so it
/// is a trace of origin, not a proof. Shapes, places and opacities are measured on public pictures; no maker has
/// published them.
public struct VisibleMark: Sendable, Identifiable {
  /// Stable, for reports: `gemini-sparkle`.
  public let id: String
  /// In words, without the maker: `four-pointed star`.
  public let name: String
  /// Whose pictures carry it: `Google Gemini`.
  public let family: String
  /// What speaks against concluding origin from it, a sentence each.
  public let caveats: [String]
  /// The kinds of places where it is looked for.
  package var placements: [MarkPlacement] { MarkPlacement.allCases.filter { filter.null(of: $0) != nil } }
  /// How it is looked for.
  let filter: any MarkFilter

  /// The marks that are measured and ship.
  public static let all: [VisibleMark] = [.geminiSparkle, .dallE2ColorBar]
}

/// Looks for one mark in a picture.
protocol MarkFilter: Sendable {
  /// The best place of each kind, however weak; empty where the picture cannot show the mark.
  func candidates(in scene: MarkScene) -> [MarkCandidate]
  /// What real pictures give at places of a kind; nil where it is not looked for there.
  func null(of placement: MarkPlacement) -> MarkNull?
  /// Numbers that a correlation is made of.
  var samples: Double { get }
}

/// Whether a mark is where its maker puts it.
public enum MarkPlacement: String, Sendable, Hashable, Codable, CaseIterable {
  /// At the maker's distance from the corner, as far as size tells it.
  case expected
  /// Elsewhere: the picture was cropped, framed, pasted or shown on a screen.
  case moved

  /// The share of a p-value that each kind may use up when both are looked for: where the maker puts the mark most
  /// of what carries it is found, so little is lost by asking more of the rest.
  var weight: Double {
    switch self {
    case .expected: 0.9
    case .moved: 0.1
    }
  }
}

/// The best that a filter sees of one kind.
package struct MarkCandidate: Sendable {
  package var placement: MarkPlacement
  /// In pixels of the picture.
  package var region: PixelRegion
  /// Fisher's transform of the correlation with the mark, atanh ρ.
  package var score: Double
  /// 0...1 and somewhat beyond, where the picture bends it.
  package var opacity: Double
}
