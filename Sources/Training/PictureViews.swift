import Detectors
import Evaluation
internal import NeuralNetworks
import Tensors

/// A view of a picture as the cache holds it.
struct PictureView: Sendable {
  /// Of the index.
  var item: PictureIndex.Item
  /// The view's place among its picture's views.
  var number: Int
  var features: PictureFeatures
  /// Pixels.
  var longSide: Int
  var quality: Int?
}

/// The views that heads are trained from, and batches of them.
struct PictureViews: Sendable {
  let views: [PictureView]
  /// Of real and of generated pictures: places of a picture's views in ``views``.
  private let real: SourceDraw<[Int]>
  private let generated: SourceDraw<[Int]>

  init(_ views: [PictureView]) {
    self.views = views
    func pictures(generated: Bool) -> SourceDraw<[Int]> {
      let places = views.indices.filter { views[$0].item.isGenerated == generated }
      let sources = Dictionary(grouping: places) { views[$0].item.source }.sorted { $0.key < $1.key }
      return SourceDraw(
        sources.map { _, places in
          Dictionary(grouping: places) { views[$0].item.path }.sorted { $0.key < $1.key }.map(\.value)
        })
    }
    real = pictures(generated: false)
    generated = pictures(generated: true)
  }

  private func draw(generated isGenerated: Bool, _ random: inout RandomStream) -> PictureView {
    guard let picture = (isGenerated ? generated : real).item(&random) else {
      preconditionFailure("a head is trained from pictures of both classes")
    }
    return views[picture[random.integer(in: 0..<picture.count)]]
  }

  /// Mean and spread of each number that the encoder gives.
  func statistics() -> (means: [Float], spreads: [Float]) {
    let count = views.first?.features.tokens.count ?? 0
    var sums = [Double](repeating: 0, count: count)
    var squares = sums
    for view in views {
      view.features.tokens.withSpan { values in
        for place in values.indices {
          let value = Double(values[place])
          sums[place] += value
          squares[place] += value * value
        }
      }
    }
    let number = Double(max(views.count, 1))
    let means = sums.map { $0 / number }
    let spreads = zip(squares, means).map { max($0 / number - $1 * $1, 1e-8).squareRoot() }
    return (means.map(Float.init), spreads.map(Float.init))
  }

  /// A batch with both classes alike; half of its rows are mixtures of two views.
  ///
  /// Source: Zhang et al. 2018, arXiv:1710.09412 (mixup).
  ///
  /// - Returns: inputs [N, inputs], standardised, and targets [N], 1 for generated.
  func batch(_ count: Int, for head: DetectorHead, random: inout RandomStream) -> LabelledBatch {
    let inputs = head.inputs
    var values = Tensor([count, inputs])
    var targets: [Float] = []
    for row in 0..<count {
      let first = draw(generated: row % 2 == 0, &random)
      let mixed: (view: PictureView, share: Float)? =
        random.chance(0.5) ? (draw(generated: random.chance(0.5), &random), random.uniform(in: 0...0.5)) : nil
      values.withMutableSpan { values in
        first.features.tokens.withSpan { tokens in
          for place in 0..<inputs { values[row * inputs + place] = tokens[place] }
        }
        if let mixed {
          mixed.view.features.tokens.withSpan { tokens in
            for place in 0..<inputs {
              values[row * inputs + place] += mixed.share * (tokens[place] - values[row * inputs + place])
            }
          }
        }
      }
      let label: Float = first.item.isGenerated ? 1 : 0
      targets.append(
        mixed.map { label + $0.share * (($0.view.item.isGenerated ? 1 : 0) - label) } ?? label)
    }
    return LabelledBatch(images: head.standardised(values), targets: Tensor(targets, shape: [count]))
  }

  /// The spectral classifier that fits them, sources by the root of their size.
  func spectralClassifier() throws -> SpectralClassifier {
    let rows = views.filter { !$0.features.spectra.isEmpty }
    let groups = Dictionary(grouping: rows) { SpectralClassifier.Compression(quality: $0.quality) }
    func regression(_ rows: [PictureView]) throws -> LogisticRegression {
      try LogisticRegression(
        rows: rows.map(\.features.spectra), labels: rows.map(\.item.isGenerated),
        sources: rows.map(\.item.source), penalty: 100)
    }
    return SpectralClassifier(
      regressions: try Dictionary(
        uniqueKeysWithValues: SpectralClassifier.Compression.allCases.map { compression in
          let own = groups[compression] ?? []
          let made = own.count(where: \.item.isGenerated)
          // What hardly occurs is judged as all is.
          let isEnough = min(made, own.count - made) >= Self.leastOfCompression
          return (compression, try regression(isEnough ? own : rows))
        }))
  }

  /// Views of a class below which a strength of compression has no regression of its own.
  private static let leastOfCompression = 50
}
