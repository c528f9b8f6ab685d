import Diagnostics
import Images
public import NeuralNetworks
public import Tensors

/// EfficientNet-Lite0's averaged features of pictures: what distances between sets of pictures are measured on.
public struct PictureFeatures: Sendable {
  let encoder: EfficientNetLite0

  /// - Parameter weights: the published ones, as Tests/Peers/convert_efficientnet.py writes them.
  public init(weights: Safetensors, name: String? = nil) throws(NetworkError) {
    var random = RandomStream(seed: 0)
    var encoder = EfficientNetLite0(random: &random)
    try encoder.load(weights, name: name, isOptional: { $0.hasPrefix("_fc.") })
    encoder.freeze()
    self.encoder = encoder
  }

  /// 1280 numbers each, [N, 1280], of pictures [N, H, W, 3] in −1...1.
  public func callAsFunction(_ pictures: Tensor) -> Tensor {
    let tape = Tape.inference()
    return encoder.embedding(EfficientNetLite0.normalized(signed: tape.constant(pictures))).tensor
  }

  /// Those of a whole set.
  public func callAsFunction(_ pictures: PictureSet, batch: Int = 20) -> Tensor {
    Tensor.stacked(
      stride(from: 0, to: pictures.count, by: batch).map { first in
        self(pictures.tensor(Array(first..<min(first + batch, pictures.count))))
      })
  }

  /// Those of the first pictures of a seed, in 8 bits as files have them.
  public func callAsFunction(_ model: PictureModel, samples: Int, seed: UInt64) -> Tensor {
    Tensor.stacked(
      (0..<samples).map { index in
        let picture = Image.images(model.pictureTensor(.init(seed: seed, index: index)))
        return self(Tensor(picture).map { $0 / 127.5 - 1 })
      })
  }
}
