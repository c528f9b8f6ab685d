import Crypto
import Detectors
import Evaluation
public import Foundation
import ImageFormats
internal import Images
internal import NeuralNetworks
import Synchronization
import Tensors

/// Features of pictures' views on disk, so that they are computed once and heads are trained from them in minutes.
///
/// A file a picture, written whole or not at all: what was interrupted goes on where it stopped.
public struct FeatureCache: Sendable {
  /// What happened to a picture before it was looked at.
  enum View: Hashable {
    case laundered(Laundering)
    /// One of the random journeys, from 0.
    case journey(Int)

    var name: String {
      switch self {
      case .laundered(let kind): kind.rawValue
      case .journey(let number): "journey\(number)"
      }
    }
  }

  private let folder: URL
  private let encoder: PictureEncoder

  /// - Throws: ``DetectorError`` where the program was installed without the encoder.
  public init(folder: URL) throws(DetectorError) {
    self.folder = folder
    encoder = try PictureEncoder.installed.get()
  }

  /// The views of a picture: of training as found and two journeys, of validation the three that are measured.
  static func views(of item: PictureIndex.Item) -> [View] {
    item.isValidation
      ? [.laundered(.none), .laundered(.web), .laundered(.social)]
      : [.laundered(.none), .journey(0), .journey(1)]
  }

  /// Computes what is missing.
  ///
  /// - Parameters:
  ///   - workers: pictures at a time.
  ///   - again: whether what is there is computed again.
  ///   - report: told how many are done, from any thread.
  /// - Returns: the pictures that can't be decoded, with why.
  public func fill(
    _ index: PictureIndex, workers: Int, again: Bool = false, report: @escaping @Sendable (Int) -> Void
  ) throws -> [(path: String, reason: String)] {
    let items = index.items
    let state = Mutex<(next: Int, faults: [(path: String, reason: String)])>((0, []))
    _ = try Array(0..<max(1, workers)).mapConcurrently { _, _ in
      while true {
        let number = state.withLock { state -> Int? in
          guard state.next < items.count else { return nil }
          state.next += 1
          return state.next - 1
        }
        guard let number else { return }
        do {
          try fill(items[number], again: again)
        } catch {
          state.withLock { $0.faults.append((items[number].path, "\(error)")) }
        }
        if number % 100 == 99 { report(number + 1) }
      }
    }
    return state.withLock { $0.faults }
  }

  private func fill(_ item: PictureIndex.Item, again: Bool) throws {
    let file = file(item)
    if !again, FileManager.default.fileExists(atPath: file.path) { return }
    let decoded = try ImageFile(path: item.path).decode()
    var (tokens, spectra, shapes): ([Float], [Float], [Float]) = ([], [], [])
    let views = Self.views(of: item)
    for view in views {
      let seen: Image
      let quality: Int?
      switch view {
      case .laundered(let kind):
        (seen, quality) = try kind.apply(to: decoded)
      case .journey(let number):
        var journey = PictureJourney(seed: Self.seed(of: item), stream: UInt64(number))
        (seen, quality) = try journey.apply(to: decoded.image)
      }
      let features = encoder.features(of: seen, luminance: seen.luminance())
      tokens += features.tokens.values
      spectra += features.spectra.isEmpty ? [Float](repeating: 0, count: Self.spectra) : features.spectra
      shapes += [Float(seen.width), Float(seen.height), Float(quality ?? 0)]
    }
    let c = encoder.transformer.configuration
    let tensors = [
      "tokens": Tensor(tokens, shape: [views.count, c.blocks, c.width]),
      "spectra": Tensor(spectra, shape: [views.count, Self.spectra]),
      // Width, height and the quality of the last JPEG compression, 0 where there was none.
      "shape": Tensor(shapes, shape: [views.count, 3]),
    ]
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Safetensors(
      tensors: tensors,
      metadata: ["views": views.map(\.name).joined(separator: ",")]
    ).write(to: file.path, as: .half)
  }

  /// The views of a picture; nil where they are not computed yet.
  func views(_ item: PictureIndex.Item) throws -> [PictureView]? {
    let path = file(item).path
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let file = try Safetensors(path: path)
    let names = file.metadata["views"]?.split(separator: ",").map(String.init) ?? []
    let c = encoder.transformer.configuration
    guard names == Self.views(of: item).map(\.name), let tokens = file.tensors["tokens"],
      let spectra = file.tensors["spectra"]?.values, let shape = file.tensors["shape"]?.values,
      tokens.count == names.count * encoder.inputs, spectra.count == names.count * Self.spectra,
      shape.count == names.count * 3
    else {
      throw DetectorError(
        code: "detector.features", location: .init(file: path), message: "the features are of other views",
        remedy: "remove the file, or name another folder")
    }
    let all = tokens.values
    return names.indices.map { number in
      let part = Array(spectra[number * Self.spectra..<(number + 1) * Self.spectra])
      return PictureView(
        item: item, number: number,
        features: PictureFeatures(
          tokens: Tensor(
            Array(all[number * encoder.inputs..<(number + 1) * encoder.inputs]), shape: [c.blocks, c.width]),
          spectra: part.allSatisfy { $0 == 0 } ? [] : part),
        longSide: Int(max(shape[3 * number], shape[3 * number + 1])),
        quality: shape[3 * number + 2] > 0 ? Int(shape[3 * number + 2]) : nil)
    }
  }

  /// A picture's random numbers are its own, whatever else is in the list.
  private static func seed(of item: PictureIndex.Item) -> UInt64 {
    SHA256.hash(data: Data(name(of: item).utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func name(of item: PictureIndex.Item) -> String {
    item.source + "/" + URL(filePath: item.path).lastPathComponent
  }

  func file(_ item: PictureIndex.Item) -> URL {
    folder.appending(path: Self.name(of: item) + ".features")
  }

  private static let spectra = PictureEncoder.spectralCount
}
