public import Images

/// Assay's own mark: up to 64 bits, keyed, found again after scaling, turning, mirroring and cropping.
///
/// The payload, a version and a keyed check go through a polar code onto the lines of a periodic tile
/// (``MarkPattern``), which is added to luminance as strongly as each place hides it (``PerceptualMask``).
/// The reader needs neither the original nor the size: it finds the tile's grid in the spectrum.
public struct AssayMark: WatermarkScheme {
  /// How far a reader searches.
  public enum Effort: String, Sendable, Hashable, CaseIterable {
    /// The picture's own grid, cropped, mirrored or turned by quarter turns.
    case ownGrid
    /// Any scale and rotation, unless the own grid holds a mark.
    case firstMark
    /// Any scale and rotation, whatever the own grid holds.
    case allMarks
  }

  public let key: MarkKey
  /// 1 keeps 42 dB; the mark's amplitude grows with it. 0.25...4.
  public let strength: Double
  public let effort: Effort
  let demodulator: MarkDemodulator

  /// - Parameters:
  ///   - key: who can read and write; the open key lets everybody read.
  ///   - strength: clamped to 0.25...4.
  public init(key: MarkKey = .open, strength: Double = 1, effort: Effort = .allMarks) {
    self.key = key
    self.strength = strength.isNaN ? 1 : min(max(strength, 0.25), 4)
    self.effort = effort
    demodulator = MarkDemodulator(key: key)
  }

  public var name: String { "assay" }
  public var payloadBits: ClosedRange<Int> { MarkFrame.payloadBits }

  /// Pictures with a shorter side can't carry the mark: one period and a little.
  public static let minimumSide = 128

  /// Adds the mark to the picture's colours. Alpha stays, and so do pixels that are wholly transparent.
  ///
  /// - Throws: ``WatermarkError`` if a side is shorter than ``minimumSide``, the payload's length is not in
  ///   ``payloadBits``, or the mark can't be read back from the result (pictures that are clipped or transparent
  ///   all over).
  /// - Complexity: about 25 ms a megapixel.
  public func embed(_ payload: Payload, in image: Image) throws(WatermarkError) -> Image {
    guard let frame = MarkFrame.bits(of: payload, key: key) else {
      throw WatermarkError(
        "watermark.payload.length", "the payload has \(payload.count) bits, but the mark carries 1 to 64",
        remedy: "shorten it to 64 bits: 16 hexadecimal digits or 8 bytes of text")
    }
    guard min(image.width, image.height) >= Self.minimumSide else {
      throw WatermarkError(
        "watermark.picture.small",
        "the picture is \(image.width)×\(image.height) pixels, but the mark needs \(Self.minimumSide) each way",
        remedy: "mark a larger version of the picture")
    }
    let tile = demodulator.pattern.tile(MarkFrame.code.encode(frame))
    let mask = PerceptualMask(luminance: image.luminance(), strength: Float(strength))
    let marked = MarkWriter(tile: tile, offset: MarkFrame.offset(of: payload, key: key), mask: mask)
      .write(on: image)
    let proof = AssayMark(key: key, strength: strength, effort: .ownGrid)
    guard proof.read(marked).marks.contains(where: { $0.payload == payload }) else {
      throw WatermarkError(
        "watermark.picture.unreadable", "the mark could not be read back from the marked picture",
        remedy: "choose a picture that is larger and neither flat at black or white nor transparent all over")
    }
    return marked
  }
}
