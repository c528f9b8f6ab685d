import Archives
import Audits
import ContentCredentials
import Detectors
import Examiners
import Fingerprints
import ForeignDetectors
import Foundation
import ImageFormats
import Images
import NeuralNetworks
import Provenance
import Reports
import Requests
import Scanning
import Synchronization
import VisibleMarks
import Watermarks

/// Something that reads bytes which nobody vouches for.
struct Reader: Sendable {
  /// How its inputs are built, so that a change keeps checksums and lengths.
  enum Structure: String, Sendable, CaseIterable { case plain, png, jpeg, riff, bmff, cbor, tar }

  /// What one run costs, which says how much time it is given.
  enum Cost: String, Sendable { case cheap, dear }

  var name: String
  var structure: Structure
  var cost = Cost.cheap
  /// The result does not matter, only that there is one: a trap, a bad access and a hang are finds.
  var read: @Sendable ([UInt8]) -> Void
}

/// Small limits keep each of the many runs cheap; what happens at the large ones has tests of its own.
private let limits: ReadLimits = {
  var limits = ReadLimits.standard
  limits.maxPixels = 1 << 18
  limits.maxTextBytes = 1 << 18
  limits.maxTotalTextBytes = 1 << 19
  limits.maxSegments = 4_000
  return limits
}()

private let archiveLimits: ArchiveLimits = {
  var limits = ArchiveLimits.standard
  limits.ratioStart = 1 << 18
  limits.maxMembers = 1_000
  limits.maxTotal = 1 << 22
  limits.maxNestedBytes = 1 << 20
  return limits
}()

private let anchors = TrustSettings(now: Date(timeIntervalSince1970: 1_764_000_000))

let readers: [Reader] = texts + requests + credentials + metadataBlocks + models + files + pictures

/// Whole files of pictures and archives.
private let files: [Reader] =
  [
    ("png", Reader.Structure.png), ("jpeg", .jpeg), ("webp", .riff), ("bmff", .bmff), ("other", .plain),
  ].flatMap { name, structure in
    [
      Reader(name: "metadata-\(name)", structure: structure, cost: .dear, read: metadata),
      Reader(name: "credentials-\(name)", structure: structure, cost: .dear) { bytes in
        _ = CredentialsReader(trust: anchors).report(on: bytes)
        let layout = AssetLayout(of: bytes)
        for box in (layout.boxes(of: bytes) ?? []) + layout.metadata(of: bytes) {
          precondition(box.range.lowerBound >= 0 && box.range.upperBound <= bytes.count)
        }
      },
      Reader(name: "pixels-\(name)", structure: structure, cost: .dear, read: pixels),
      Reader(name: "rewriting-\(name)", structure: structure, cost: .dear, read: rewrite),
      Reader(name: "scan-\(name)", structure: structure, cost: .dear, read: scan),
    ]
  } + [
    Reader(name: "archive", structure: .plain, cost: .dear, read: archive),
    Reader(name: "archive-tar", structure: .tar, cost: .dear, read: archive),
  ]

