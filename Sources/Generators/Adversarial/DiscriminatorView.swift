import NeuralNetworks

/// What a discriminator sees of a picture.
///
/// The fixed network that discriminators look through costs by the pixel. Of pictures of 256 pixels one discriminator
/// sees the whole at half the size, where composition shows, and another a quarter at full size, where texture does:
/// together half the price of the whole at full size.
struct DiscriminatorView: Sendable, Hashable {
  enum Part: Sendable {
    case whole
    /// Some square of the view's side, the same for a batch.
    case detail
  }

  var part: Part
  /// Of what is seen, in pixels.
  var side: Int

  /// For keys of a checkpoint.
  var name: String {
    switch part {
    case .whole: "whole"
    case .detail: "detail"
    }
  }

  /// The views of pictures of a side.
  static func views(of side: Int) -> [DiscriminatorView] {
    side <= 128
      ? [DiscriminatorView(part: .whole, side: side)]
      : [DiscriminatorView(part: .whole, side: side / 2), DiscriminatorView(part: .detail, side: side / 2)]
  }

  /// - Parameter pictures: [N, H, H, 3]; the place of a detail is drawn from its tape's random stream.
  func callAsFunction(_ pictures: Variable) -> Variable {
    let whole = pictures.shape[1]
    guard whole > side else { return pictures }
    switch part {
    case .whole:
      return pictures.averagePooled(kernel: whole / side, stride: whole / side)
    case .detail:
      let random = pictures.tape
      let (top, left) = (
        random.random.integer(in: 0..<whole - side + 1), random.random.integer(in: 0..<whole - side + 1)
      )
      return pictures.cropped(top: top, left: left, height: side, width: side)
    }
  }
}
