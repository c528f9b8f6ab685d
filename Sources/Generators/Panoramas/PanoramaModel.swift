import Foundation
package import Images
import NeuralNetworks
import Tensors

/// Makes landscapes that go all around: equirectangular pictures, a quarter turn of which is one of the generator's own,
/// enlarged.
///
/// A generator of small squares makes a strip of a quarter turn's height around the horizon, in one pass that knows no
/// left and right end; an upsampler enlarges it, around the circle too; sky and ground are continued to the
/// poles.
public struct PanoramaModel: Sendable {
  public struct Request: Sendable, Hashable {
    public var seed: UInt64
    /// 1 draws from all that was learned; less draws nearer to the average. 0...1.5.
    public var truncation: Float = 0.95

    public init(seed: UInt64) { self.seed = seed }
  }

  private let model: PictureModel
  private let upsampler: UpsamplerModel
  public var identity: ModelIdentity { model.identity }

  /// Pictures that go around the circle, a quarter turn each.
  private static let arcs = 4
  /// Pictures that those are chosen from.
  private static let candidates = 64
  /// Columns of the other end that the upsampler sees, more than its reach.
  private static let context = 48

  /// What brings a quarter turn to 512 pixels, where the model's pictures are 128 or 256.
  private var scale: UpsamplerModel.Scale { model.side < 256 ? .four : .two }

  /// - Parameter model: a generator of landscapes; another gives no sky and no ground.
  public init(_ model: PictureModel, upsampler: UpsamplerModel) {
    self.model = model
    self.upsampler = upsampler
  }

  public var width: Int { Self.arcs * model.side * scale.rawValue }
  public var height: Int { width / 2 }

  /// The panorama of a request; the same bits on any number of threads. It takes seconds.
  ///
  /// - Throws: ``GeneratorError`` where the model's pictures are too large to be enlarged around a circle.
  public func panorama(_ request: Request) throws(GeneratorError) -> GeneratedImage {
    let sphere = try sphere(request)
    let name = "a panorama of seed \(request.seed), truncation \(request.truncation)"
    return GeneratedImage(sphere, model: identity, request: name)
      .refined(
        sphere, by: upsampler.identity,
        request: "enlarged \(scale.rawValue) times; sky and ground continued to the poles"
      )
      .projected(.equirectangular)
  }

  /// The pixels that ``panorama(_:)`` marks; for tests, which measure them.
  package func sphere(_ request: Request) throws(GeneratorError) -> Image {
    SphereContinuation()(try strip(request))
  }

  /// What goes around the horizon, ``width`` × a quarter of that.
  func strip(_ request: Request) throws(GeneratorError) -> Image {
    let small = Image.images(model.circle(styles(request)))[0]
    let context = Self.context
    let ends = Image.besideOneAnother([
      small.cropped(x: small.width - context, y: 0, width: context, height: small.height), small,
      small.cropped(x: 0, y: 0, width: context, height: small.height),
    ])
    let large = try upsampler.enlarged(ends, by: scale, tile: UpsamplerModel.tileSide)
    return large.cropped(
      x: context * scale.rawValue, y: 0, width: small.width * scale.rawValue, height: large.height)
  }

  /// The styles around the circle, [arcs, style]: of many pictures one that has an open sky and something at the horizon,
  /// and those that agree with it most in the colours of sky and ground; what stands at the horizon may differ.
  private func styles(_ request: Request) -> Tensor {
    let styles = model.styles(seed: request.seed, count: Self.candidates, truncation: request.truncation)
    let looks = stride(from: 0, to: Self.candidates, by: 16).flatMap { first in
      Image.images(model.pictures(styles.rows(first..<min(first + 16, Self.candidates)))).map(Look.init)
    }
    let open = Array(looks.indices).sorted { (looks[$0].unrest, $0) < (looks[$1].unrest, $1) }
      .prefix(Self.candidates / 3).sorted()
    let rich = open.sorted { (-looks[$0].relief, $0) < (-looks[$1].relief, $1) }.prefix(
      max(1, open.count / 3))
    let first = looks[rich.min() ?? 0]
    let nearest = open.sorted { (looks[$0].distance(to: first), $0) < (looks[$1].distance(to: first), $1) }
    return Tensor.stacked(nearest.prefix(Self.arcs).map { styles.rows($0..<$0 + 1) })
  }

  /// What tells whether pictures can stand side by side.
  private struct Look {
    /// The mean colour of each row.
    let rows: [SIMD3<Float>]
    /// How much the upper rows change from left to right; 1000 more where the sky is not the brighter part.
    let unrest: Float
    /// How much the rows about the horizon change.
    let relief: Float

    init(_ image: Image) {
      let (width, height) = (image.width, image.height)
      let pixels = image.pixels8
      var rows: [SIMD3<Float>] = []
      var deviations: [Float] = []
      let sky = height * 5 / 16
      for y in 0..<height {
        var sum = SIMD3<Float>.zero
        var squares = SIMD3<Float>.zero
        for start in stride(from: y * width * 3, to: (y + 1) * width * 3, by: 3) {
          let colour = SIMD3(Float(pixels[start]), Float(pixels[start + 1]), Float(pixels[start + 2]))
          sum += colour
          squares += colour * colour
        }
        let mean = sum / Float(width)
        rows.append(mean)
        let variance = squares / Float(width) - mean * mean
        deviations.append((0..<3).reduce(0) { $0 + max(variance[$1], 0).squareRoot() } / 3)
      }
      func level(_ part: some Sequence<SIMD3<Float>>) -> Float { part.reduce(0) { $0 + $1.sum() } }
      let isUpright = level(rows.prefix(height / 4)) > level(rows.suffix(height / 4)) + Float(height) * 5
      self.rows = rows
      unrest = deviations.prefix(sky).reduce(0, +) / Float(sky) + (isUpright ? 0 : 1000)
      relief = deviations[sky..<height * 9 / 16].reduce(0, +)
    }

    func distance(to other: Look) -> Float {
      let height = rows.count
      return (0..<height).reduce(0) { total, y in
        let difference = rows[y] - other.rows[y]
        let isBetween = y >= height * 5 / 16 && y < height * 7 / 8
        return total + (difference * difference).sum() * (isBetween ? 0.25 : 1)
      }
    }
  }
}
