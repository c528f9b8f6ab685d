import Crypto
import Images

/// A picture that a model made or changed. Its pixels can be had in one way only: ``OutputMarker/mark(_:)`` turns it
/// into a file with all its marks.
public struct GeneratedImage: Sendable {
  /// What the picture came from.
  public struct Source: Sendable, Hashable {
    /// The bytes of the file that was changed.
    public var file: [UInt8]
    public var title: String
    /// `image/jpeg`.
    public var mediaType: String

    public init(file: [UInt8], title: String, mediaType: String) {
      self.file = file
      self.title = title
      self.mediaType = mediaType
    }
  }

  let image: Image
  /// Who made it.
  public let model: ModelIdentity
  /// The picture that it is a changed version of; nil where it is new.
  public let source: Source?
  /// What was asked of the model, for people: `seed 7, truncation 0.7`.
  public let request: String

  /// What other models did to it afterwards, in order.
  public let refinements: [Refinement]

  /// A change by a further model.
  public struct Refinement: Sendable, Hashable {
    public let model: ModelIdentity
    /// What was asked of it, for people.
    public let request: String
  }

  /// What a person had a part in; nil where the model made the picture alone.
  public let authorship: Authorship?

  /// How the picture shows the world.
  public enum Projection: Sendable, Hashable {
    /// As a camera or a painter does.
    case flat
    /// The whole sphere: longitude from left to right, latitude from top to bottom.
    case equirectangular
  }

  public let projection: Projection

  init(
    _ image: Image, model: ModelIdentity, source: Source? = nil, request: String,
    refinements: [Refinement] = [], authorship: Authorship? = nil, projection: Projection = .flat
  ) {
    self.projection = projection
    self.image = image
    self.model = model
    self.source = source
    self.request = request
    self.refinements = refinements
    self.authorship = authorship
  }

  /// The same picture after a further model changed its pixels.
  func refined(_ image: Image, by model: ModelIdentity, request: String) -> GeneratedImage {
    GeneratedImage(
      image, model: self.model, source: source, request: self.request,
      refinements: refinements + [Refinement(model: model, request: request)], authorship: authorship,
      projection: projection)
  }

  /// The same picture, of which it is known how it shows the world.
  func projected(_ projection: Projection) -> GeneratedImage {
    GeneratedImage(
      image, model: model, source: source, request: request, refinements: refinements, authorship: authorship,
      projection: projection)
  }

  public var width: Int { image.width }
  public var height: Int { image.height }

  /// 64 bits that tell this picture apart: the head of a SHA-256 over models, versions, size and pixels. The same
  /// request on the same model gives the same identifier.
  public var identifier: [UInt8] {
    var hash = SHA256()
    for model in [model] + refinements.map(\.model) {
      hash.update(data: Array("\(model.name) \(model.version) ".utf8))
    }
    hash.update(data: Array("\(width)x\(height)\n".utf8))
    hash.update(data: image.pixels8)
    return Array(hash.finalize().prefix(8))
  }
}

/// A model's name and version, as they stand in every mark.
public struct ModelIdentity: Sendable, Hashable, Codable {
  public var name: String
  public var version: String

  public init(name: String, version: String) {
    self.name = name
    self.version = version
  }
}
