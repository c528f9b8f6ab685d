import ArgumentParser
import Console
import Diagnostics
import Foundation
import ImageFormats
import Images
import Reports
import Watermarks

struct WatermarkTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Mark a picture, change it in many ways, and show after which the mark is read.",
    discussion:
      "Nothing is written. The changes are those that files meet: codecs, scaling, cuts, turns, filters.")

  @Argument(help: "The picture to try.")
  var file: String

  @OptionGroup var payload: PayloadOptions

  @OptionGroup var mark: MarkOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let report = try watermarkErrorsReported(for: file) { () throws -> WatermarkTestReport in
      let source = try ImageFile(path: RawArguments.path(file))
      try requireStill(source, named: file)
      let decoded = try source.decode()
      let trial = WatermarkTrial(
        scheme: mark.scheme, key: try watermarkKey(mark.markKey), strength: mark.markStrength)
      // Where no payload is given, one that has no pattern of its own.
      let wanted = payload.value ?? Payload(bytes: [0xA5, 0x3C, 0x96, 0xE1])
      return try trial.run(on: decoded.image.oriented(decoded.orientation), payload: wanted, name: file)
    }
    Terminal.out(json ? try report.json() : report.text())
  }
}

/// Marks one picture, attacks it, and reads what is left.
struct WatermarkTrial {
  var scheme: SchemeRegister
  var key: MarkKey
  var strength: Double?

  private struct Attack {
    var name: String
    var steps: [WatermarkAttack]

    init(_ name: String, _ steps: WatermarkAttack...) {
      self.name = name
      self.steps = steps
    }
  }

  /// What is tried, mild to hard within each kind.
  private static let attacks: [Attack] = {
    var attacks = [Attack("none")]
    attacks += [95, 75, 60, 50, 40, 30].map { Attack("jpeg \($0)", .jpeg(quality: $0)) }
    attacks += [80, 50].map { Attack("webp \($0)", .webp(quality: $0)) }
    attacks += [2.0, 1.3, 0.75, 0.5, 0.35].map { Attack("resize \($0)", .resize($0)) }
    attacks += [75, 50, 25].map { Attack("crop to \($0) %", .crop(area: Double($0) / 100)) }
    attacks += [1, 10, 45].map { Attack("rotate \($0)°", .rotate(Double($0))) }
    attacks += [
      Attack("quarter turn", .quarterTurns(1)), Attack("half turn", .quarterTurns(2)),
      Attack("mirror", .mirror), Attack("brightness +30 %", .brightness(1.3)),
      Attack("brightness −30 %", .brightness(0.7)), Attack("contrast +30 %", .contrast(1.3)),
      Attack("contrast −30 %", .contrast(0.7)), Attack("gamma 0.7", .gamma(0.7)),
      Attack("blur σ 1", .blur(1)), Attack("noise σ 8", .noise(8)), Attack("median 3×3", .median),
      Attack("palette of 256", .palette),
      Attack("screenshot: resize 0.8, jpeg 85", .resize(0.8), .jpeg(quality: 85)),
      Attack(
        "crop to 50 %, resize 1.2, jpeg 70", .crop(area: 0.5), .resize(1.2), .jpeg(quality: 70)),
    ]
    return attacks
  }()

  private static let codecs = WatermarkAttack.Codecs(
    jpeg: { image, quality in
      try ImageFile(bytes: ImageEncoder.jpeg(image, quality: quality, subsampling: .both)).decode().image
    },
    webp: { image, quality in
      try ImageFile(bytes: ImageEncoder.webp(image, quality: Double(quality))).decode().image
    })

  func run(on image: Image, payload: Payload, name: String) throws -> WatermarkTestReport {
    let marked = try scheme.writer(key: key, strength: strength).embed(payload, in: image)
    let reader: any WatermarkScheme =
      scheme == .assay
      ? AssayMark(key: key, effort: .firstMark) : scheme.writer(key: key, strength: strength)
    var report = WatermarkTestReport(
      file: name, scheme: scheme.rawValue, payloadHex: payload.hex, bits: payload.count,
      psnr: Similarity.psnr(image, marked), ssim: Similarity.ssim(image, marked), attacks: [])
    Progress.begin("trying", "changes", of: Self.attacks.count)
    for attack in Self.attacks {
      defer { Progress.advance() }
      var picture = marked
      for (index, step) in attack.steps.enumerated() {
        picture = try step.apply(to: picture, seed: UInt64(index + 1), codecs: Self.codecs)
      }
      let marks = reader.read(picture).marks.filter { $0.scheme == scheme.rawValue }
      let right = marks.first { $0.payload == payload }
      let outcome: WatermarkTestReport.Outcome =
        right != nil ? .read : marks.isEmpty ? .lost : .otherPayload
      report.attacks.append(
        .init(attack: attack.name, outcome: outcome, bitAgreement: (right ?? marks.first)?.bitAgreement))
    }
    return report
  }
}

/// What `watermark test` prints.
struct WatermarkTestReport: Encodable {
  var file: String
  var scheme: String
  var payloadHex: String
  var bits: Int
  /// Of the marked picture beside the picture, dB.
  var psnr: Double
  /// Nil for pictures that are too small for it.
  var ssim: Double?
  var attacks: [Entry]

  enum Outcome: String, Encodable {
    /// Every bit right.
    case read
    /// A mark is found, but it says something else.
    case otherPayload
    case lost
  }

  struct Entry: Encodable {
    var attack: String
    var outcome: Outcome
    var bitAgreement: Double?
  }

  func json() throws -> String {
    let encoder = JSONLine.encoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try JSONLine.of(self, as: "assay.watermark-test/1", encoder: encoder)
  }

  func text() -> String {
    let quality = ssim.map { String(format: ", SSIM %.4f", $0) } ?? ""
    var text =
      "\(TerminalText.escaping(file)): \(scheme), \(payloadHex) (\(bits) bits), "
      + String(format: "PSNR %.1f dB", psnr) + quality + "\n"
    let width = attacks.map(\.attack.count).max() ?? 0
    for entry in attacks {
      let name = entry.attack + String(repeating: " ", count: width - entry.attack.count)
      let agreement = entry.bitAgreement.map { ", \(Int(($0 * 100).rounded())) % of the bits agree" } ?? ""
      let outcome =
        switch entry.outcome {
        case .read: "read"
        case .otherPayload: "another payload"
        case .lost: "lost"
        }
      text += "  \(name)  \(outcome)\(agreement)\n"
    }
    let read = attacks.count { $0.outcome == .read }
    return text + "read after \(read) of \(attacks.count)\n"
  }
}
