import Diagnostics
import Examiners
import Foundation
import Generators
import HTTPTypes
import Hummingbird
import ImageFormats
import Requests
import Scanning
import Services

/// What the pages Studio and Panorama ask for, and programs may.
enum StudioEndpoints {
  private static func number(_ least: Double, _ most: Double, _ usual: Double) -> JSONValue {
    ["type": "number", "minimum": .number(least), "maximum": .number(most), "default": .number(usual)]
  }

  private static func flag(_ name: String, _ about: String) -> Endpoint.Parameter {
    .init(name: name, about: about, schema: ["type": "boolean", "default": false])
  }

  /// Pictures that a mixture is made of, at most.
  private static let parts = 8

  static let all: [Endpoint] = [
    Endpoint(
      method: .post, path: "/api/v1/generate/morph", name: "generateMixture",
      summary: "Make the picture that lies between those of several seeds.",
      parameters: GenerateEndpoints.output,
      content: .json([
        "type": "object", "additionalProperties": false, "required": ["parts"],
        "properties": [
          "model": GenerateEndpoints.model, "truncation": GenerateEndpoints.truncation,
          "scale": ["enum": [2, 4]],
          "parts": [
            "type": "array", "minItems": 1, "maxItems": .integer(parts),
            "items": [
              "type": "object", "additionalProperties": false, "required": ["seed", "weight"],
              "properties": [
                "seed": GenerateEndpoints.seed,
                "weight": ["type": "number", "minimum": 0, "maximum": 1],
              ],
            ],
          ],
        ],
      ]), answers: GenerateEndpoints.picture, respond: morph),
    Endpoint(
      method: .post, path: "/api/v1/generate/panorama", name: "generatePanorama",
      summary: "Make a landscape that goes all around, equirectangular; it takes seconds.",
      parameters: GenerateEndpoints.output,
      content: .json([
        "type": "object", "additionalProperties": false,
        "properties": [
          "seed": GenerateEndpoints.usualSeed, "truncation": GenerateEndpoints.truncation,
        ],
      ]), answers: GenerateEndpoints.picture
    ) { call in
      var fields = try await call.json()
      var request = PanoramaModel.Request(seed: UInt64(try fields.whole("seed", in: 0...Int.max) ?? 1))
      if let truncation = try fields.number("truncation", in: 0...1.5) {
        request.truncation = Float(truncation)
      }
      try fields.finish()
      let wanted = request
      return try await GenerateEndpoints.make(call) { studio, _ in
        try studio.panoramas().panorama(wanted)
      }
    },
    Endpoint(
      method: .post, path: "/api/v1/wall", name: "wall",
      summary: "Treat a picture as other programs do, and tell which of its marks are left.",
      parameters: [
        .init(
          name: "jpeg", about: "Written as a JPEG of this quality.",
          schema: ["type": "integer", "minimum": 1, "maximum": 100]),
        .init(name: "scale", about: "Both sides multiplied.", schema: number(0.1, 4, 1)),
        .init(
          name: "crop", about: "The middle that is cut out, as a share of each side.",
          schema: number(0.1, 1, 1)),
        .init(name: "turn", about: "Degrees counter-clockwise.", schema: number(-180, 180, 0)),
        flag("screenshot", "Made smaller, written as a JPEG, without metadata."),
        flag("strip", "Without metadata."), ScanEndpoints.only,
      ], content: .picture,
      answers: [
        .init(
          status: .ok, about: "assay.wall/1: the verdict on what is left, and each mark's state.",
          content: ["application/json": Schemas.reference("Wall")])
      ], respond: wall),
  ]

  @Sendable private static func morph(_ call: Call) async throws -> Response {
    var fields = try await call.json()
    let name = try fields.text("model", among: Studio.pictureModels) ?? "landscapes"
    let truncation = Float(try fields.number("truncation", in: 0...1.5) ?? 1)
    let scale = try fields.whole("scale", in: 2...4)
    let enlargement = scale.flatMap(UpsamplerModel.Scale.init)
    guard (scale == nil) == (enlargement == nil) else { throw Problem.value("scale", "give 2 or 4") }
    var mixture: [PictureModel.Part] = []
    for var part in try fields.objects("parts", 1...parts) ?? [] {
      guard let seed = try part.whole("seed", in: 0...Int.max),
        let weight = try part.number("weight", in: 0...1)
      else { throw part.lacking("give each a seed and a weight") }
      try part.finish()
      mixture.append(.init(seed: UInt64(seed), weight: Float(weight)))
    }
    try fields.finish()
    guard mixture.contains(where: { $0.weight > 0 }) else {
      throw Problem.value("parts", "give 1 to \(parts) parts, one with a weight above 0")
    }
    let wanted = mixture
    return try await GenerateEndpoints.make(call) { studio, _ in
      let picture = try studio.pictures(name).picture(between: wanted, truncation: truncation)
      return try enlargement.map { try studio.upsampler().upscale(picture, by: $0) } ?? picture
    }
  }

