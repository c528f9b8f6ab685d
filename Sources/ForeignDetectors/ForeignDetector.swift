import COnnxRuntime
import Crypto
import Diagnostics
import Foundation
import ImageFormats
public import Images

/// A network of somebody else in ONNX with its description, ready to judge pictures.
///
/// It is fed one picture at a time: graphs that round their activations with one scale for a whole batch give a picture
/// another score beside others than alone.
@safe public final class ForeignDetector: @unchecked Sendable {
  public let description: ModelDescription
  /// What its scores mean; nil where nobody measured that.
  public let calibration: ForeignCalibration?
  /// The model's file.
  public let path: String
  public let sha256: String

  /// Never changed, and onnxruntime runs one session from many threads; that is why the class is Sendable.
  private let session: OpaquePointer
  private let inputName: String
  private let outputName: String
  /// Whether the first side of the input may be any length.
  private let takesBatches: Bool

  private static let longestModel = 2 << 30

  /// The description that belongs to a model: `model.assay.json` beside `model.onnx`.
  public static func descriptionPath(of model: String) -> String { stem(model) + ".assay.json" }
  /// The calibration that belongs to it: `model.calibration.json`.
  public static func calibrationPath(of model: String) -> String { stem(model) + ".calibration.json" }

  private static func stem(_ model: String) -> String {
    model.hasSuffix(".onnx") ? String(model.dropLast(5)) : model
  }

  /// - Throws: ``ForeignDetectorError`` for a model, description or library that does not fit; `ImageFormatError` for a file
  ///   that cannot be read.
  public init(path: String) throws {
    self.path = path
    var limits = ReadLimits.standard
    limits.maxFileBytes = Self.longestModel
    let model = try readFile(FilePath(path), limits: limits)
    sha256 = SHA256.hash(data: model).hexadecimal
    description = try Self.description(of: path, sha256)
    calibration = try Self.calibration(of: path, sha256)
    if case .failure(let fault) = OnnxLibrary.loaded {
      throw ForeignDetectorError(
        "model.library", path, fault.words,
        "install it (pip install onnxruntime) and let ASSAY_ONNXRUNTIME name its library or folder")
    }
    var message = [CChar](repeating: 0, count: 512)
    // SAFETY: the library copies what it needs of the model; 512 characters are there for the message.
    let opened: OpaquePointer? = unsafe model.withUnsafeBytes { bytes in
      unsafe assay_onnx_open(bytes.baseAddress, bytes.count, 1, &message)
    }
    guard let opened = unsafe opened else {
      let words = OnnxLibrary.text(message)
      throw ForeignDetectorError(
        "model.open", path, "onnxruntime does not take the model: \(words)",
        words.contains("not a registered function/op") || words.contains("NOT_IMPLEMENTED")
          ? "use a newer onnxruntime, or export the model with operators that it has"
          : "export the model again as one file of ONNX")
    }
    unsafe session = opened
    do {
      (inputName, takesBatches) = unsafe try Self.input(opened, description, path)
      outputName = unsafe try Self.output(opened, description, path)
    } catch {
      unsafe assay_onnx_close(opened)
      throw error
    }
  }

  deinit { unsafe assay_onnx_close(session) }

  private static func description(of path: String, _ sha256: String) throws -> ModelDescription {
    let file = descriptionPath(of: path)
    guard let data = FileManager.default.contents(atPath: file) else {
      throw ForeignDetectorError(
        "model.description", file, "the model has no description, or it cannot be read",
        "write one (\(ModelDescription.schema)): input size, fit, filter, mean, std, scale, layout, and which output is 'generated'"
      )
    }
    let remedy = "write the description as \(ModelDescription.schema) has it"
    let description: ModelDescription
    do {
      description = try JSONDecoder().decode(ModelDescription.self, from: data)
    } catch {
      throw ForeignDetectorError("model.description", file, words(error), remedy)
    }
    if let fault = description.fault { throw ForeignDetectorError("model.description", file, fault, remedy) }
    guard description.sha256.lowercased() == sha256 else {
      throw ForeignDetectorError(
        "model.sha256", file, "the description is of another model: the file's SHA-256 is \(sha256)",
        "take the description that belongs to the model, or check what was changed and write the new hash")
    }
    return description
  }

  private static func words(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    return switch error {
    case DecodingError.keyNotFound(let key, let context):
      "'\((context.codingPath.map(\.stringValue) + [key.stringValue]).joined(separator: "."))' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "'\(place(context))' has another type"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      "'\(place(context))' has a value that is not known"
    default: "it is no JSON object"
    }
  }

  private static func calibration(of path: String, _ sha256: String) throws -> ForeignCalibration? {
    let file = calibrationPath(of: path)
    guard let data = FileManager.default.contents(atPath: file) else { return nil }
    guard let calibration = try? JSONDecoder().decode(ForeignCalibration.self, from: data), calibration.fits
    else {
      throw ForeignDetectorError(
        "model.calibration", file, "this is no calibration (\(ForeignCalibration.schema))",
        "measure the model again, or take the file away")
    }
    guard calibration.model == sha256 else {
      throw ForeignDetectorError(
        "model.calibration", file, "the calibration is of another model",
        "measure the model again, or take the file away"
      )
    }
    return calibration
  }

