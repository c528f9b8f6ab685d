extension VisibleMark {
  /// The white four-pointed star of Google's Gemini app (also on pictures called Nano Banana).
  ///
  /// Measured on public pictures: opacity 0.50 (0.70 to 0.73 in a few), a quarter bounded by
  /// (x + 0.4525)(y + 0.4525) = 0.69 in units of the radius; 48 px wide with its middle 56 px from the right and the
  /// bottom in pictures of about a megapixel, 96 px at 112 px in larger ones; in its first weeks (August 2025) 22 px
  /// at 35 px. It scales with the picture.
  public static let geminiSparkle = VisibleMark(
    id: "gemini-sparkle", name: "four-pointed star", family: "Google Gemini",
    caveats: [
      "Anybody can paint such a star, and editors offer it as a sticker.",
      "A real picture edited or enlarged with Gemini carries it too.",
      "Its maker has not published shape and place; they are measured on public pictures.",
    ],
    filter: OverlayFilter(
      places: [
        .init(distance: 56.0 / 48, share: 0.028...0.07), .init(distance: 35.0 / 22, share: 0.0155...0.03),
      ],
      movedShares: 0.0155...0.12, opacity: 0.5, opacities: 0.28...0.85,
      nulls: [
        .expected: MarkNull(start: 0.1, share: 0.01, scale: 0.05),
        .moved: MarkNull(start: 0.44, share: 0.02, scale: 0.028),
      ],
      covers: { x, y in
        let (x, y) = (abs(x), abs(y))
        return x <= 1 && y <= 1 && (x + 0.4525) * (y + 0.4525) <= 0.69
      }))
}
