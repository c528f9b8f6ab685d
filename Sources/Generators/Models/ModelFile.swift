import Diagnostics
import Foundation
import NeuralNetworks
import Tensors

/// A file of weights that says what it is: kind, name, version and the plan of its network.
struct ModelFile: Sendable {
  /// What a model does.
  enum Kind: String, Sendable, Codable, CaseIterable {
    case gan, style, translation, upsampler
  }

  /// What the file's metadata say, as JSON under ``key``.
  struct Header: Sendable, Codable {
    var kind: Kind
    var identity: ModelIdentity
    /// Of a generator from noise.
    var plan: PictureGenerator.Plan?
    /// Of a translation: what it is given, such as `edges`.
    var input: String?
    /// Of an upsampler: the least and greatest numbers of each of its maps, in pairs.
    var bounds: [Float]?
  }

  static let key = "assay.model"

  var header: Header
  var weights: Safetensors
  /// Where it was read from, for errors.
  var path: String

  /// Where the shipped models lie, a folder each. On Linux a bundle's resources are the folder `Resources` itself.
  private static var folder: URL? {
    let places = [Bundle.module.resourceURL, Bundle.module.resourceURL?.appending(path: "Resources")]
    return places.compactMap(\.self).first {
      FileManager.default.fileExists(atPath: $0.appending(path: "style/weights.safetensors").path)
    }
  }

  /// The models that ship, by name.
  static func shipped() -> [String] {
    guard let folder, let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
      return []
    }
    return names.filter {
      FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/weights.safetensors").path)
    }.sorted()
  }

  /// Reads a model that ships, or a file.
  ///
  /// - Parameter name: a shipped model's name, or a path that ends in `.safetensors`.
  /// - Throws: ``GeneratorError``: `model.unknown`, `model.missing` where none ship, `model.unreadable`, or
  ///   `model.kind` for one of another kind.
  init(_ name: String, kind: Kind) throws(GeneratorError) {
    let path: String
    if name.hasSuffix(".safetensors") {
      path = name
    } else if Self.shipped().contains(name),
      let url = Self.folder?.appending(path: "\(name)/weights.safetensors")
    {
      path = url.path
    } else {
      let shipped = Self.shipped()
      guard !shipped.isEmpty else {
        throw GeneratorError(
          code: "model.missing", location: FaultLocation(path: name), message: "the models are not installed",
          remedy: "install the package assay-generators, or name a .safetensors file")
      }
      throw GeneratorError(
        code: "model.unknown", location: FaultLocation(path: name), message: "no model has this name",
        remedy: "choose one of \(shipped.joined(separator: ", ")), or name a .safetensors file")
    }
    self.path = path
    do {
      weights = try Safetensors(path: path)
    } catch {
      throw GeneratorError(
        code: "model.unreadable", location: error.location, message: error.message, remedy: error.remedy,
        cause: error)
    }
    guard let text = weights.metadata[Self.key],
      let header = try? JSONDecoder().decode(Header.self, from: Data(text.utf8))
    else {
      throw GeneratorError(
        code: "model.header", location: FaultLocation(file: path),
        message: "the file does not say which model it is",
        remedy: "use weights that a training wrote")
    }
    guard header.kind == kind else {
      throw GeneratorError(
        code: "model.kind", location: FaultLocation(file: path),
        message: "the file is a model of kind \(header.kind.rawValue), not \(kind.rawValue)",
        remedy: "choose a model of kind \(kind.rawValue)")
    }
    self.header = header
  }

  /// Whether a number of a file may be one that training gave: sums of a few stay finite.
  static func isUsual(_ number: Float) -> Bool { abs(number) <= 1e6 }

  /// Puts the weights into a network.
  ///
  /// - Throws: ``GeneratorError`` `model.architecture` naming the first weight that is missing, of another shape or
  ///   larger than any that training gives.
  func load(into network: inout some Layer) throws(GeneratorError) {
    let sorted = weights.tensors.sorted { $0.key < $1.key }
    if let bad = sorted.first(where: { !$0.value.values.allSatisfy(Self.isUsual) }) {
      throw GeneratorError(
        code: "model.architecture", location: FaultLocation(file: path, path: bad.key),
        message: "a weight is no number, or larger than any that training gives",
        remedy: "use weights that a training wrote")
    }
    do {
      try network.load(weights, name: path)
    } catch {
      throw GeneratorError(
        code: "model.architecture", location: error.location, message: error.message,
        remedy: "use weights of this architecture", cause: error)
    }
  }

  /// The bytes of a file with these weights, matrices as halves.
  static func encoded(_ header: Header, _ weights: [String: Tensor]) -> Data {
    // A header of strings and numbers always encodes.
    let text = (try? JSONLine.encoder().encode(header)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    return Safetensors(tensors: weights, metadata: [key: text]).encoded(as: .half)
  }
}
