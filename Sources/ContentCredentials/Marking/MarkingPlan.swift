import Foundation
public import ImageFormats

/// Everything that marks a picture as made or changed by AI, written in one call so that all of it agrees.
///
/// The picture carries its watermark already; its payload stands in the claim as soft binding. From the claim
/// come the XMP properties and, where asked for, China's label; then all is signed. A plan without a watermark
/// or without a signature cannot be made: one layer alone is lost by the first program that drops it.
public struct MarkingPlan: Sendable {
  /// What is signed; its tool, source type and soft binding rule the other marks too.
  public var claim: ClaimContent
  /// China's label; nil writes none.
  public var label: AIGCLabel?
  /// What was drawn for people to see; nil says nothing of it.
  public var visibleLabel: LabelRecord.Statement?
  /// Of a picture that shows the whole sphere; nil of any other.
  public var panorama: PanoramaStatement?

  /// - Parameter watermark: the algorithm and payload of the mark in the pixels.
  public init(claim: ClaimContent, watermark: ClaimContent.SoftBinding, label: AIGCLabel? = nil) {
    self.claim = claim
    self.claim.softBinding = watermark
    self.label = label
  }

  /// The file with its metadata and signature, validated.
  ///
  /// - Parameter file: a PNG, JPEG or WebP whose pixels carry the watermark.
  /// - Throws: ``CredentialError`` `marking.source` for a source that is not AI's, `marking.conflict` for a file
  ///   whose XMP says something of its origin already, and what signing throws; `marking.write` where the
  ///   container is damaged.
  public func mark(_ file: [UInt8], with signer: ManifestSigner) throws(CredentialError) -> [UInt8] {
    guard [DigitalSource.generated, DigitalSource.editedWithAI].contains(claim.digitalSourceType) else {
      throw CredentialError(
        "marking.source", "a marking plan is for pictures that AI made or changed",
        remedy: "sign other pictures by themselves")
    }
    let properties = MarkingProperties(
      digitalSourceType: claim.digitalSourceType, system: claim.softwareAgent,
      version: claim.softwareVersion,
      label: try label.map { label throws(CredentialError) in try label.json() },
      visibleLabel: visibleLabel, panorama: panorama)
    let marked: [UInt8]
    do {
      let image = ImageFile(bytes: file)
      var writer = try MetadataWriter(image)
      let packets = try image.metadata().xmp
      // A compressed or spread packet is no plain text here and counts as damaged.
      try writer.setXMP(
        properties.packet(into: packets.first.map { String(decoding: file[$0.byteRange], as: UTF8.self) }))
      marked = writer.bytes
    } catch let error as CredentialError {
      throw error
    } catch {
      throw CredentialError(
        "marking.write", "the metadata cannot be written", remedy: "write the picture anew and mark that",
        cause: error)
    }
    return try signer.sign(marked, claim)
  }
}

/// The XMP properties of a marking plan.
///
/// Source: IPTC Photo Metadata 2025.1; TC260-PG-20259A.
struct MarkingProperties {
  var digitalSourceType: String
  var system: String
  var version: String?
  /// JSON.
  var label: String?
  var visibleLabel: LabelRecord.Statement?
  var panorama: PanoramaStatement?

  private static let end = "</rdf:RDF>"

  /// A packet with the properties: that of the file with them added, or a new one.
  ///
  /// - Throws: ``CredentialError`` `marking.conflict` where the packet has one of them or is not as XMP
  ///   prescribes; a packet that Assay wrote is replaced.
  func packet(into existing: String?) throws(CredentialError) -> String {
    let toolkit = "x:xmptk=\"Assay\""
    guard let existing, !existing.contains(toolkit) else {
      return """
        <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
        <x:xmpmeta xmlns:x="adobe:ns:meta/" \(toolkit)>
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        \(description)
        \(Self.end)
        </x:xmpmeta>
        <?xpacket end="w"?>
        """
    }
    let own = ["DigitalSourceType", "AISystemUsed", "AISystemVersionUsed", "TC260:AIGC"]
    guard let place = existing.range(of: Self.end, options: .backwards),
      !own.contains(where: existing.contains)
    else {
      throw CredentialError(
        "marking.conflict", "the file's XMP speaks of its origin already, or is damaged",
        remedy: "name the file as parent and mark a copy without XMP")
    }
    var packet = existing
    packet.insert(contentsOf: "\(description)\n", at: place.lowerBound)
    return packet
  }

  private var description: String {
    var properties = [
      ("Iptc4xmpExt:DigitalSourceType", digitalSourceType), ("Iptc4xmpExt:AISystemUsed", system),
    ]
    if let version { properties.append(("Iptc4xmpExt:AISystemVersionUsed", version)) }
    if let label { properties.append(("TC260:AIGC", label)) }
    properties += (visibleLabel?.properties ?? []).map { ("label:\($0.name)", $0.value) }
    properties += (panorama?.properties ?? []).map { ("GPano:\($0.name)", $0.value) }
    let lines = properties.map { "<\($0.0)>\(Self.escaped($0.1))</\($0.0)>" }
    return """
      <rdf:Description rdf:about="" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" \
      xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" \
      xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/" xmlns:label="\(LabelRecord.namespace)"\(panorama == nil ? "" : " xmlns:GPano=\"\(PanoramaStatement.namespace)\"")>
      \(lines.joined(separator: "\n"))
      </rdf:Description>
      """
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: if scalar.properties.generalCategory != .control { result.unicodeScalars.append(scalar) }
      }
    }
    return result
  }
}