private let credentials = [
  Reader(name: "jumbf", structure: .bmff) { bytes in
    for box in JUMBFParser.parse(bytes[...]).boxes { _ = Manifest.read(box, bytes[...]) }
  },
  Reader(name: "sidecar", structure: .bmff, cost: .dear) { bytes in
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
  Reader(name: "certificate", structure: .plain) { bytes in
    guard let certificate = try? Certificate(der: bytes[...]) else { return }
    _ = TrustList(name: "fuzz", anchors: [certificate]).members
    _ = TrustList(name: "fuzz", anchors: []).anchor(
      for: certificate, intermediates: [certificate], at: 1_764_000_000)
  },
  Reader(name: "pem", structure: .plain) {
    _ = try? TrustList(pem: String(decoding: $0, as: UTF8.self), name: "fuzz")
  },
  Reader(name: "key", structure: .plain) {
    // Not decrypted: how often a passphrase is stretched is the file's to say, up to a bound that has a test.
    _ = EncryptedKey.isEncrypted(String(decoding: $0, as: UTF8.self))
    _ = try? SigningKey(pem: String(decoding: $0, as: UTF8.self))
  },
  Reader(name: "ocsp", structure: .plain) { _ = try? OCSPResponse($0[...]) },
  Reader(name: "timestamp", structure: .plain) { _ = try? TimeStampToken($0[...]) },
]

/// Blocks of metadata, without the file around them that hides them from a mutation.
private let metadataBlocks = [
  Reader(name: "xmp", structure: .plain, cost: .dear) {
    metadata(jpeg(0xE1, "http://ns.adobe.com/xap/1.0/\0", $0))
  },
  Reader(name: "exif", structure: .plain) { metadata(jpeg(0xE1, "Exif\0\0", $0)) },
  Reader(name: "iptc", structure: .plain) { metadata(jpeg(0xED, "Photoshop 3.0\0", $0)) },
  Reader(name: "icc", structure: .plain) { metadata(jpeg(0xE2, "ICC_PROFILE\0\u{1}\u{1}", $0)) },
  Reader(name: "settings", structure: .plain) { bytes in
    let keyword = keywords[Int(bytes.first ?? 0) % keywords.count]
    metadata(png([("tEXt", Array((keyword + "\0").utf8) + bytes.dropFirst())]))
  },
]

/// Keywords of PNG texts whose contents rules of origin take apart.
private let keywords = [
  "parameters", "prompt", "workflow", "Comment", "Description", "Software", "Dream", "sd-metadata",
  "invokeai_metadata", "fooocus_scheme", "AIGC", "Title", "generation_data", "Source",
]

private let texts = [
  Reader(name: "json", structure: .plain) { bytes in
    guard let json = JSONText(String(decoding: bytes, as: UTF8.self)) else { return }
    // As Python writes it, it is JSON again.
    precondition(JSONText(json.pythonDump) != nil)
    _ = NovelAISignature.check(comment: json, image: picture([4, 4, 0, 128]))
  },
  Reader(name: "rules", structure: .plain) {
    _ = try? RulePackReader(source: "fuzz").read(String(decoding: $0, as: UTF8.self))
  },
  Reader(name: "project", structure: .plain) {
    _ = try? ProjectManifest(
      yaml: String(decoding: $0, as: UTF8.self), source: "fuzz", auditDate: "2026-11-25")
  },
  Reader(name: "scan-lines", structure: .plain) {
    _ = try? ScanLines.results(String(decoding: $0, as: UTF8.self), source: "fuzz")
  },
  Reader(name: "table", structure: .plain) {
    _ = try? CSVTable(String(decoding: $0, as: UTF8.self), source: "fuzz")
  },
  Reader(name: "report", structure: .plain, cost: .dear) {
    _ = try? ReportBaseline(json: Data($0), source: "fuzz")
    guard let report = try? Report(json: Data($0), source: "fuzz", text: wording),
      let page = try? report.html()
    else {
      return
    }
    // The page of whatever can be read holds against its own twin.
    let check = try? PageCheck(
      page: Array(page.utf8), name: "fuzz", beside: nil, version: "0.1.0", text: wording)
    precondition(check?.fault == nil, check?.fault ?? "")
  },
  Reader(name: "report-page", structure: .plain, cost: .dear) { bytes in
    _ = try? PageCheck(page: bytes, name: "fuzz", beside: nil, version: "0.1.0", text: wording)
  },
  Reader(name: "model-description", structure: .plain) {
    guard let description = try? JSONDecoder().decode(ModelDescription.self, from: Data($0)) else { return }
    _ = description.fault
    precondition(!description.slug.isEmpty)
  },
  Reader(name: "ledger", structure: .plain, cost: .dear) { bytes in
    guard let ledger = withScratch(bytes, { try? Ledger(reading: $0) }) else { return }
    _ = try? ledger.verify()
    _ = try? ledger.entries(limit: 50)
  },
]

// swift-format-ignore: NeverUseForceTry
private let wording = try! ReportText.english

/// What a client sends to the server, which takes addresses and heads apart with libraries of others before.
private let requests = [
  Reader(name: "request-form", structure: .plain) { bytes in
    // The first line is the content's type.
    let end = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
    let (type, body) = (String(decoding: bytes[..<end], as: UTF8.self), bytes[end...].dropFirst())
    guard HeaderValue.mediaType(type).hasPrefix("multipart") else { return }
    let whole = form(type, [body])
    // However it was cut on its way, it is the same form.
    var pieces: [ArraySlice<UInt8>] = []
    var (rest, length) = (body, 1 + bytes.count % 7)
    while !rest.isEmpty {
      pieces.append(rest.prefix(length))
      rest = rest.dropFirst(length)
      length = 1 + (length * 5 + 3) % 61
    }
    precondition(form(type, pieces) == whole, "another form in pieces")
    let names = (whole ?? []).map { ClientNames.plain($0.fileName) }
    precondition(Set(ClientNames.apart(names)).count == names.count, "two files of one name")
  },
  Reader(name: "request-json", structure: .plain) { bytes in
    guard var fields = try? JSONFields(bytes) else { return }
    _ = try? fields.text("model", among: ["landscapes", "flowers"])
    _ = try? fields.whole("seed", in: 0...Int.max)
    _ = try? fields.whole("scale", in: 2...4)
    _ = try? fields.number("truncation", in: 0...1.5)
    if var toward = try? fields.object("toward") { _ = try? toward.number("place", in: 0...1) }
    for var part in (try? fields.objects("parts", 1...8)) ?? [] {
      _ = try? part.whole("seed", in: 0...Int.max)
      _ = try? part.number("weight", in: 0...1)
      answer { () throws(Problem) in try part.finish() }
    }
    answer { () throws(Problem) in try fields.finish() }
  },
  // A target, and a field Host a line.
  Reader(name: "request-target", structure: .plain) { bytes in
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    answer { () throws(Problem) in
      let target = try RequestTarget(
        String(lines[0]), hosts: lines.dropFirst().map(String.init), needsHost: lines.count > 1)
      guard target.path.hasPrefix("/") || target.path == "*" else { fatalError("a path that begins nowhere") }
    }
  },
  Reader(name: "request-query", structure: .plain) { bytes in
    let pairs = String(decoding: bytes, as: UTF8.self).split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }
    answer { () throws(Problem) in
      let query = try QueryValues(pairs, known: ["scale", "jpeg", "strip", "structure", "name"])
      _ = ClientNames.plain(query["name"])
      _ = try query.number("scale", in: 0.1...4)
      _ = try query.whole("jpeg", in: 1...100)
      _ = try query.flag("strip")
      _ = try query.choice("structure", Reader.Structure.self)
    }
  },
]

