import Crypto
import Diagnostics
public import Images
import NeuralNetworks
import Tensors

/// What a person gives a search to approach: a rough layout of colours, a sketch or a picture.
public struct Guide: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Colours on a grid of 8 × 8 places.
    case layout
    /// Colours on a grid of 32 × 32.
    case picture
    /// Where edges lie, on a grid of 16 × 16, whatever the colours.
    case sketch
  }

  public let kind: Kind
  public let title: String
  /// Of the file, in hexadecimal digits.
  public let sha256: String
  /// What pictures are compared with, [1, side, side, channels] flattened.
  private let target: [Float]

  private static let cells: [Kind: Int] = [.layout: 8, .picture: 32, .sketch: 16]

  /// - Parameters:
  ///   - image: of any size; its central square counts.
  ///   - side: of the model's pictures.
  /// - Throws: ``GeneratorError`` `guide.blank` for a sketch without a line.
  public init(_ image: Image, kind: Kind, title: String, file: [UInt8], side: Int) throws(GeneratorError) {
    self.kind = kind
    self.title = title
    sha256 = SHA256.hash(data: file).hexadecimal
    let square = Tensor([PictureSet.squared(image, side: side)]).map { $0 / 127.5 - 1 }
    let tape = Tape.inference()
    target = Self.view(tape.constant(square), kind: kind).tensor.values
    guard kind != .sketch || target.contains(where: { $0 > 0.5 }) else {
      throw GeneratorError(
        code: "guide.blank", location: .init(file: title), message: "the sketch has no lines",
        remedy: "draw dark lines on a light ground, or use the kind 'layout'")
    }
  }

  /// How far pictures [N, side, side, 3] in −1...1 are from it, [N]: the mean square over places and channels.
  func distance(_ pictures: Variable) -> Variable {
    let seen = Self.view(pictures, kind: kind)
    let shape: Shape = [1, seen.shape[1], seen.shape[2], seen.shape[3]]
    let wanted = pictures.tape.constant(Tensor(target, shape: shape))
    return (seen - wanted).squared().mean(to: [seen.shape[0], 1, 1, 1]).reshaped(to: [seen.shape[0]])
  }

  private static func view(_ pictures: Variable, kind: Kind) -> Variable {
    let cell = cell(kind, side: pictures.shape[1])
    guard kind == .sketch else { return pictures.averagePooled(kernel: cell, stride: cell) }
    let edges = sobel(pictures.reflectionPadded(1)).absolute().averagePooled(kernel: cell, stride: cell)
    // Only where the lines are counts, not how strong: each picture's edges are 1 on average.
    let strength = edges.mean(to: [edges.shape[0], 1, 1, 1]) + 1e-3
    return edges / strength
  }

  /// Whether it was made for pictures of this side; one that was stored may have been changed.
  func fits(side: Int) -> Bool {
    let cells = side / Self.cell(kind, side: side)
    return target.count == cells * cells * (kind == .sketch ? 2 : 3)
  }

  private static func cell(_ kind: Kind, side: Int) -> Int { max(1, side / (cells[kind] ?? 8)) }

  /// Differences of luminance across and down: Sobel's operator.
  private static let sobel: Conv2d = {
    var random = RandomStream(seed: 0)
    var layer = Conv2d(3, 2, kernel: 3, padding: .symmetric(0), bias: false, random: &random)
    let weights: [Float] = [0.299, 0.587, 0.114]
    let across: [[Float]] = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    var values: [Float] = []
    for row in 0..<3 {
      for column in 0..<3 {
        for weight in weights { values += [weight * across[row][column], weight * across[column][row]] }
      }
    }
    layer.weight = Parameter(Tensor(values, shape: [3, 3, 3, 2]), role: .buffer, fileLayout: .kernel)
    return layer
  }()
}
