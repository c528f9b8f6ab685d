import ContentCredentials
import Fingerprints
import Foundation
import ImageFormats
import NeuralNetworks
import Provenance

/// Something that reads bytes which nobody vouches for.
struct Reader: Sendable {
  /// How its inputs are built, so that a change keeps checksums and lengths.
  enum Structure: String, Sendable { case plain, png, jpeg, riff, bmff, cbor }

  var name: String
  var structure: Structure
  /// The result does not matter, only that there is one: a trap, a bad access and a hang are finds.
  var read: @Sendable ([UInt8]) -> Void
}

nonisolated(unsafe) var current = readers[0]

/// Small limits keep each of the many runs cheap; what happens at the large ones has tests of its own.
private let limits: ReadLimits = {
  var limits = ReadLimits.standard
  limits.maxPixels = 1 << 18
  limits.maxTextBytes = 1 << 18
  limits.maxTotalTextBytes = 1 << 19
  limits.maxSegments = 4_000
  return limits
}()

private let anchors = TrustSettings(now: Date(timeIntervalSince1970: 1_764_000_000))

let readers: [Reader] =
  [
    ("png", Reader.Structure.png), ("jpeg", .jpeg), ("webp", .riff), ("bmff", .bmff), ("other", .plain),
  ].flatMap { name, structure in
    [
      Reader(name: "metadata-\(name)", structure: structure, read: metadata),
      Reader(name: "credentials-\(name)", structure: structure) {
        _ = CredentialsReader(trust: anchors).report(on: $0)
      },
      Reader(name: "pixels-\(name)", structure: structure, read: pixels),
    ]
  } + [
    Reader(name: "jumbf", structure: .bmff) { bytes in
      for box in JUMBFParser.parse(bytes[...]).boxes { _ = Manifest.read(box, bytes[...]) }
    },
    Reader(name: "sidecar", structure: .bmff) { bytes in
      _ = CredentialsReader(trust: anchors).report(on: smallPNG, sidecar: bytes)
    },
    Reader(name: "cbor", structure: .cbor) { bytes in
      guard let item = try? CBORDecoder.decode(bytes[...]) else { return }
      // What was read is written and read again: the same item.
      let again = CBOREncoder.encode(item)
      guard let second = try? CBORDecoder.decode(again[...]) else {
        fatalError("what was written does not read")
      }
      precondition(CBOREncoder.encode(second) == again)
    },
    Reader(name: "cose", structure: .cbor) { bytes in
      _ = try? COSESign1(bytes[...])
      _ = DetachedSignature.check(bytes, over: [1, 2, 3], trust: anchors)
    },
    Reader(name: "certificate", structure: .plain) { _ = try? Certificate(der: $0[...]) },
    Reader(name: "pem", structure: .plain) {
      _ = try? TrustList(pem: String(decoding: $0, as: UTF8.self), name: "fuzz")
    },
    Reader(name: "ocsp", structure: .plain) { _ = try? OCSPResponse($0[...]) },
    Reader(name: "timestamp", structure: .plain) { _ = try? TimeStampToken($0[...]) },
    Reader(name: "xmp", structure: .plain) { metadata(jpeg(0xE1, "http://ns.adobe.com/xap/1.0/\0", $0)) },
    Reader(name: "exif", structure: .plain) { metadata(jpeg(0xE1, "Exif\0\0", $0)) },
    Reader(name: "iptc", structure: .plain) { metadata(jpeg(0xED, "Photoshop 3.0\0", $0)) },
    Reader(name: "icc", structure: .plain) { metadata(jpeg(0xE2, "ICC_PROFILE\0\u{1}\u{1}", $0)) },
    Reader(name: "json", structure: .plain) { _ = JSONText(String(decoding: $0, as: UTF8.self)) },
    Reader(name: "safetensors", structure: .plain) { _ = try? Safetensors(data: Data($0)) },
    Reader(name: "fingerprint", structure: .plain) { _ = try? Fingerprint(bytes: $0) },
  ]

/// Container, metadata and what they say of origin, without pixels.
@Sendable private func metadata(_ bytes: [UInt8]) {
  let file = ImageFile(bytes: bytes, limits: limits)
  guard let container = try? file.container() else { return }
  for segment in container.segments {
    precondition(segment.range.lowerBound >= 0 && segment.range.upperBound <= bytes.count)
    precondition(segment.payload.lowerBound >= 0 && segment.payload.upperBound <= bytes.count)
  }
  let metadata = file.metadata(in: container)
  _ = metadata.iccProfile?.content(in: bytes, limit: 1 << 18)
  _ = try? file.header()
  _ = ProvenanceReader.signs(in: MetadataFields(file: file, container: container, metadata: metadata))
}

/// The picture, and what may be hidden in it.
@Sendable private func pixels(_ bytes: [UInt8]) {
  let file = ImageFile(bytes: bytes, limits: limits)
  guard let decoded = try? file.decode(allowingDamage: true) else { return }
  _ = StealthText.field(in: decoded.image, limit: 1 << 16)
}

/// A JPEG file of one segment, cut at what a segment holds.
private func jpeg(_ marker: UInt8, _ head: String, _ content: [UInt8]) -> [UInt8] {
  let payload = Array(head.utf8) + content.prefix(65_000 - head.utf8.count)
  let length = payload.count + 2
  return [0xFF, 0xD8, 0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + payload + [0xFF, 0xD9]
}

/// A PNG file's header and end: something that a sidecar may be about.
private let smallPNG: [UInt8] =
  [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  + PNGParts.chunk(Array("IHDR".utf8), [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0])
  + PNGParts.chunk(Array("IEND".utf8), [])
