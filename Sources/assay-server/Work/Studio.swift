import ContentCredentials
import Foundation
import Generators
import ImageFormats
import Images
import Synchronization

/// The models that make pictures, each read when it is first asked for, and who marks what they make.
///
/// A picture leaves through ``marked(_:_:)`` and in no other way.
final class Studio: Sendable {
  private struct Models {
    var pictures: [String: PictureModel] = [:]
    var style: StyleModel?
    var translation: TranslationModel?
    var upsampler: UpsamplerModel?
  }
  private let models = Mutex(Models())
  private let marker: Mutex<(marker: OutputMarker, made: Date)>

  init() throws {
    let now = Date()
    marker = Mutex((try OutputMarker(testKeyAt: now), now))
  }

  /// Those that ship.
  static let pictureModels = PictureModel.shipped

  func pictures(_ name: String) throws -> PictureModel {
    try models.withLock { models in
      if let known = models.pictures[name] { return known }
      let model = try PictureModel(name)
      models.pictures[name] = model
      return model
    }
  }

  func style() throws -> StyleModel {
    try models.withLock { models in
      if let known = models.style { return known }
      let model = try StyleModel()
      models.style = model
      return model
    }
  }

  func translation() throws -> TranslationModel {
    try models.withLock { models in
      if let known = models.translation { return known }
      let model = try TranslationModel("sketch-landscapes")
      models.translation = model
      return model
    }
  }

  func upsampler() throws -> UpsamplerModel {
    try models.withLock { models in
      if let known = models.upsampler { return known }
      let model = try UpsamplerModel()
      models.upsampler = model
      return model
    }
  }

  /// How a picture shall be written.
  struct Output: Sendable {
    var format = OutputMarker.Format.png
    var quality = 95
    var label: String?
  }

  /// The file with all its marks, signed by a key that this server made and nobody trusts; a new one every day.
  func marked(_ picture: GeneratedImage, _ output: Output) throws -> OutputMarker.MarkedFile {
    let now = Date()
    var marker = try marker.withLock { known in
      if now.timeIntervalSince(known.made) > 86_400 { known = (try OutputMarker(testKeyAt: now), now) }
      return known.marker
    }
    marker.time = now
    marker.format = output.format
    marker.quality = output.quality
    marker.label = try output.label.map { try VisibleLabel($0) }
    return try marker.mark(picture)
  }
}

/// A picture that a model changes, upright, and what the credentials say of it.
struct ModelInput: Sendable {
  let image: Image
  let source: GeneratedImage.Source

  /// - Throws: `ImageFormatError` for what is no picture; ``Problem`` for one of several frames.
  init(_ file: GivenFile, _ limits: ReadLimits) throws {
    let picture = file.image(limits)
    guard try picture.header().frames == 1 else {
      throw Problem(
        .unprocessableContent, "serve.frames", "the picture has more than one frame",
        remedy: "send one of its frames as a picture of its own")
    }
    let decoded = try picture.decode()
    image = decoded.image.oriented(decoded.orientation)
    source = .init(
      file: file.bytes, title: file.name,
      mediaType: picture.format.map { "image/\($0.rawValue)" } ?? "application/octet-stream")
  }
}
