import Diagnostics
import Foundation
import Generators
import HTTPTypes
import Hummingbird
import ImageFormats
import Requests

/// Pictures that models make: every one leaves marked and signed.
enum GenerateEndpoints {
  static let output: [Endpoint.Parameter] = [
    .init(
      name: "format", about: "Of the file.",
      schema: ["enum": .array(OutputMarker.Format.allCases.map { .string($0.rawValue) }), "default": "png"]),
    .init(
      name: "quality", about: "Of a JPEG.",
      schema: ["type": "integer", "minimum": 1, "maximum": 100, "default": 95]),
    .init(
      name: "label", about: "A visible label to draw.",
      schema: ["type": "string", "minLength": 1, "maxLength": .integer(VisibleLabel.longest)]),
  ]

  /// A number that pictures are made from.
  static let seed: JSONValue = ["type": "integer", "minimum": 0, "maximum": .integer(Int.max)]

  /// The same where none need be given.
  static let usualSeed: JSONValue = [
    "type": "integer", "minimum": 0, "maximum": .integer(Int.max), "default": 1,
  ]

  static let model: JSONValue = [
    "enum": .array(Studio.pictureModels.map { .string($0) }), "default": "landscapes",
  ]

  static let truncation: JSONValue = [
    "type": "number", "minimum": 0, "maximum": .number(1.5), "default": 1,
  ]

  static let picture: [Endpoint.Answer] = [
    .init(
      status: .ok, about: "The picture; Assay-Identifier is what its watermark carries.",
      content: Dictionary(
        uniqueKeysWithValues: ["png", "jpeg", "webp"].map {
          ("image/\($0)", ["type": "string", "format": "binary"] as JSONValue)
        }), headers: ["Assay-Identifier": "What the watermark carries, in hexadecimal digits."]),
    .init(
      status: .unprocessableContent, about: "There can be no such picture.", content: Schemas.problemAnswer),
  ]

  static let all: [Endpoint] = [
    Endpoint(
      method: .get, path: "/api/v1/generate/models", name: "models", summary: "The models that there are.",
      answers: [
        .init(status: .ok, about: "Their names.", content: ["application/json": Schemas.reference("Models")])
      ]
    ) { _ in Response(json: try JSONLine.of(["pictures": Studio.pictureModels])) },
    Endpoint(
      method: .post, path: "/api/v1/generate/gan", name: "generatePicture",
      summary: "Make a picture from a seed.", parameters: output,
      content: .json([
        "type": "object", "additionalProperties": false,
        "properties": [
          "model": model, "seed": usualSeed,
          "index": ["type": "integer", "minimum": 0, "maximum": 100_000, "default": 0],
          "truncation": truncation,
          "toward": [
            "type": "object", "additionalProperties": false, "required": ["seed", "place"],
            "description": "Another picture, and the place between the two.",
            "properties": ["seed": seed, "place": ["type": "number", "minimum": 0, "maximum": 1]],
          ],
          "fine": [
            "type": "object", "additionalProperties": false, "required": ["seed", "crossover"],
            "description": "Another picture that gives the layers from this side on.",
            "properties": ["seed": seed, "crossover": ["enum": [4, 8, 16, 32, 64, 128, 256, 512]]],
          ],
          "scale": ["enum": [2, 4]],
        ],
      ]), answers: picture, respond: gan),
    Endpoint(
      method: .post, path: "/api/v1/generate/landscape", name: "generateLandscape",
      summary: "Make a landscape from a line drawing.",
      parameters: output + [
        .init(
          name: "input", about: "sketch takes the lines as they are, photo finds them.",
          schema: [
            "enum": .array(TranslationModel.Input.allCases.map { .string($0.rawValue) }), "default": "sketch",
          ]),
        .init(
          name: "seed", about: "Which colours of sky, middle and ground, which the lines leave open.",
          schema: [
            "type": "integer", "minimum": 0, "maximum": 1_000_000_000,
            "default": .integer(Int(TranslationModel.usualSeed)),
          ]),
      ], content: .picture, answers: picture
    ) { call in
      let input = try call.query.choice("input", TranslationModel.Input.self) ?? .sketch
      let seed = try call.query.whole("seed", in: 0...1_000_000_000) ?? Int(TranslationModel.usualSeed)
      let given = try await call.picture()
      return try await make(call) { studio, limits in
        let drawing = try ModelInput(given, limits)
        return try studio.translation().translate(
          drawing.image, as: input, colours: .seed(UInt64(seed)), source: drawing.source)
      }
    },
    Endpoint(
      method: .post, path: "/api/v1/generate/style", name: "generateStyle",
      summary: "Paint a picture in the manner of one or two others.", parameters: output,
      content: .form(
        [
          "content": OpenAPIDocument.fileField, "style": OpenAPIDocument.fileField,
          "style2": OpenAPIDocument.fileField, "style3": OpenAPIDocument.fileField,
          "style4": OpenAPIDocument.fileField,
          "weights": [
            "type": "string", "pattern": "^[0-9.]+(,[0-9.]+){0,3}$",
            "description": "A part of the whole, 0 to 1, for each style; in place of blend.",
          ],
          "blend": [
            "type": "number", "minimum": 0, "maximum": 1, "default": .number(0.5),
            "description": "The second of two styles' part of the whole.",
          ],
          "strength": ["type": "number", "minimum": 0, "maximum": 1, "default": 1],
          "keepColour": ["type": "boolean", "default": false],
          "styleSize": ["type": "integer", "minimum": 64, "maximum": 2048, "default": 512],
        ], required: ["content", "style"]), answers: picture, respond: style),
    Endpoint(
      method: .post, path: "/api/v1/generate/upscale", name: "generateEnlargement",
      summary: "Enlarge a picture; detail is invented.",
      parameters: output + [
        .init(
          name: "scale", about: "How many times wider and higher.", schema: ["enum": [2, 4], "default": 2])
      ], content: .picture, answers: picture
    ) { call in
      guard let scale = UpsamplerModel.Scale(rawValue: try call.query.whole("scale", in: 2...4) ?? 2) else {
        throw Problem.value("scale", "give 2 or 4")
      }
      let given = try await call.picture()
      return try await make(call) { studio, limits in
        let picture = try ModelInput(given, limits)
        return try studio.upsampler().upscale(picture.image, by: scale, source: picture.source)
      }
    },
  ]

