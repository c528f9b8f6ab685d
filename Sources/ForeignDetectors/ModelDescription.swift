/// What a network of somebody else takes and gives (`assay.model/1`): the file `model.assay.json` beside `model.onnx`.
public struct ModelDescription: Sendable, Hashable, Codable {
  public static let schema = "assay.model/1"

  /// How a picture becomes the network's input.
  public struct Input: Sendable, Hashable, Codable {
    /// How the sides are brought to the input's.
    public enum Fit: String, Sendable, Hashable, Codable, CaseIterable {
      /// The shorter side is brought to the input's, and the middle is cut out.
      case crop
      /// Both sides are, whatever that does to the proportions.
      case stretch
    }

    public enum Layout: String, Sendable, Hashable, Codable, CaseIterable {
      /// Channels in planes, as PyTorch has them.
      case nchw = "NCHW"
      /// Channels interleaved, as TensorFlow has them.
      case nhwc = "NHWC"
    }

    public enum Filter: String, Sendable, Hashable, Codable, CaseIterable {
      case nearest, box, bilinear, bicubic, lanczos3
    }

    public enum Channels: String, Sendable, Hashable, Codable, CaseIterable {
      case rgb = "RGB"
      case bgr = "BGR"
    }

    /// The input's name; the first one where none is given.
    public var name: String?
    /// Pixels.
    public var width: Int
    public var height: Int
    public var fit: Fit
    public var filter: Filter
    public var layout: Layout
    public var channels: Channels?
    /// A sample s of 0...255 becomes (s · scale − mean) / std, channel by channel in the order of `channels`.
    public var scale: Double
    public var mean: [Double]
    public var std: [Double]
  }

  /// Which number says that a picture was generated.
  public struct Output: Sendable, Hashable, Codable {
    public enum Activation: String, Sendable, Hashable, Codable, CaseIterable {
      /// The number is shown as it is.
      case none
      /// The output is a logit.
      case sigmoid
      /// The output is one logit a class.
      case softmax
    }

    /// The output's name; the first one where none is given.
    public var name: String?
    /// The place of the class 'generated' in the output, from 0 on.
    public var generated: Int
    public var activation: Activation
  }

  public var schema: String
  /// Under which it stands in evidence.
  public var name: String
  public var version: String?
  public var licence: String
  /// Where it came from.
  public var source: String
  /// Of the .onnx file, 64 hexadecimal digits.
  public var sha256: String
  public var input: Input
  public var output: Output

  /// Why the description cannot be what it says; nil where it can.
  package var fault: String? {
    func isPlain(_ text: String) -> Bool {
      !text.isEmpty && text.utf8.count <= 200
        && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
    if schema != Self.schema { return "its schema is not \(Self.schema)" }
    if ![name, licence, source].allSatisfy(isPlain) || version.map(isPlain) == false {
      return "name, version, licence and source are texts of at most 200 letters"
    }
    if !(8...4096).contains(input.width) || !(8...4096).contains(input.height) {
      return "the input's sides are 8...4096"
    }
    if input.mean.count != 3 || input.std.count != 3 { return "mean and std have three numbers each" }
    if !(input.mean + input.std + [input.scale]).allSatisfy(\.isFinite)
      || !input.std.allSatisfy({ $0 != 0 }) || input.scale == 0
    {
      return "scale and std are not 0"
    }
    if !(0..<100_000).contains(output.generated) { return "output.generated counts from 0 on" }
    return nil
  }

  /// The name as part of a method's: small letters, digits and dashes.
  public var slug: String {
    let letters = name.lowercased().unicodeScalars.map { letter -> Character in
      ("a"..."z").contains(letter) || ("0"..."9").contains(letter) ? Character(letter) : "-"
    }
    let parts = String(letters).split(separator: "-").joined(separator: "-")
    return parts.isEmpty ? "unnamed" : String(parts.prefix(60))
  }
}
