import Audits
import ContentCredentials
import Diagnostics
import Foundation
import ImageFormats
import Images
import Provenance
import Scanning
import Watermarks

/// A picture with every mark that Assay writes into its format, and how each is known again.
struct MarkedSample: Sendable {
  let bytes: [UInt8]
  let format: ImageFormat
  private let words: Words
  private let payload: Payload

  /// Texts that stand in one mark each, so that none is taken for another wherever a tool carries it.
  private struct Words: Sendable {
    let system = "Assay pipeline sample"
    let software = "Assay EXIF sample"
    let credit = "AI-generated sample by Assay"
    let comment: String
    let text: String
    let label: String
    let produceID: String
    /// What a part of a text is known by.
    let (commentPart, textPart): (String, String)

    init(_ payload: Payload, label: String, width: Int, height: Int) {
      let seed = payload.bits.suffix(24).reduce(0) { $0 * 2 + ($1 ? 1 : 0) }
      (commentPart, textPart) = ("Seed: 26\(seed)1,", "Seed: 26\(seed)2,")
      func settings(_ seed: String) -> String {
        """
        a sample that Assay drew
        Negative prompt: none
        Steps: 20, Sampler: Euler a, CFG scale: 7, \(seed) Size: \(width)x\(height), Model: sample
        """
      }
      (comment, text) = (settings(commentPart), settings(textPart))
      self.label = label
      produceID = payload.hex
    }
  }

