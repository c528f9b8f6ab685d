package import Foundation
import Images
import NeuralNetworks
import Tensors

/// A trained generator of pictures from seeds.
public struct PictureModel: Sendable {
  /// Which picture, and how far from the average of all.
  public struct Request: Sendable, Hashable {
    public var seed: UInt64
    /// The number of the picture among those of one seed.
    public var index: Int = 0
    /// 1 draws from all that was learned; less draws nearer to the average, cleaner and less varied. 0...1.5.
    public var truncation: Float = 1
    /// A second picture, and the place between the two: 0 is the first, 1 the second.
    public var toward: Blend?
    /// A second picture that gives the layers from a side of `crossover` pixels on.
    public var fine: Mix?

    public struct Blend: Sendable, Hashable {
      public var seed: UInt64
      public var place: Float

      public init(seed: UInt64, place: Float) {
        self.seed = seed
        self.place = place
      }
    }

    public struct Mix: Sendable, Hashable {
      public var seed: UInt64
      /// A power of two from 4 to the pictures' side.
      public var crossover: Int

      public init(seed: UInt64, crossover: Int) {
        self.seed = seed
        self.crossover = crossover
      }
    }

    public init(seed: UInt64, index: Int = 0) {
      self.seed = seed
      self.index = index
    }

    /// For people, in the credentials.
    var summary: String {
      var text = "seed \(seed), picture \(index), truncation \(truncation)"
      if let toward { text += ", \(toward.place) of the way to seed \(toward.seed)" }
      if let fine { text += ", layers from \(fine.crossover) pixels on of seed \(fine.seed)" }
      return text
    }
  }

  let network: PictureGenerator
  /// The average style, [1, style].
  private let center: Tensor
  public let identity: ModelIdentity

  private static let centerKey = "style_center"

  /// Reads a model.
  ///
  /// - Parameter name: a shipped model's name, or a path that ends in `.safetensors`.
  /// - Throws: ``GeneratorError``: `model.unknown`, `model.unreadable`, `model.kind`, `model.architecture`.
  public init(_ name: String) throws(GeneratorError) {
    let file = try ModelFile(name, kind: .gan)
    guard let plan = file.header.plan, plan.isSound else {
      throw GeneratorError(
        code: "model.architecture", location: .init(file: file.path),
        message: "the network's plan is missing",
        remedy: "use weights that a training wrote")
    }
    var random = RandomStream(seed: 0)
    var network = PictureGenerator(plan, random: &random)
    try file.load(into: &network)
    guard let center = file.weights.tensors[Self.centerKey], center.shape == [1, plan.style] else {
      throw GeneratorError(
        code: "model.architecture", location: .init(file: file.path, path: Self.centerKey),
        message: "the average style is missing", remedy: "use weights that a training wrote")
    }
    self.network = network
    self.center = center
    identity = file.header.identity
  }

  /// Names of the shipped models.
  public static var shipped: [String] {
    ModelFile.shipped().filter { (try? ModelFile($0, kind: .gan)) != nil }
  }

  /// The pictures' side.
  public var side: Int { network.plan.side }

  /// The picture of a request; the same bits on any number of threads.
  public func picture(_ request: Request) -> GeneratedImage {
    GeneratedImage(Image.images(pictureTensor(request))[0], model: identity, request: request.summary)
  }

  /// The pixels that ``picture(_:)`` marks; for measurements, which write none of them.
  package func measured(_ request: Request) -> Image { Image.images(pictureTensor(request))[0] }

  /// Its pixels, [1, side, side, 3] in −1...1.
  func pictureTensor(_ request: Request) -> Tensor {
    let tape = Tape.inference()
    func style(_ seed: UInt64) -> Tensor {
      var random = RandomStream(seed: seed, stream: UInt64(request.index))
      let latent = Tensor(normal: [1, network.plan.latent], using: &random)
      return center + (network.style(tape.constant(latent)).tensor - center) * request.truncation
    }
    var coarse = style(request.seed)
    if let toward = request.toward {
      coarse = coarse * (1 - toward.place) + style(toward.seed) * toward.place
    }
    let fine = request.fine.map { style($0.seed) } ?? coarse
    return network.pictures(
      coarse: tape.constant(coarse), fine: tape.constant(fine),
      crossover: request.fine?.crossover ?? 2 * side
    ).tensor
  }