  // MARK: The wall

  /// A kind of mark, and whether it is left.
  private struct Lamp: Encodable {
    enum State: String, Encodable {
      case there
      /// Looked for and not found; whether it was ever there nobody knows from this picture alone.
      case absent
      case broken
      /// Nobody looked.
      case unseen
    }
    var mark: String
    var state: State
    /// What was found, in words; nil where nothing was.
    var text: String?
  }

  private struct Answer: Encodable {
    var outcome: Outcome
    var sentence: String
    var tone: String
    var width: Int?
    var height: Int?
    var bytes: Int
    var format: String?
    var marks: [Lamp]
  }

  private static let large = Problem(
    .unprocessableContent, "serve.wall.large",
    "pictures of up to \(PictureAttack.greatestPixels >> 20) megapixels are treated",
    remedy: "send a smaller one, or ask what is in it as it is")

  @Sendable private static func wall(_ call: Call) async throws -> Response {
    var attack = PictureAttack()
    attack.jpegQuality = try call.query.whole("jpeg", in: 1...100)
    attack.scale = try call.query.number("scale", in: 0.1...4) ?? 1
    attack.crop = try call.query.number("crop", in: 0.1...1) ?? 1
    attack.turn = try call.query.number("turn", in: -180...180) ?? 0
    attack.isScreenshot = try call.query.flag("screenshot")
    attack.stripsMetadata = try call.query.flag("strip")
    let kinds = try ScanEndpoints.kinds(call.query["only"])
    let given = try await call.picture()
    let server = call.server
    let scanner = server.scanner(kinds)
    let wanted = attack
    return Response(
      json: try await server.pool.run {
        let file = given.image(server.settings.limits)
        if !wanted.isNothing {
          let header = try file.header()
          guard Double(header.width) * Double(header.height) <= Double(PictureAttack.greatestPixels) else {
            throw large
          }
        }
        let bytes = try wanted.file(of: file)
        // The copy is looked at and forgotten; a picture without its marks leaves nobody's hands here.
        let copy = ImageFile(
          bytes: bytes, path: FilePath(given.name), companions: [:], limits: server.settings.limits)
        let scan = scanner.scan(copy).result
        PictureCounts.count(.wall, scan.outcome)
        let answer = Answer(
          outcome: scan.outcome, sentence: server.pages.closed(server.text.sentence(scan)),
          tone: Pages.tone(scan.outcome), width: scan.width, height: scan.height, bytes: bytes.count,
          format: scan.format, marks: lamps(scan, kinds, server))
        return try JSONLine.of(answer, as: "assay.wall/1")
      })
  }

  private static func lamps(_ scan: ScanResult, _ kinds: Set<ExaminerKind>, _ server: ServerCore) -> [Lamp] {
    func lamp(
      _ mark: String, seenBy kind: ExaminerKind, _ isSuch: (Evidence) -> Bool
    ) -> Lamp {
      guard kinds.contains(kind) else { return Lamp(mark: mark, state: .unseen) }
      let found = scan.evidence.filter { $0.result == .found && isSuch($0) }
      let isBroken = found.contains { $0.alteration != nil }
      let state: Lamp.State =
        found.isEmpty
        ? (scan.evidence.contains { $0.result == .notEvaluated && isSuch($0) } ? .unseen : .absent)
        : isBroken ? .broken : .there
      return Lamp(mark: mark, state: state, text: found.first.map { $0.summary.capitalizedFirst + "." })
    }
    return [
      lamp("credentials", seenBy: .provenance) { $0.method.hasPrefix("credentials") },
      lamp("statement", seenBy: .provenance) { $0.class == .declared && !$0.method.hasPrefix("credentials") },
      lamp("watermark", seenBy: .watermark) { $0.method.hasPrefix("watermark.") },
      lamp("fingerprint", seenBy: .watermark) { $0.method.hasPrefix("fingerprint.") },
      lamp("detector", seenBy: .detector) { $0.class == .statistical },
    ]
  }
}