  /// Marks a picture.
  ///
  /// - Parameters:
  ///   - number: tells samples apart: it goes into the watermark.
  ///   - format: PNG, JPEG or WebP.
  /// - Throws: `WatermarkError` where the pixels cannot carry the mark, and what encoding and signing throw.
  init(_ image: Image, number: Int, as format: ImageFormat, signer: ManifestSigner, now: Date) throws {
    let identifier =
      Array("sample".utf8) + [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
    payload = Payload(bytes: identifier)
    let marked = try AssayMark().embed(payload, in: image)
    let label = AIGCLabel(contentProducer: "AssaySample", produceID: payload.hex)
    words = Words(payload, label: try label.json(), width: image.width, height: image.height)
    self.format = format
    let encoded =
      switch format {
      case .jpeg: try ImageEncoder.jpeg(marked.withoutAlpha(), quality: 95)
      case .webp: try ImageEncoder.webpLossless(marked)
      default: try ImageEncoder.png(marked)
      }
    var writer = try MetadataWriter(encoded)
    try writer.setEXIF(Self.exif(software: words.software, comment: words.comment))
    if format == .png { try writer.setText(words.text, keyword: "parameters") }
    if format == .jpeg { try writer.setCredit(words.credit) }
    var claim = ClaimContent(
      softwareAgent: words.system, softwareVersion: assayVersion, digitalSourceType: DigitalSource.generated)
    claim.title = "Sample \(number)"
    claim.when = now
    let plan = MarkingPlan(
      claim: claim, watermark: .init(algorithm: "org.assay.mark.1", value: identifier), label: label)
    bytes = try plan.mark(writer.bytes, with: signer)
  }

  /// A TIFF block with `Software`, and `UserComment` in ASCII.
  static func exif(software: String, comment: String) -> [UInt8] {
    func two(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8 & 255)] }
    func four(_ value: Int) -> [UInt8] { two(value & 0xFFFF) + two(value >> 16) }
    func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: Int) -> [UInt8] {
      two(tag) + two(type) + four(count) + four(value)
    }
    let name = Array(software.utf8) + [0]
    let text = Array("ASCII\0\0\0".utf8) + Array(comment.utf8)
    // Header 8, first directory 2 + 2 · 12 + 4, its text, the second directory 2 + 12 + 4, its text.
    let second = 38 + name.count + name.count % 2
    return Array("II".utf8) + two(42) + four(8) + two(2) + entry(EXIF.Tag.software, 2, name.count, 38)
      + entry(0x8769, 4, 1, second) + four(0) + name + [UInt8](repeating: 0, count: name.count % 2) + two(1)
      + entry(EXIF.Tag.userComment, 7, text.count, second + 18) + four(0) + text
  }

  // MARK: Reading

  /// What is left of each mark that the sample was given.
  ///
  /// - Parameters:
  ///   - scan: of the output, by the examiners of audits.
  ///   - examination: the same; nil where it could not be read.
  func findings(in scan: ScanResult, _ examination: Examination?) -> [PipelineFindings.Finding] {
    let fields = examination.flatMap { examination -> MetadataFields? in
      guard let container = try? examination.container(), let metadata = try? examination.metadata() else {
        return nil
      }
      return MetadataFields(file: examination.file, container: container, metadata: metadata)
    }
    let all = fields?.all ?? []
    return marks.map { mark in
      switch mark {
      case .credentials: credentials(scan)
      case .watermark: watermark(scan)
      case .sourceType:
        Self.finding(mark, all.filter { $0.foldedName == "digitalsourcetype" }) {
          $0 == DigitalSource.generated
        }
      case .system: Self.finding(mark, all.filter { $0.foldedName == "aisystemused" }) { $0 == words.system }
      case .label: labelFinding(scan, all)
      case .software: text(mark, all, words.software, part: words.software)
      case .credit: text(mark, all, words.credit, part: words.credit)
      case .comment: text(mark, all, words.comment, part: words.commentPart)
      case .text: text(mark, all, words.text, part: words.textPart)
      }
    }
  }

  /// Those that the format can hold.
  var marks: [PipelineFindings.Mark] {
    PipelineFindings.Mark.allCases.filter { mark in
      switch mark {
      case .credit: format == .jpeg
      case .text: format == .png
      default: true
      }
    }
  }

  private func credentials(_ scan: ScanResult) -> PipelineFindings.Finding {
    guard let found = scan.evidence.first(where: { $0.method == "credentials.c2pa" && $0.result == .found })
    else { return .init(.credentials, .gone) }
    let state = found.credentials?.state ?? ""
    let holds = ["trusted", "valid"].contains(state)
    // The place is told where it is not the format's own.
    return .init(.credentials, holds ? .survives : .invalid, place: found.credentials?.place)
  }

  private func watermark(_ scan: ScanResult) -> PipelineFindings.Finding {
    let found = scan.evidence.filter { $0.method == "watermark.assay" && $0.result == .found }
    let isOurs = found.contains { $0.watermark?.payloadHex == payload.hex }
    return .init(.watermark, isOurs ? .survives : found.isEmpty ? .gone : .invalid)
  }

  private func labelFinding(_ scan: ScanResult, _ fields: [MetadataField]) -> PipelineFindings.Finding {
    let found = scan.evidence.first { $0.method == "provenance.tc260.aigc" && $0.result == .found }
    if let found {
      let isWhole =
        found.aigcLabel?.produceID == words.produceID && found.aigcLabel?.contentProducer == "AssaySample"
      return .init(.label, isWhole ? .survives : .invalid, place: found.location?.path)
    }
    let rest = fields.first { $0.value.contains("\"ProduceID\"") && $0.value.contains(words.produceID) }
    return .init(.label, rest == nil ? .gone : .invalid, place: rest?.place.path)
  }

  /// A text is looked for in every field: a tool may carry it elsewhere.
  private func text(
    _ mark: PipelineFindings.Mark, _ fields: [MetadataField], _ whole: String, part: String
  ) -> PipelineFindings.Finding {
    Self.finding(mark, fields.filter { $0.value.contains(part) }) { value in
      // Tools end lines in their own way.
      value.split(whereSeparator: \.isNewline).joined(separator: "\n") == whole
    }
  }

  private static func finding(
    _ mark: PipelineFindings.Mark, _ fields: [MetadataField], isWhole: (String) -> Bool
  ) -> PipelineFindings.Finding {
    if let whole = fields.first(where: { isWhole($0.trimmed) }) {
      return .init(mark, .survives, place: whole.place.path)
    }
    return .init(mark, fields.isEmpty ? .gone : .invalid, place: fields.first?.place.path)
  }
}