  private struct Value {
    var name: String
    var type: Int
    var sides: [Int]
  }

  private static func values(_ session: OpaquePointer, isOutput: Bool) -> [Value] {
    let side: Int32 = isOutput ? 1 : 0
    let count = unsafe assay_onnx_count(session, side)
    return (0..<count).compactMap { index in
      var value = assay_onnx_value()
      // SAFETY: the session is open; the name ends in zero within its 256 characters.
      guard unsafe assay_onnx_describe(session, side, index, &value) != 0 else { return nil }
      let name = unsafe withUnsafeBytes(of: &value.name) {
        unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      let sides = unsafe withUnsafeBytes(of: &value.sides) { unsafe Array($0.bindMemory(to: Int64.self)) }
      return Value(name: name, type: Int(value.type), sides: sides.prefix(Int(value.rank)).map { Int($0) })
    }
  }

  private static func named(
    _ name: String?, _ values: [Value], _ kind: String, _ path: String
  ) throws -> Value {
    guard let value = name.map({ name in values.first { $0.name == name } }) ?? values.first else {
      let names = values.map(\.name).joined(separator: ", ")
      throw ForeignDetectorError(
        "model.shape", path,
        "the model has no \(kind) '\(name ?? "")'; it has \(names.isEmpty ? "none" : names)",
        "name one of these in the description")
    }
    guard value.type == Int(ASSAY_ONNX_FLOAT) else {
      throw ForeignDetectorError(
        "model.shape", path, "the \(kind) '\(value.name)' holds no 32-bit floats",
        "export the model with floats")
    }
    return value
  }

  private static func input(
    _ session: OpaquePointer, _ description: ModelDescription, _ path: String
  ) throws -> (name: String, takesBatches: Bool) {
    let inputs = unsafe values(session, isOutput: false)
    guard inputs.count == 1 else {
      throw ForeignDetectorError(
        "model.shape", path, "the model has \(inputs.count) inputs, and a picture is one",
        "export it with one input")
    }
    let value = try named(description.input.name, inputs, "input", path)
    let shape = Self.shape(description.input, count: 1).map { Int($0) }
    let fits =
      value.sides.count == 4
      && zip(value.sides, shape).allSatisfy { $0 < 0 || $0 == $1 }
    guard fits else {
      throw ForeignDetectorError(
        "model.shape", path,
        "the description gives pictures of \(shape), and the input '\(value.name)' takes \(value.sides)",
        "correct width, height and layout in the description")
    }
    return (value.name, value.sides[0] < 0)
  }

  private static func output(
    _ session: OpaquePointer, _ description: ModelDescription, _ path: String
  ) throws -> String {
    let value = try named(
      description.output.name, unsafe values(session, isOutput: true), "output", path)
    guard let classes = numbers(value.sides) else {
      throw ForeignDetectorError(
        "model.shape", path,
        "the output '\(value.name)' has more numbers a picture than can be counted: \(value.sides)",
        "export the model with an output of one number a class")
    }
    guard classes < 0 || description.output.generated < classes else {
      throw ForeignDetectorError(
        "model.shape", path,
        "the output '\(value.name)' has \(classes) numbers a picture, and 'generated' is said to be number \(description.output.generated)",
        "correct output.generated in the description; it counts from 0")
    }
    return value.name
  }

  /// How many numbers an output has for one picture; -1 where a side may be any length, nil where the sides' product is beyond
  /// every count.
  package static func numbers(_ sides: [Int]) -> Int? {
    var product = 1
    for side in sides.dropFirst() {
      guard side >= 0 else { return -1 }
      let (value, isOver) = product.multipliedReportingOverflow(by: side)
      guard !isOver else { return nil }
      product = value
    }
    return product
  }

  private static func shape(_ input: ModelDescription.Input, count: Int) -> [Int64] {
    let (width, height) = (Int64(input.width), Int64(input.height))
    return input.layout == .nchw ? [Int64(count), 3, height, width] : [Int64(count), height, width, 3]
  }

  /// What the network says of a picture.
  public struct Score: Sendable, Hashable {
    /// A logit where the description names an activation, else the output as it is: what calibrations are fitted to.
    public var margin: Double
    /// After the activation.
    public var value: Double
  }

  /// Judges one picture, upright.
  ///
  /// - Throws: ``ForeignDetectorError`` `model.run` where the network fails or gives no number.
  public func judge(_ image: Image) throws(ForeignDetectorError) -> Score {
    try scores(of: input(of: image), count: 1)[0]
  }

  /// The network's input, in its layout.
  func input(of image: Image) -> [Float] {
    let wish = description.input
    let pixels = wish.fitted(image.withoutAlpha().inColor()).pixels8
    let count = wish.width * wish.height
    var values = [Float](repeating: 0, count: 3 * count)
    for channel in 0..<3 {
      let source = wish.channels == .bgr ? 2 - channel : channel
      let table = (0..<256).map { Float((Double($0) * wish.scale - wish.mean[channel]) / wish.std[channel]) }
      for pixel in 0..<count {
        values[wish.layout == .nchw ? channel * count + pixel : 3 * pixel + channel] =
          table[Int(pixels[3 * pixel + source])]
      }
    }
    return values
  }

  /// The scores of a batch.
  func scores(of values: [Float], count: Int) throws(ForeignDetectorError) -> [Score] {
    var message = [CChar](repeating: 0, count: 512)
    let capacity = 1 << 18
    var result = [Float](repeating: 0, count: capacity)
    var length = 0
    let sides = Self.shape(description.input, count: count)
    // SAFETY: `values` holds as many floats as the sides say; at most `capacity` are written; names end in zero.
    let done = unsafe assay_onnx_run(
      session, inputName, values, sides, Int32(sides.count), outputName, &result, capacity, &length, &message)
    func fault(_ words: String) -> ForeignDetectorError {
      ForeignDetectorError(
        "model.run", path, words, "check the description, and the model in onnxruntime itself")
    }
    guard done != 0 else { throw fault("the network fails: \(OnnxLibrary.text(message))") }
    let classes = length / count
    guard length <= capacity, length == classes * count, description.output.generated < classes else {
      throw fault(
        "the network gave \(length) numbers, where 'generated' should be number \(description.output.generated)"
      )
    }
    var scores: [Score] = []
    for picture in 0..<count {
      let logits = result[picture * classes..<(picture + 1) * classes].map(Double.init)
      let own = logits[description.output.generated]
      var score = Score(margin: own, value: own)
      switch description.output.activation {
      case .none: break
      case .sigmoid: score.value = 1 / (1 + exp(-own))
      case .softmax:
        let others = logits.enumerated().filter { $0.offset != description.output.generated }.map(\.element)
        let top = others.max() ?? 0
        score.margin = own - (others.isEmpty ? 0 : top + log(others.reduce(0) { $0 + exp($1 - top) }))
        score.value = 1 / (1 + exp(-score.margin))
      }
      guard score.margin.isFinite else { throw fault("the network's answer is no number") }
      scores.append(score)
    }
    return scores
  }
}

extension ForeignDetector {
  /// Whether a picture's answer depends on what else is in its batch.
  public enum Neighbours: Sendable, Hashable {
    /// The model takes one picture at a time.
    case alone
    /// It does not; the largest difference of a margin.
    case independent(Double)
    /// It does; the largest difference of a margin.
    case dependent(Double)
  }

