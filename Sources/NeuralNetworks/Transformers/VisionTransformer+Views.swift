public import Images
public import Tensors

extension VisionTransformer {
  /// The whole picture squashed to the encoder's square, as the encoder wants it.
  ///
  /// Bicubic and antialiased in the arithmetic of Pillow's `resize`, to 8 bits, then normalised. Grey becomes RGB; alpha is
  /// passed over.
  ///
  /// - Returns: [1, side, side, 3].
  public func view(of image: Image) -> Tensor {
    let side = configuration.side
    let small = image.withoutAlpha().resized(width: side, height: side, filter: .bicubic).inColor()
    let pixels = small.pixels8
    var view = Tensor([1, side, side, 3])
    let scale = configuration.deviation.map { 1 / (255 * $0) }
    let shift = zip(configuration.mean, configuration.deviation).map { -$0 / $1 }
    view.withMutableSpan { view in
      for i in view.indices { view[i] = Float(pixels[i]) * scale[i % 3] + shift[i % 3] }
    }
    return view
  }

  /// The class token of the whole picture after each block, [blocks, width].
  public func classTokens(of image: Image) -> Tensor {
    classTokens(of: view(of: image)).reshaped(to: [configuration.blocks, configuration.width])
  }
}
