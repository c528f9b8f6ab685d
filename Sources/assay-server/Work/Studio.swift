import ContentCredentials
import Foundation
import Generators
import ImageFormats
import Images
import Requests
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
    try model(\.pictures[name]) { try PictureModel(name) }
  }

  func style() throws -> StyleModel { try model(\.style) { try StyleModel() } }

  func translation() throws -> TranslationModel {
    try model(\.translation) { try TranslationModel("sketch-landscapes") }
  }

  func upsampler() throws -> UpsamplerModel { try model(\.upsampler) { try UpsamplerModel() } }

  /// The model at a place, made by whoever asks for it first.
  private func model<Model: Sendable>(
    _ place: WritableKeyPath<Models, Model?>, _ make: () throws -> Model
  ) throws -> Model {
    try models.withLock { models in
      if let known = models[keyPath: place] { return known }
      let model = try make()
      models[keyPath: place] = model
      return model
    }
  }

  func panoramas() throws -> PanoramaModel {
    PanoramaModel(try pictures("landscapes"), upsampler: try upsampler())
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
