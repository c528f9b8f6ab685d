import Detectors
import Evaluation
import ImageFormats
import Images
internal import NeuralNetworks
import Spectra
import Tensors

/// The batches of a run: classes and sources in balance, compression alike for both classes.
struct CropBatches: Sendable {
  private let index: CropIndex
  private let sampler: CropSampler
  private let seed: UInt64
  private let batch: Int
  private let items: [CropIndex.Item]
  private let alignedShare: Float
  private let reconstructors: [Reconstructor]

  /// - Parameters:
  ///   - fold: the fifth of the sources to leave out; nil for none.
  ///   - reconstructors: what makes aligned fakes, where the settings ask for a share of them.
  init(
    index: CropIndex, without fold: Int?, settings: DetectorTrainer.Settings,
    reconstructors: [Reconstructor] = []
  ) {
    self.index = index
    self.reconstructors = reconstructors
    alignedShare = reconstructors.isEmpty ? 0 : settings.alignedShare
    seed = settings.seed
    batch = settings.batch
    items = index.items.filter { !$0.isValidation && $0.fold != fold }
    sampler = CropSampler(items)
  }

  /// - Returns: images [N, side, side, 3] and labels [N], 1 for generated.
  func batch(step: Int, random: inout RandomStream) throws -> LabelledBatch {
    // Small crops make room for strong reduction: a crop of 144 pixels can't shrink by half and stay 128.
    let augmentation = Self.augmentation(side: random.chance(0.7) ? 128 : 96)
    var images: [Image] = []
    var labels: [Float] = []
    for slot in 0..<batch {
      if slot % 2 == 0, slot + 1 < batch, alignedShare > 0, random.chance(alignedShare) {
        images += try alignedPair(augmentation, random: &random)
        labels += [0, 1]
      }
      guard images.count <= slot else { continue }
      let item = sampler.draw(generated: slot % 2 == 1, using: &random)
      images.append(try view(of: index.image(item), item.format, augmentation, random: &random))
      labels.append(item.isGenerated ? 1 : 0)
    }
    return LabelledBatch(images: Discriminator.input(images), targets: Tensor(labels, shape: [batch]))
  }

  /// A real crop and what an autoencoder gives back of it, laundered alike to the last draw.
  private func alignedPair(_ augmentation: Augmentation, random: inout RandomStream) throws -> [Image] {
    let item = sampler.draw(generated: false, using: &random)
    let image = try index.wholeImage(item)
    let fake = reconstructors[random.integer(in: 0..<reconstructors.count)].reconstruction(of: image)
    var same = random
    return [
      try view(of: image, item.format, augmentation, random: &random),
      try view(of: fake, item.format, augmentation, random: &same),
    ]
  }

  /// A crop after random laundering.
  private func view(
    of image: Image, _ format: String, _ augmentation: Augmentation, random: inout RandomStream
  ) throws -> Image {
    var image = image
    // Most generated crops that were never compressed have no real twin: half of the difference goes.
    if format != "jpeg", random.chance(0.5) {
      let bytes = try ImageEncoder.jpeg(image, quality: random.integer(in: 70..<97))
      image = try ImageFile(bytes: bytes, name: nil).decode().image
    }
    return try augmentation(image, random: &random)
  }

  /// The spectra of each crop's views: two for each strength of compression.
  func spectralRows() throws -> [SpectralRow] {
    try items.mapConcurrently { item, number in
      var random = RandomStream(seed: seed, stream: 1 << 50 + UInt64(number))
      return try SpectralClassifier.Compression.allCases.flatMap { compression in
        try [128, random.chance(0.7) ? 128 : 96].map { side in
          let augmentation =
            compression.qualities.map { Self.compression(side: side, qualities: $0) }
            ?? Self.augmentation(side: side)
          let view = try view(of: index.image(item), item.format, augmentation, random: &random)
          return SpectralRow(
            item: item, compression: compression, values: try SpectralFeatures(of: view).values)
        }
      }
    }.flatMap { $0 }
  }

  /// What a JPEG file went through whose quality is known: it was compressed last, and its blocks lie where they were
  /// coded. Coarser detail than that is left as it is, for spectral numbers are made to see the finest.
  private static func compression(side: Int, qualities: ClosedRange<Int>) -> Augmentation {
    var augmentation = Augmentation(side: side)
    augmentation.jpegProbability = 1
    augmentation.jpegQuality = qualities.clamped(to: jpegQuality)
    augmentation.resizeProbability = 0.25
    augmentation.blurProbability = 0
    augmentation.noiseProbability = 0
    augmentation.gammaProbability = 0
    return augmentation
  }

  private static let jpegQuality = 50...98

  private static func augmentation(side: Int) -> Augmentation {
    var augmentation = Augmentation(side: side)
    augmentation.jpegProbability = 0.6
    augmentation.jpegQuality = jpegQuality
    augmentation.resizeProbability = 0.4
    augmentation.resizeScale = 0.5...1.5
    augmentation.gridShiftProbability = 0.5
    return augmentation
  }
}

/// The spectral features of a view of a crop.
struct SpectralRow: Sendable {
  var item: CropIndex.Item
  var compression: SpectralClassifier.Compression
  var values: [Float]
}

extension SpectralClassifier {
  /// Fits it on views of crops, sources by the root of their size.
  init(_ rows: [SpectralRow]) throws {
    let groups = Dictionary(grouping: rows, by: \.compression)
    self.init(
      regressions: try groups.mapValues { rows in
        let sizes = Dictionary(grouping: rows, by: \.item.source).mapValues { Float($0.count) }
        return try LogisticRegression(
          rows: rows.map(\.values), labels: rows.map(\.item.isGenerated),
          importance: rows.map { (2 / (sizes[$0.item.source] ?? 1)).squareRoot() }, penalty: 100)
      })
  }
}

/// Draws crops so that no source outweighs the rest: class first, then source by the root of its size.
private struct CropSampler {
  private var groups: [[[CropIndex.Item]]] = []
  private var shares: [[Float]] = []

  init(_ items: [CropIndex.Item]) {
    for generated in [false, true] {
      let sources = Dictionary(grouping: items.filter { $0.isGenerated == generated }, by: \.source)
      let ordered = sources.sorted { $0.key < $1.key }.map(\.value)
      var sum: Float = 0
      groups.append(ordered)
      shares.append(
        ordered.map {
          sum += Float($0.count).squareRoot()
          return sum
        })
    }
  }

  func draw(generated: Bool, using random: inout RandomStream) -> CropIndex.Item {
    let kind = generated ? 1 : 0
    let place = random.uniform() * (shares[kind].last ?? 0)
    let group = groups[kind][min(shares[kind].firstIndex { $0 > place } ?? 0, groups[kind].count - 1)]
    return group[random.integer(in: 0..<group.count)]
  }
}
