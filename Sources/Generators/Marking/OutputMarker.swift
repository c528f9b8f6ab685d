public import ContentCredentials
import Diagnostics
public import Foundation
import ImageFormats
import Images
import Watermarks

/// Turns generated pictures into files: the only way out of a generator.
///
/// Every file carries Assay's watermark with the picture's identifier, XMP with IPTC's source type, the model and its
/// version, and signed Content Credentials that name the watermark as soft binding; where asked for, a visible label
/// and China's metadata label. Any of them alone can be lost by the next program.
public struct OutputMarker: Sendable {
  /// The kind of file.
  public enum Format: String, Sendable, Hashable, CaseIterable {
    case png, jpeg, webp

    public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }

    /// The format that a file name asks for.
    public init?(fileName: String) {
      let name = fileName.lowercased()
      if name.hasSuffix(".png") {
        self = .png
      } else if name.hasSuffix(".jpg") || name.hasSuffix(".jpeg") {
        self = .jpeg
      } else if name.hasSuffix(".webp") {
        self = .webp
      } else {
        return nil
      }
    }
  }

  private let signer: ManifestSigner
  /// Whether the signature is by a key that was made for this run and that nobody trusts.
  public let usesTestKey: Bool
  public var format = Format.png
  /// Of JPEG files, 1...100.
  public var quality = 95
  public var label: VisibleLabel?
  /// The producer in China's label; nil writes none.
  public var labelProducer: String?
  /// When the pictures were made.
  public var time: Date

  public init(signer: ManifestSigner, time: Date = Date()) {
    self.signer = signer
    self.time = time
    usesTestKey = false
  }

  /// A marker that signs with a key made on the spot, whose certificate says that it is for tests. Verifiers call the
  /// signature valid and the signer unknown.
  public init(testKeyAt time: Date = Date()) throws(CredentialError) {
    let authority = try LocalAuthority(organization: Self.testOrganization, now: time)
    let (key, certificate) = try authority.issue(
      .es256, organization: Self.testOrganization, commonName: "Assay test key", now: time)
    signer = ManifestSigner(try SigningCredential(key: key, certificatesPEM: certificate))
    self.time = time
    usesTestKey = true
  }

  static let testOrganization = "Assay TEST, do not trust"

  /// A file with all its marks.
  public struct MarkedFile: Sendable {
    public let bytes: [UInt8]
    /// Sixteen hexadecimal digits: the watermark's payload and the name in the credentials.
    public let identifier: String
    public let format: Format

    /// Writes the file whole or not at all.
    ///
    /// - Throws: `ImageFormatError` where it exists and `overwrite` is false, or cannot be written.
    public func write(to path: String, overwrite: Bool) throws {
      try writeAtomically(bytes, to: path, overwrite: overwrite)
    }
  }

  /// Marks, encodes, signs and validates.
  ///
  /// - Throws: ``GeneratorError`` `marking.watermark` where the pixels cannot carry the mark; ``VisibleLabel``'s
  ///   errors; what encoding and signing throw.
  public func mark(_ generated: GeneratedImage) throws -> MarkedFile {
    let (carrier, payload, record) = try watermarked(generated)
    let file = try encoded(carrier)
    try checkMark(payload, in: file)
    var claim = ClaimContent(
      softwareAgent: "Assay \(generated.model.name)", softwareVersion: generated.model.version,
      digitalSourceType: generated.source == nil ? DigitalSource.generated : DigitalSource.editedWithAI)
    claim.title = "\(generated.model.name) \(payload.hex)"
    claim.description =
      generated.authorship.map { "\(generated.request). \($0.statement)" } ?? generated.request
    if generated.source == nil {
      claim.humanOversight = generated.authorship == nil ? .fullyAutonomous : .promptGuided
    }
    claim.edits = generated.refinements.map {
      .init(
        softwareAgent: "Assay \($0.model.name)", softwareVersion: $0.model.version, description: $0.request,
        digitalSourceType: claim.digitalSourceType)
    }
    claim.inputs = (generated.authorship?.inputs ?? []).map {
      .init(file: $0.file, title: $0.title, mediaType: $0.mediaType)
    }
    claim.modelName = generated.model.name
    claim.when = time
    claim.parent = generated.source.map { .init(file: $0.file, title: $0.title, mediaType: $0.mediaType) }
    var plan = MarkingPlan(
      claim: claim, watermark: .init(algorithm: "org.assay.mark.1", value: generated.identifier))
    plan.visibleLabel = record.map { .drawn($0) } ?? .notDrawn
    plan.label = labelProducer.map { AIGCLabel(contentProducer: $0, produceID: payload.hex) }
    if generated.projection == .equirectangular {
      plan.panorama = .init(width: carrier.width, height: carrier.height)
    }
    return MarkedFile(
      bytes: try plan.mark(file, with: signer), identifier: payload.hex, format: format)
  }

  /// The pixels with label and watermark; the same for the same picture, whatever the key and the time.
  func watermarked(
    _ generated: GeneratedImage
  ) throws -> (image: Image, payload: Payload, label: LabelRecord?) {
    var image = generated.image
    var record: LabelRecord?
    if let label { (image, record) = try label.drawn(on: image) }
    let payload = Payload(bytes: generated.identifier)
    do throws(WatermarkError) {
      return (try AssayMark().embed(payload, in: image), payload, record)
    } catch  where error.code == "watermark.picture.unreadable" {
      // Where most is black or white nothing can be added: a narrower range makes room.
      let narrowed = image.narrowed(by: 24)
      if let marked = try? AssayMark().embed(payload, in: narrowed) { return (marked, payload, record) }
      throw Self.unmarkable(error)
    } catch {
      throw Self.unmarkable(error)
    }
  }

  private static func unmarkable(_ error: WatermarkError) -> GeneratorError {
    GeneratorError(
      code: "marking.watermark", message: "the picture cannot carry the watermark: \(error.message)",
      remedy: error.remedy)
  }

  private func encoded(_ image: Image) throws(ImageFormatError) -> [UInt8] {
    switch format {
    case .png: try ImageEncoder.png(image)
    case .jpeg: try ImageEncoder.jpeg(image.withoutAlpha(), quality: quality)
    case .webp: try ImageEncoder.webpLossless(image)
    }
  }

  /// A lossy file is read back: its mark is promised, not hoped for.
  private func checkMark(_ payload: Payload, in file: [UInt8]) throws {
    guard format == .jpeg else { return }
    let image = try ImageFile(bytes: file).decode().image
    guard AssayMark(effort: .ownGrid).read(image).marks.contains(where: { $0.payload == payload }) else {
      throw GeneratorError(
        code: "marking.watermark", message: "the watermark cannot be read back from the JPEG",
        remedy: "raise the quality, or write PNG")
    }
  }
}

extension Image {
  /// The picture in 8-bit colour with its levels brought from 0...255 to `margin`...255 − `margin`; alpha stays.
  func narrowed(by margin: Int) -> Image {
    let colour = inColor()
    let table = (0...255).map { UInt8(margin + (($0 * (255 - 2 * margin)) + 127) / 255) }
    var pixels = colour.pixels8
    for place in pixels.indices where place % colour.channels != 3 {
      pixels[place] = table[Int(pixels[place])]
    }
    return Image(width: width, height: height, colorModel: colour.colorModel, pixels: pixels)
  }
}
