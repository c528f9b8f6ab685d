extension VisibleMark {
  /// The five squares in the bottom right corner of pictures that OpenAI's DALL·E 2 gave out (2022 to 2024).
  ///
  /// Measured on public pictures: in 1024×1024 a bar of 80×16 px, flush with the right and the bottom border, in
  /// yellow (255, 255, 102), cyan (66, 255, 255), green (81, 218, 76), orange (255, 110, 60) and blue (60, 70, 255).
  public static let dallE2ColorBar = VisibleMark(
    id: "dall-e-2-color-bar", name: "bar of five coloured squares", family: "OpenAI DALL·E 2",
    caveats: [
      "Anybody can paint such a bar.",
      "A real picture extended or retouched with DALL·E 2 carries it too.",
      "Its maker has not published its size and colours; they are measured on public pictures.",
    ],
    filter: ColorBarFilter(
      colors: [
        SIMD3(255, 255, 102), SIMD3(66, 255, 255), SIMD3(81, 218, 76), SIMD3(255, 110, 60),
        SIMD3(60, 70, 255),
      ],
      shares: 0.012...0.04, opacities: 0.1...1.3,
      nulls: [.expected: MarkNull(start: 0.35, share: 0.05, scale: 0.055)]))
}
