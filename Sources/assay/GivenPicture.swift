import Console
import Foundation
import Generators
import ImageFormats
import Images

/// A picture that the user gives to a model, upright, and what the credentials say of it.
struct GivenPicture {
  let image: Image
  let source: GeneratedImage.Source

  /// - Throws: `ImageFormatError` for what is no picture; refuses what has more than one frame.
  init(_ path: String) throws {
    let file = try ImageFile(path: RawArguments.path(path))
    try requireStill(file, named: path)
    let decoded = try file.decode()
    image = decoded.image.oriented(decoded.orientation)
    source = .init(
      file: file.bytes, title: URL(filePath: path).lastPathComponent,
      mediaType: file.format.map { "image/\($0.rawValue)" } ?? "application/octet-stream")
  }
}
