import CText
import Diagnostics
import Foundation
import ImageFormats
import Images

/// A text on a picture that tells people what it is.
///
/// White on black at three quarters of cover: on the palest ground the contrast is 10 : 1, where WCAG 2.2 asks for
/// 4.5 : 1. Drawn glyphs are at least a twentieth of the short side high, which GB 45438-2025 5.2 asks for.
public struct VisibleLabel: Sendable, Hashable {
  public enum Corner: String, Sendable, Hashable, CaseIterable {
    case topLeft, topRight, bottomLeft, bottomRight
  }

  public var text: String
  public var corner: Corner

  /// The longest text: 64 characters on one line.
  public static let longest = 64
  /// Least height of the drawn glyphs as a share of the picture's short side.
  public static let leastHeight = 0.05
  private static let cover: Float = 0.75

  /// - Throws: ``GeneratorError`` `label.text` for an empty text, one of more than ``longest`` characters, or one
  ///   with control characters.
  public init(_ text: String, corner: Corner = .bottomRight) throws(GeneratorError) {
    let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    guard !text.isEmpty, text.count <= Self.longest, isPlain, text.contains(where: { !$0.isWhitespace })
    else {
      throw GeneratorError(
        code: "label.text", message: "the label is empty, too long or has control characters",
        remedy: "give 1 to \(Self.longest) characters on one line")
    }
    self.text = text
    self.corner = corner
  }

  /// Where a label stands in a picture, in pixels.
  private struct Place {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
  }

  /// The picture with the label on it, in 8-bit colour, and what is to be written down about it.
  ///
  /// - Throws: ``GeneratorError``: `label.library` where Pango is not installed, `label.glyphs` where no font has
  ///   a character, `label.room` where the text does not fit at its least height.
  func drawn(on image: Image) throws(GeneratorError) -> (image: Image, record: LabelRecord) {
    let short = min(image.width, image.height)
    let wanted = max(Int((Double(short) * Self.leastHeight).rounded(.up)), 7)
    // Grow until the ink is high enough: fonts and scripts fill the em differently.
    var size = Double(wanted) * 1.3
    var extents = try measured(size)
    while Int(extents.ink_height) < wanted, size < Double(short) {
      size += max(1, Double(wanted) * 0.1)
      extents = try measured(size)
    }
    guard extents.unknown_glyphs == 0 else {
      throw GeneratorError(
        code: "label.glyphs",
        message: "no installed font has \(extents.unknown_glyphs) of the label's characters",
        remedy: "install a font for the script, such as fonts-noto-core or fonts-noto-cjk")
    }
    let margin = max(2, Int(extents.ink_height) / 2)
    let gap = max(2, short / 64)
    let place = Place(
      x: corner == .topLeft || corner == .bottomLeft
        ? gap : image.width - Int(extents.ink_width) - 2 * margin - gap,
      y: corner == .topLeft || corner == .topRight
        ? gap : image.height - Int(extents.ink_height) - 2 * margin - gap,
      width: Int(extents.ink_width) + 2 * margin, height: Int(extents.ink_height) + 2 * margin)
    guard extents.ink_width > 0, place.x >= 0, place.y >= 0, place.width <= image.width - gap else {
      throw GeneratorError(
        code: "label.room", message: "the label does not fit into \(image.width) × \(image.height) pixels",
        remedy: "shorten it, or make a larger picture")
    }
    var coverage = [UInt8](repeating: 0, count: place.width * place.height)
    // SAFETY: the buffer holds width · height bytes, which is all that is written, and outlives the call.
    let status = unsafe coverage.withUnsafeMutableBufferPointer { buffer in
      unsafe ctext_draw(
        text, size, Int32(margin), Int32(margin), buffer.baseAddress, Int32(place.width), Int32(place.height))
    }
    try Self.check(status)
    let labelled = composed(coverage, on: image, at: place)
    // The corner's gap is a sixty-fourth of the short side: nobody would call that anywhere but at the edge.
    return (
      labelled,
      LabelRecord(
        text: text, heightShare: Double(extents.ink_height) / Double(short),
        contrast: Self.contrast(of: labelled, coverage, at: place), isAtEdge: true,
        region: PixelRegion(x: place.x, y: place.y, width: place.width, height: place.height))
    )
  }

  /// The contrast between white text and the palest ground that no ink covers, as WCAG 2.2 defines both.
  private static func contrast(of image: Image, _ coverage: [UInt8], at place: Place) -> Double {
    func linear(_ sample: UInt8) -> Double {
      let value = Double(sample) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    let pixels = image.pixels8
    var palest = 0.0
    for row in 0..<place.height {
      for column in 0..<place.width where coverage[row * place.width + column] == 0 {
        let start = ((place.y + row) * image.width + place.x + column) * image.channels
        palest = max(
          palest,
          0.2126 * linear(pixels[start]) + 0.7152 * linear(pixels[start + 1])
            + 0.0722 * linear(pixels[start + 2]))
      }
    }
    return 1.05 / (palest + 0.05)
  }

  private func composed(_ coverage: [UInt8], on image: Image, at place: Place) -> Image {
    let colour = image.inColor()
    var pixels = colour.pixels8
    let channels = colour.channels
    for row in 0..<place.height {
      for column in 0..<place.width {
        let ink = Float(coverage[row * place.width + column]) / 255
        let start = ((place.y + row) * image.width + place.x + column) * channels
        for c in 0..<3 {
          let ground = Float(pixels[start + c]) * (1 - Self.cover)
          pixels[start + c] = UInt8((ground + (255 - ground) * ink).rounded())
        }
        if channels == 4 { pixels[start + 3] = 255 }
      }
    }
    return Image(width: image.width, height: image.height, colorModel: colour.colorModel, pixels: pixels)
  }

  private func measured(_ size: Double) throws(GeneratorError) -> ctext_extents {
    var extents = ctext_extents()
    // SAFETY: the text is zero-terminated for the call, and `extents` is written within it.
    try Self.check(unsafe ctext_measure(text, size, &extents))
    return extents
  }

  private static func check(_ status: Int32) throws(GeneratorError) {
    if status == CTEXT_NO_LIBRARY {
      throw GeneratorError(
        code: "label.library", message: "labels are drawn by Pango, which is not installed",
        remedy: "install libpangocairo-1.0-0 and a font such as fonts-dejavu-core")
    }
    guard status == CTEXT_DONE else {
      throw GeneratorError(
        code: "label.drawing", message: "the label cannot be drawn", remedy: "try a shorter label")
    }
  }
}
