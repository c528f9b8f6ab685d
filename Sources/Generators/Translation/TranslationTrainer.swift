public import Foundation
import Images
public import NeuralNetworks
import Tensors

/// Trains a translation from line drawings to the pictures of a folder.
public struct TranslationTrainer {
  public struct Settings: Sendable {
    public var seed: UInt64 = 1
    public var steps = 3000
    public var batch = 4
    public var observeEvery = 250
    public var limit: Duration?

    public init() {}
  }

  private let pictures: PictureSet
  /// For each picture, which pixels are on a line.
  private let drawings: [[Float]]
  private let colours: [BandColours]
  private let encoder: EfficientNetTrunk
  private let settings: Settings
  private let folder: String

  /// The last 1/20 of the pictures is kept from training, for samples.
  private var trained: Int { pictures.count - pictures.count / 20 }

  /// - Parameters:
  ///   - weights: EfficientNet-Lite0's.
  ///   - folder: where checkpoint, log and curves lie.
  public init(pictures: PictureSet, weights: Safetensors, settings: Settings, folder: String)
    throws(NetworkError)
  {
    self.pictures = pictures
    drawings = (0..<pictures.count).map { LineDrawing()(pictures.image($0)) }
    colours = (0..<pictures.count).map { BandColours(pictures.tensor([$0])) }
    var encoder = EfficientNetTrunk(depth: EfficientNetTrunk.Level.all.count)
    try encoder.load(weights)
    encoder.freeze()
    self.encoder = encoder
    self.settings = settings
    self.folder = folder
  }

  /// Trains to the last step or until time is up.
  ///
  /// - Parameter keep: given a sheet at each observation: drawing, result in the original's colours, result in the colours of a
  ///   seed, and original, of pictures that were not trained on.
  /// - Returns: the bytes of the model's file.
  public func train(
    as identity: ModelIdentity, keep: @escaping (_ step: Int, _ sheet: GeneratedImage) throws -> Void
  ) throws -> Data {
    var run = ConditionalRun(
      channels: TranslationNetwork.channels, side: pictures.side, encoder: encoder, settings: .init(),
      seed: settings.seed
    ) { TranslationNetwork(random: &$0) }
    let trainer = Trainer(
      folder: folder, seed: settings.seed, steps: settings.steps, checkpointInterval: 100, logInterval: 20)
    try trainer.train(
      &run, batchSize: settings.batch, every: settings.observeEvery, limit: settings.limit, batch: batch
    ) { step, run in
      try keep(
        step,
        GeneratedImage(
          sheet(run.average.network), model: identity,
          request: "drawings, results and originals at step \(step)"))
    }
    return TranslationModel.file(
      run.average.network, colours: BandColours.Spread(of: Array(colours.prefix(trained))), identity: identity
    )
  }

  private func batch(_ step: Int) -> ConditionalBatch {
    var random = RandomStream(seed: settings.seed, stream: 1 << 40 + UInt64(step))
    let indices = (0..<settings.batch).map { _ in random.integer(in: 0..<trained) }
    return pairs(indices, mirrored: indices.map { _ in random.chance(0.5) })
  }

  private func pairs(_ indices: [Int], mirrored: [Bool]) -> ConditionalBatch {
    let side = pictures.side
    var lines = Tensor([indices.count, side, side, 1])
    lines.withMutableSpan { span in
      for (slot, index) in indices.enumerated() {
        for row in 0..<side {
          for column in 0..<side {
            span[(slot * side + row) * side + column] =
              drawings[index][row * side + (mirrored[slot] ? side - 1 - column : column)]
          }
        }
      }
    }
    return ConditionalBatch(
      given: BandColours.joined(lines, indices.map { colours[$0] }),
      pictures: pictures.tensor(indices, mirrored: mirrored))
  }

  private func sheet(_ network: TranslationNetwork) -> Image {
    let held = trained..<pictures.count
    let indices = (0..<min(12, held.count)).map { held.lowerBound + $0 * held.count / 12 }
    let batch = pairs(indices, mirrored: indices.map { _ in false })
    let lines = Tensor(
      indices.flatMap { drawings[$0] }, shape: [indices.count, pictures.side, pictures.side, 1])
    let spread = BandColours.Spread(of: Array(colours.prefix(trained)))
    let drawn = BandColours.joined(lines, indices.indices.map { spread.drawn(UInt64($0)) })
    let columns = [
      Tensor.joinedChannels([Tensor](repeating: lines.map { 1 - 2 * $0 }, count: 3)),
      network.infer(batch.given), network.infer(drawn), batch.pictures,
    ].map(Image.images)
    return Image.sheet(indices.indices.flatMap { row in columns.map { $0[row] } }, columns: 8)
  }
}
