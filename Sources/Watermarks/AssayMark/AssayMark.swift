public import Images

/// Assay's own mark: up to 64 bits, keyed, found again after scaling, turning, mirroring and cropping.
///
/// The payload, a version and a keyed check go through a polar code onto the lines of a periodic tile
/// (`MarkPattern`), which is added to luminance as strongly as each place hides it (`PerceptualMask`).
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
  /// Multiplies the amplitude that the picture hides; nil chooses it picture by picture.
  public let strength: Double?
  public let effort: Effort
  let demodulator: MarkDemodulator

  /// - Parameters:
  ///   - key: who can read and write; the open key lets everybody read.
  ///   - strength: clamped to ``strengths``; nil, the default, chooses it by the margin with which the mark is read
  ///     after simulated damage, within 40 dB and bounds of similarity.
  public init(key: MarkKey = .open, strength: Double? = nil, effort: Effort = .allMarks) {
    self.key = key
    self.strength = strength.map { value in
      value.isNaN ? 1 : min(max(value, Self.strengths.lowerBound), Self.strengths.upperBound)
    }
    self.effort = effort
    demodulator = MarkDemodulator(key: key)
  }

  public var name: String { "assay" }
  public var payloadBits: ClosedRange<Int> { MarkFrame.payloadBits }

  /// What may be asked for as ``strength``: 1 keeps at least 41 dB.
  public static let strengths = 0.25...4.0

  /// Pictures with a shorter side can't carry the mark: one period and a little.
  public static let minimumSide = 128

  /// Adds the mark to the picture's colours. Alpha stays, and so do pixels that are wholly transparent.
  ///
  /// - Throws: ``WatermarkError`` if a side is shorter than ``minimumSide``, the payload's length is not in
  ///   ``payloadBits``, or the mark can't be read back from the result (pictures that are clipped or transparent
  ///   all over).
  /// - Complexity: about 40 ms a megapixel of large pictures, 75 of small ones.
  public func embed(_ payload: Payload, in image: Image) throws(WatermarkError) -> Image {
    guard let frame = MarkFrame.bits(of: payload, key: key) else {
      throw WatermarkError(
        "watermark.payload.length", "the payload has \(payload.count) bits, but the mark carries 1 to 64",
        remedy: payload.count == 0
          ? "give at least one bit" : "shorten it to 64 bits: 16 hexadecimal digits or 8 bytes of text")
    }
    guard min(image.width, image.height) >= Self.minimumSide else {
      throw WatermarkError(
        "watermark.picture.small",
        "the picture is \(image.width)×\(image.height) pixels, but the mark needs \(Self.minimumSide) each way",
        remedy: "mark a larger version of the picture")
    }
    let embedding = InformedEmbedding(
      demodulator: demodulator, word: MarkFrame.code.encode(frame),
      offset: MarkFrame.offset(of: payload, key: key), luminance: image.luminance())
    var amplitude = strength.map { Float($0) } ?? embedding.strength()
    while true {
      let marked = embedding.writer(at: amplitude).write(on: image)
      if MarkReader(demodulator: demodulator, luminance: marked.luminance()).reads(payload) { return marked }
      // A small smooth picture has too little room for the mark at the strength that quality asks for.
      guard strength == nil, amplitude < Float(Self.strengths.upperBound) else { break }
      amplitude = min(amplitude * 1.5, Float(Self.strengths.upperBound))
    }
    throw WatermarkError(
      "watermark.picture.unreadable", "the mark could not be read back from the marked picture",
      remedy: "choose a picture that is larger and neither flat at black or white nor transparent all over")
  }
}