  /// Pixels [N, side, side, 3] in −1...1 of styles [N, style].
  func pictures(_ styles: Tensor) -> Tensor {
    let style = Tape.inference().constant(styles)
    return network.pictures(coarse: style, fine: style, crossover: 0).tensor
  }

  /// A seed's picture, and its part of a mixture.
  public struct Part: Sendable, Hashable {
    public var seed: UInt64
    /// Any weight of 0 or more; those of all parts are scaled to sum to 1.
    public var weight: Float

    public init(seed: UInt64, weight: Float) {
      self.seed = seed
      self.weight = weight
    }
  }

  /// The picture that lies between those of several seeds, as far from the average of all pictures as they do: the middle
  /// of a straight line would be pale.
  ///
  /// - Precondition: a weight is above 0.
  public func picture(between parts: [Part], truncation: Float = 1) -> GeneratedImage {
    let total = parts.reduce(0) { $0 + $1.weight }
    precondition(total > 0)
    var away = Tensor([1, network.plan.style])
    var distance: Float = 0
    for part in parts where part.weight > 0 {
      let own = styles(seed: part.seed, count: 1, truncation: truncation) - center
      away = away + own * (part.weight / total)
      distance += own.norm * part.weight / total
    }
    let style = center + away * (distance / max(away.norm, 1e-6))
    let names = parts.filter { $0.weight > 0 }.map { "\($0.seed) (\($0.weight / total))" }
    return GeneratedImage(
      Image.images(pictures(style))[0], model: identity,
      request: "between the seeds \(names.joined(separator: ", ")), truncation \(truncation)")
  }

  /// Styles [count, style] of one seed's pictures.
  func styles(seed: UInt64, count: Int, truncation: Float) -> Tensor {
    let tape = Tape.inference()
    let latents = Tensor.stacked(
      (0..<count).map { index in
        var random = RandomStream(seed: seed, stream: UInt64(index))
        return Tensor(normal: [1, network.plan.latent], using: &random)
      })
    return center + (network.style(tape.constant(latents)).tensor - center) * truncation
  }

  /// One picture that goes around a circle, [1, side, K · side, 3] in −1...1, of styles [K, style].
  func circle(_ styles: Tensor) -> Tensor { network.circle(styles) }

  /// Pictures of one size as one, `columns` in a row, numbered from 0 as their files would be.
  ///
  /// - Precondition: at least one picture.
  public static func sheet(_ pictures: [GeneratedImage], columns: Int) -> GeneratedImage {
    GeneratedImage(
      Image.sheet(pictures.map(\.image), columns: columns, numberedFrom: 0), model: pictures[0].model,
      request: "a sheet of \(pictures.count): \(pictures[0].request) …", refinements: pictures[0].refinements)
  }

  /// The bytes of a model's file: the network with the statistics of its own pictures, and its average style.
  ///
  /// An average of weights needs normalisation by what it makes itself, not by what the last step's weights made.
  package static func file(_ generator: PictureGenerator, identity: ModelIdentity, seed: UInt64) -> Data {
    var network = generator
    for pass in 0..<60 {
      var random = RandomStream(seed: seed, stream: 1 << 43 + UInt64(pass))
      let tape = Tape(.training, isRecording: false)
      let latent = Tensor(normal: [16, network.plan.latent], using: &random)
      let pictures = network(tape.constant(latent))
      network.updateBuffers(with: pictures.gradients(seed: pictures.tensor))
    }
    var random = RandomStream(seed: seed, stream: 1 << 43 + 1000)
    let latent = Tensor(normal: [4096, network.plan.latent], using: &random)
    let style = network.style(Tape.inference().constant(latent)).tensor
    var weights = network.weights
    weights[centerKey] = style.sum(to: [1, network.plan.style]) * (1 / 4096)
    return ModelFile.encoded(.init(kind: .gan, identity: identity, plan: network.plan), weights)
  }
}

extension PictureGenerator.Plan {
  /// Whether a network of this plan can be built; a file may claim anything.
  var isSound: Bool {
    Self.sides.contains(side) && Self(side: side).channels.count == channels.count
      && (1...1024).contains(latent) && (1...1024).contains(style)
      && channels.allSatisfy { (1...1024).contains($0) }
  }
}