/// The parts of a form that comes in such pieces; nil where it is none.
private func form(_ type: String, _ pieces: [ArraySlice<UInt8>]) -> [MultipartReader.Part]? {
  do {
    var reader = try MultipartReader(contentType: type, maxParts: 20)
    for piece in pieces { try reader.feed(piece) }
    return try reader.finish()
  } catch {
    _ = error.json
    return nil
  }
}

/// Whatever is refused is told in JSON.
private func answer(_ body: () throws(Problem) -> Void) {
  do { try body() } catch { precondition(JSONText(error.json) != nil) }
}

private let models = [
  Reader(name: "safetensors", structure: .plain) { bytes in
    guard let weights = try? Safetensors(data: Data(bytes)) else { return }
    // What was read is written and read again.
    precondition((try? Safetensors(data: weights.encoded()))?.tensors.count == weights.tensors.count)
    _ = try? Safetensors(data: weights.encoded(as: .half))
  },
  Reader(name: "fingerprint", structure: .plain) { _ = try? Fingerprint(bytes: $0) },
  Reader(name: "detector", structure: .plain, cost: .dear) { _ = try? Detector(weights: $0) },
]

/// What looks at pixels, on pictures of odd sizes and contents.
private let pictures = [
  Reader(name: "watermarks", structure: .plain, cost: .dear) { _ = OpenMarkReader().read(picture($0)) },
  Reader(name: "visible-marks", structure: .plain, cost: .dear) { _ = VisibleMarkReader().read(picture($0)) },
  Reader(name: "fingerprints", structure: .plain, cost: .dear) { _ = fingerprints.read(picture($0)) },
]

private let fingerprints = FingerprintReader(
  fingerprints: Array(((try? Fingerprint.shipped()) ?? []).prefix(2)), effort: .whole)

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