  // MARK: Making

  /// How the picture shall be written, from the address.
  private static func wish(_ call: Call) throws(Problem) -> Studio.Output {
    var output = Studio.Output()
    output.format = try call.query.choice("format", OutputMarker.Format.self) ?? .png
    output.quality = try call.query.whole("quality", in: 1...100) ?? 95
    output.label = call.query["label"]
    return output
  }

  /// Makes a picture on a worker, and gives it with all its marks.
  static func make(
    _ call: Call, _ work: @escaping @Sendable (Studio, ReadLimits) throws -> GeneratedImage
  ) async throws -> Response {
    let output = try wish(call)
    let server = call.server
    let file = try await server.pool.run {
      try server.studio.marked(try work(server.studio, server.settings.limits), output)
    }
    PictureCounts.count(.generate, "made")
    return Response(
      type: "image/\(file.format.rawValue)", bytes: file.bytes, headers: [.assayIdentifier: file.identifier])
  }

  @Sendable private static func gan(_ call: Call) async throws -> Response {
    var fields = try await call.json()
    let name = try fields.text("model", among: Studio.pictureModels) ?? "landscapes"
    var request = PictureModel.Request(
      seed: UInt64(try fields.whole("seed", in: 0...Int.max) ?? 1),
      index: try fields.whole("index", in: 0...100_000) ?? 0)
    request.truncation = Float(try fields.number("truncation", in: 0...1.5) ?? 1)
    if var toward = try fields.object("toward") {
      guard let seed = try toward.whole("seed", in: 0...Int.max),
        let place = try toward.number("place", in: 0...1)
      else { throw toward.lacking("give a seed and a place") }
      try toward.finish()
      request.toward = .init(seed: UInt64(seed), place: Float(place))
    }
    if var fine = try fields.object("fine") {
      guard let seed = try fine.whole("seed", in: 0...Int.max),
        let crossover = try fine.whole("crossover", in: 4...512), crossover.nonzeroBitCount == 1
      else { throw fine.lacking("give a seed and a crossover, a power of two in 4...512") }
      try fine.finish()
      request.fine = .init(seed: UInt64(seed), crossover: crossover)
    }
    let scale = try fields.whole("scale", in: 2...4)
    let enlargement = scale.flatMap(UpsamplerModel.Scale.init)
    guard (scale == nil) == (enlargement == nil) else { throw Problem.value("scale", "give 2 or 4") }
    try fields.finish()
    let wanted = request
    return try await make(call) { studio, _ in
      let picture = try studio.pictures(name).picture(wanted)
      return try enlargement.map { try studio.upsampler().upscale(picture, by: $0) } ?? picture
    }
  }

  @Sendable private static func style(_ call: Call) async throws -> Response {
    let form = try await call.form(maxParts: 12)
    func file(_ name: String) throws(Problem) -> GivenFile {
      guard let file = try form.file(name) else {
        throw Problem(
          .badRequest, "serve.picture", "the form lacks a picture",
          remedy: "send two files, content and style",
          location: .init(path: name))
      }
      return file
    }
    let (content, style) = (try file("content"), try file("style"))
    let others = try ["style2", "style3", "style4"].compactMap { try form.file($0) }
    func number(_ name: String) throws(Problem) -> Float? {
      guard let text = form.fields[name] else { return nil }
      guard let number = Float(text), (0...1).contains(number) else {
        throw .value(name, "give a number from 0 to 1")
      }
      return number
    }
    let weights = try weights(form.fields["weights"], count: 1 + others.count, blend: number("blend"))
    let strength = try number("strength") ?? 1
    let size = Int(form.fields["styleSize"] ?? "512")
    guard let size, (64...2048).contains(size) else {
      throw Problem.value("styleSize", "give a whole number from 64 to 2048")
    }
    guard let keepsColour = Bool(form.fields["keepColour"] ?? "false") else {
      throw Problem.value("keepColour", "give true or false")
    }
    return try await make(call) { studio, limits in
      let input = try ModelInput(content, limits)
      let styles = try zip([style] + others, weights).map { file, weight in
        StyleModel.Style(image: try ModelInput(file, limits).image, weight: weight, title: file.name)
      }
      // A part of nothing is no part.
      var request = StyleModel.Request(styles: styles.filter { $0.weight > 0 })
      request.strength = strength
      request.keepsColour = keepsColour
      request.styleSide = size
      return try studio.style().stylize(input.image, source: input.source, request: request)
    }
  }

  /// The parts of so many styles: as they are given, or of two by `blend`, or alike.
  private static func weights(_ text: String?, count: Int, blend: Float?) throws(Problem) -> [Float] {
    guard let text else {
      guard count != 2 else { return [1 - (blend ?? 0.5), blend ?? 0.5] }
      return [Float](repeating: 1 / Float(count), count: count)
    }
    let weights = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Float($0) }
    guard weights.count == count, weights.allSatisfy({ (0...1).contains($0) }),
      weights.contains(where: { $0 > 0 })
    else { throw .value("weights", "give a number from 0 to 1 for each style, one of them above 0") }
    return weights
  }
}
