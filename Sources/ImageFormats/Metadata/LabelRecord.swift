public import Images

/// What a program that draws a visible label writes down about it, as XMP properties that travel with the picture.
///
/// A label on pixels can be read by people alone; the record lets rules measure it. It is a statement like any
/// other: who crops the picture and keeps its metadata makes it false.
public struct LabelRecord: Sendable, Hashable {
  /// The namespace of the properties; its prefix in what Assay writes is `label`.
  public static let namespace = "urn:org.assay:label:1.0/"

  public var text: String
  /// Height of the drawn glyphs over the picture's shorter side, 0...1.
  public var heightShare: Double
  /// Least contrast between the text and its ground, 1...21 (WCAG 2.2, 1.4.3).
  public var contrast: Double
  /// Whether it stands at an edge or in a corner.
  public var isAtEdge: Bool
  /// Its plate, in pixels of the stored picture.
  public var region: PixelRegion

  public init(text: String, heightShare: Double, contrast: Double, isAtEdge: Bool, region: PixelRegion) {
    self.region = region
    self.text = text
    self.heightShare = heightShare
    self.contrast = contrast
    self.isAtEdge = isAtEdge
  }

  /// What metadata say of a visible label.
  public enum Statement: Sendable, Hashable {
    /// The program that made the picture drew none.
    case notDrawn
    case drawn(LabelRecord)
  }
}

extension LabelRecord.Statement {
  /// Names without prefix and values, in the order of writing.
  package var properties: [(name: String, value: String)] {
    guard case .drawn(let record) = self else { return [("Drawn", "False")] }
    return [
      ("Drawn", "True"), ("Text", record.text), ("HeightShare", Self.decimal(record.heightShare)),
      ("Contrast", Self.decimal(record.contrast)), ("AtEdge", record.isAtEdge ? "True" : "False"),
      (
        "Region",
        [record.region.x, record.region.y, record.region.width, record.region.height].map(String.init)
          .joined(separator: " ")
      ),
    ]
  }

  /// The statement in a file's XMP; nil where there is none, or one that is not whole.
  public init?(_ metadata: ImageMetadata) {
    func value(_ name: String) -> String? {
      metadata.xmpValues(namespace: LabelRecord.namespace, name: name).first
    }
    switch value("Drawn") {
    case "False": self = .notDrawn
    case "True":
      guard let text = value("Text"), let share = value("HeightShare").flatMap(Double.init),
        let contrast = value("Contrast").flatMap(Double.init), let atEdge = value("AtEdge"),
        let region = value("Region").flatMap(Self.region), (0...1).contains(share),
        (1...21).contains(contrast)
      else { return nil }
      self = .drawn(
        LabelRecord(
          text: String(text.prefix(200)), heightShare: share, contrast: contrast, isAtEdge: atEdge == "True",
          region: region))
    default: return nil
    }
  }

  /// `x y width height`.
  private static func region(_ text: String) -> PixelRegion? {
    let numbers = text.split(separator: " ").compactMap { Int($0) }
    guard numbers.count == 4, numbers.allSatisfy({ (0...1_000_000).contains($0) }) else { return nil }
    return PixelRegion(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
  }

  /// Four decimals, as a text that every locale writes alike.
  private static func decimal(_ value: Double) -> String { String((value * 10_000).rounded() / 10_000) }
}