/// What an audit tells of a file, without the readers of marks and of the detector: as a line and read again, the same line.
@Sendable private func scan(_ bytes: [UInt8]) {
  let file = ImageFile(bytes: bytes, limits: limits)
  let result = scanner.scan(file).result
  guard let line = try? ScanLines.line(result) else { fatalError("a result that no line can tell") }
  guard let again = try? ScanLines.results(line, source: "fuzz").first,
    let second = try? ScanLines.line(again)
  else { fatalError("a line that does not read") }
  precondition(line == second, "another line")
  guard let inspection = try? Inspection(file) else { return }
  _ = try? inspection.json()
  _ = inspection.text()
}

private let scanner = FileScanner(
  examiners: ExaminerRegister.scan([.provenance], trust: anchors) + [
    ContainerExaminer(), MarksExaminer(), LabelExaminer(), PersonalDataExaminer(), PerceptualHashExaminer(),
  ], limits: limits)

/// The same with little room, so that a picture of some pixels counts as too large to hold.
private let narrow: ReadLimits = {
  var narrow = limits
  narrow.maxHeldPixels = 1 << 10
  return narrow
}()

/// The picture, and what may be hidden in it.
@Sendable private func pixels(_ bytes: [UInt8]) {
  _ = try? ImageFile(bytes: bytes, limits: narrow).decodeReduced { _, _ in }
  _ = try? JPEGCoefficients.read(bytes, limits: limits)
  let file = ImageFile(bytes: bytes, limits: limits)
  guard let decoded = try? file.decode(allowingDamage: true) else { return }
  _ = StealthText.field(in: decoded.image, limit: 1 << 16)
}

/// Metadata are laid into the file, and the file is read again.
@Sendable private func rewrite(_ bytes: [UInt8]) {
  guard var writer = try? MetadataWriter(ImageFile(bytes: bytes, limits: limits)) else { return }
  try? writer.setXMP("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>")
  try? writer.setCredit("fuzz")
  try? writer.setText("fuzz", keyword: "Comment")
  metadata(writer.bytes)
}

@Sendable private func archive(_ bytes: [UInt8]) {
  withScratch(bytes) { path in
    let reader = ArchiveReader(path: FilePath(path), limits: archiveLimits, fileLimits: limits)
    while reader.next() != nil {}
  }
}

private let scratchFiles = Atomic(0)

/// In memory where the system has such files, as one that is there for as long as `body` runs.
private func withScratch<Result>(_ bytes: [UInt8], _ body: (String) -> Result) -> Result {
  let number = scratchFiles.add(1, ordering: .relaxed).newValue
  let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
  let path = "\(folder)/assay-readers-\(getpid())-\(number)"
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  bytes.withUnsafeBytes { _ = write(file, $0.baseAddress, $0.count) }
  close(file)
  defer { unlink(path) }
  return body(path)
}

/// A picture as the first bytes say: its sides and channels; the others are its pixels, over and over.
private func picture(_ bytes: [UInt8]) -> Image {
  func side(_ index: Int) -> Int { index < bytes.count ? 1 + Int(bytes[index]) % 160 : 64 }
  let (width, height) = (side(0), side(1))
  let isGrey = bytes.count > 2 && bytes[2] & 1 == 1
  let content = bytes.count > 3 ? bytes[3...] : [128]
  let count = width * height * (isGrey ? 1 : 3)
  return Image(
    width: width, height: height, colorModel: isGrey ? .grey : .rgb,
    pixels: (0..<count).map { content[content.startIndex + $0 % content.count] })
}

/// A JPEG file of one segment, cut at what a segment holds.
private func jpeg(_ marker: UInt8, _ head: String, _ content: [UInt8]) -> [UInt8] {
  let payload = Array(head.utf8) + content.prefix(65_000 - head.utf8.count)
  let length = payload.count + 2
  return [0xFF, 0xD8, 0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + payload + [0xFF, 0xD9]
}

/// A PNG file's header, chunks, and end.
private func png(_ chunks: [(kind: String, content: [UInt8])]) -> [UInt8] {
  [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    + PNGParts.chunk(Array("IHDR".utf8), [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0])
    + chunks.flatMap { PNGParts.chunk(Array($0.kind.utf8), $0.content) }
    + PNGParts.chunk(Array("IEND".utf8), [])
}

/// Something that a sidecar may be about.
private let smallPNG: [UInt8] = png([])