  /// Feeds drawn pictures alone and beside each other.
  public func neighbours() throws(ForeignDetectorError) -> Neighbours {
    guard takesBatches else { return .alone }
    let wish = description.input
    let length = 3 * wish.width * wish.height
    var random = SplitMix(state: 22)
    let noise = (0..<length).map { _ in Float.random(in: -2...2, using: &random) }
    let ramp = (0..<length).map { Float($0 % wish.width) / Float(wish.width) * 8 - 4 }
    // Flat and faint: what a scale for louder neighbours rounds away.
    let dim = [Float](repeating: 0.0043, count: length)
    var largest = 0.0
    for (first, second) in [(noise, ramp), (dim, noise), (ramp, dim)] {
      let alone = try scores(of: first, count: 1)[0].margin
      let beside = try scores(of: first + second, count: 2)[0].margin
      largest = max(largest, abs(alone - beside) / max(1, abs(alone)))
    }
    // Sums in another order differ in the last digits.
    return largest > 1e-4 ? .dependent(largest) : .independent(largest)
  }
}

extension ModelDescription.Input {
  /// A picture at the input's size.
  package func fitted(_ image: Image) -> Image {
    let filter = ResamplingFilter(rawValue: filter.rawValue) ?? .bicubic
    guard fit == .crop else { return image.resized(width: width, height: height, filter: filter) }
    var image = image
    var (wide, high) = resizedSides(image)
    // Of a long strip nearly all would be enlarged only to be cut off, which no memory may hold: the middle is cut out first.
    if wide * high > Self.mostExcess * width * height {
      let scale = Double(wide) / Double(image.width)
      image = image.centerCropped(
        width: Int((Double(width) / scale).rounded(.up)), height: Int((Double(height) / scale).rounded(.up)))
      (wide, high) = resizedSides(image)
    }
    return image.resized(width: wide, height: high, filter: filter).cropped(
      x: (wide - width) / 2, y: (high - height) / 2, width: width, height: height)
  }

  /// How many times the input's area a resized picture may have before its middle is cut out.
  private static let mostExcess = 64

  /// The sides of a picture whose shorter side, as the input has them, is brought to the input's.
  private func resizedSides(_ image: Image) -> (width: Int, height: Int) {
    let scale = max(Double(width) / Double(image.width), Double(height) / Double(image.height))
    return (
      max(width, Int((Double(image.width) * scale).rounded())),
      max(height, Int((Double(image.height) * scale).rounded()))
    )
  }
}
