import Foundation
import ImageFormats
import Provenance
import Testing

/// Settings of programs that no rule knows by name, graphs of nodes, and labels in the wrong form.
struct GenerationSettingsTests {
  private static func text(_ name: String, _ value: String) -> MetadataField {
    MetadataField(carrier: .text, name: name, value: value, place: FieldPlace(path: name))
  }

  private static func comment(_ value: String) -> MetadataField {
    MetadataField(carrier: .exif, name: "UserComment", value: value, place: FieldPlace(path: "UserComment"))
  }

  private static func signs(_ fields: [MetadataField]) -> [ProvenanceSign] {
    ProvenanceReader.signs(in: MetadataFields(fields)).filter {
      $0.origin == .generated || $0.origin == .edited
    }
  }

  // MARK: Settings

  @Test(arguments: ["", "mine:", "my.app.", "tool/", "PREFIX:deep:"])
  func `a prompt with a seed and steps declares a model, whatever stands before their names`(prefix: String) {
    let found = Self.signs([
      Self.text(prefix + "prompt", "a cat"), Self.text(prefix + "Seed", "42"),
      Self.text(prefix + "steps", "20"),
    ])
    #expect(found.map(\.generator) == [nil])
    #expect(found.first?.strength == .medium)
  }

  @Test(arguments: [
    #"{"prompt":"a cat","seed":7,"model":"x"}"#, #"{"params":{"prompt":"a cat","seed":7,"steps":4}}"#,
    #"my:parameters {"Prompt":"a cat","Seed":"7","Sampler":"euler"}"#,
    #"{"prompt":"a cat","base_model":"None","seed":42,"steps":9}"#,
    #"{"prompt":"a cat","negative_prompt":"","seed":1,"num_inference_steps":20}"#,
  ])
  func `so does one JSON object, and no program is named that it does not name`(json: String) {
    let found = Self.signs([Self.comment(json)])
    #expect(!found.isEmpty && found.allSatisfy { $0.generator == nil })
  }

  @Test(arguments: [
    ("MFLUX", comment(#"{"mflux_version":"0.15.0","prompt":"a","base_model":"None","seed":42,"steps":9}"#)),
    (
      "WanGP",
      comment(#"{"prompt":"a","negative_prompt":"","seed":1,"num_inference_steps":20,"type":"WanGP v10.5"}"#)
    ),
    ("mold", comment(#"mold:parameters {"prompt":"a","model":"m","seed":42,"steps":4}"#)),
  ])
  func `a program is named by what is its own`(name: String, field: MetadataField) {
    #expect(Self.signs([field]).map(\.generator) == [name])
  }

  @Test func `groups of texts name their programs`() {
    let keys = [("prompt", "a cat"), ("seed", "42"), ("steps", "4"), ("model", "flux")]
    #expect(Self.signs(keys.map { Self.text("mold:" + $0, $1) }).map(\.generator) == ["mold"])
    #expect(Self.signs(keys.map { Self.text("SD:" + $0, $1) }).map(\.generator) == ["Sygil WebUI"])
  }

  @Test(arguments: [
    [("prompt", "smile"), ("Software", "Booth")],
    [("seed", "grass"), ("prompt", "plant it"), ("steps", "three")],
    [("model", "Canon EOS R5"), ("seed", "42")], [("a:prompt", "x"), ("b:seed", "1"), ("c:steps", "2")],
  ])
  func `fewer of them, or of different prefixes, are no settings`(texts: [(String, String)]) {
    #expect(Self.signs(texts.map { Self.text($0, $1) }).isEmpty)
  }

  @Test(arguments: [
    "a cat\nNegative prompt: dog\nSampler: euler, Seed: 12345, Size: 512x512, Model: flux1-dev",
    "a cat\nSteps: None, Sampler: euler, CFG scale: 1.0, Seed: 7, Size: 8x8",
  ])
  func `a WebUI's text without a number of steps declares a model`(parameters: String) {
    #expect(Self.signs([Self.text("parameters", parameters)]).map(\.generator) == [nil])
  }

  // MARK: Graphs

  private static func prompt(_ classes: [String]) -> String {
    let nodes = classes.enumerated().map {
      "\"\($0.offset)\": {\"class_type\": \"\($0.element)\", \"inputs\": {}}"
    }
    return "{" + nodes.joined(separator: ", ") + "}"
  }

  private static func workflow(_ types: [String], slots: Int = 0) -> String {
    let slot = String(repeating: #"{"name": "x", "type": "IMAGE"},"#, count: slots).dropLast()
    let nodes = types.map { "{\"id\": 1, \"inputs\": [\(slot)], \"type\": \"\($0)\"}" }
    return "{\"last_node_id\": 9, \"nodes\": [\(nodes.joined(separator: ","))], \"links\": []}"
  }

  @Test func `a sampler is found behind any number of other nodes and slots`() {
    let classes = (0..<2000).map { "PrimitiveString\($0 % 7)" } + ["KSampler"]
    for text in [Self.prompt(classes), Self.workflow(classes, slots: 3)] {
      let found = Self.signs([Self.text("prompt", text)])
      #expect(found.map(\.origin) == [.generated])
      // A graph that was cut is scanned for the same names.
      #expect(!Self.signs([Self.text("prompt", String(text.dropLast(3)))]).isEmpty)
    }
  }

  @Test(arguments: [
    "ByteDanceImageNode", "KlingImageGenerationNode", "FluxProUltraImageNode", "IdeogramV3",
    "RecraftTextToImageNode",
    "LumaImageNode", "RunwayTextToImageNode", "StabilityStableImageUltraNode", "WanTextToImageApi",
    "OpenAIGPTImage1",
    "GeminiImage2Node", "GrokImageNode", "ReveImageCreateNode", "MinimaxTextToVideoNode",
    "ByteDanceSeedreamNode",
  ])
  func `nodes that ask a service for a picture generate`(name: String) {
    #expect(
      Self.signs([Self.text("prompt", Self.prompt([name, "SaveImage"]))]).map(\.origin) == [.generated])
  }

  @Test func `a graph that only resizes declares nothing of AI`() {
    let classes = ["LoadImage", "ImageScaleBy", "ImageCrop", "SaveImage"]
    for text in [Self.prompt(classes), Self.workflow(classes, slots: 2)] {
      #expect(Self.signs([Self.text("workflow", text)]).isEmpty)
      let all = ProvenanceReader.signs(in: MetadataFields([Self.text("workflow", text)]))
      #expect(all.map(\.standing) == [.context])
    }
  }

  @Test func `ComfyUI's own copy of the WebUI's text is ComfyUI's`() {
    let found = Self.signs([
      Self.text("prompt", Self.prompt(["KSampler", "SaveImage"])),
      Self.text("parameters", "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12345, Size: 512x512"),
    ])
    #expect(found.count == 2 && found.allSatisfy { $0.generator == "ComfyUI" })
  }

  @Test func `a model's address names no program`() {
    let model = MetadataField(
      carrier: .exif, name: "Model", value: "numz/SeedVR2_comfyUI", place: FieldPlace(path: "Model"))
    #expect(Self.signs([model]).isEmpty)
  }

  // MARK: Labels

  @Test(arguments: [
    "{'Label': '1', 'ContentProducer': '0011DEMO', 'ProduceID': 'v1', 'ReserveCode1': None}",
    "{'Label': 1, 'ContentProducer': \"it's\", 'Final': True}",
    #"{'AIGC': {'Label': '1', 'ProduceID': 'x'}}"#,
  ])
  func `a label in Python's form declares what it says, and its form is called wrong`(text: String) throws {
    let found = Self.signs([Self.text("AIGC", text)])
    #expect(found.map(\.rule) == ["tc260.aigc"])
    let sign = try #require(found.first)
    #expect(sign.strength == .strong)
    #expect(sign.reason?.contains("Python") == true)
    #expect(sign.evidence.aigcLabel?.isAllTexts == false)
  }

  @Test func `a label's fields as properties of TC260's namespace are one label`() {
    let fields = [("Label", "1"), ("AIGCContentProducer", "x"), ("ProduceID", "y")].map { name, value in
      MetadataField(
        carrier: .xmp, name: name, namespace: XMPNamespace.tc260, value: value,
        place: FieldPlace(path: name, bytes: 0..<9))
    }
    let found = Self.signs(fields)
    #expect(found.count == 1)
    #expect(found.first?.evidence.aigcLabel?.contentProducer == "x")
    #expect(found.first?.strength == .strong)
  }

  @Test(arguments: ["true", "True", "yes", "1"])
  func `a field that says AI-generated declares it`(value: String) {
    #expect(Self.signs([Self.text("ai_generated", value)]).map(\.strength) == [.medium])
    #expect(Self.signs([Self.text("AI-Generated", value)]).count == 1)
  }

  @Test(arguments: ["false", "no", "0", "", "unknown"])
  func `one that says no declares nothing`(value: String) {
    #expect(Self.signs([Self.text("ai_generated", value)]).isEmpty)
  }

  // MARK: ImageMagick's texts

  private static func fields(_ texts: [(String, String)]) throws -> MetadataFields {
    var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    for (name, content) in texts.map({ ("tEXt", "\($0)\0\($1)") }) + [("IEND", "")] {
      bytes += withUnsafeBytes(of: UInt32(content.utf8.count).bigEndian) { Array($0) }
      bytes += Array(name.utf8)
      bytes += Array(content.utf8)
      bytes += [0, 0, 0, 0]
    }
    let file = ImageFile(bytes: bytes)
    return MetadataFields(file: file, container: try file.container(), metadata: try file.metadata())
  }

  @Test func `texts that ImageMagick makes of EXIF are the tags that they were`() throws {
    let parameters = "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12345, Size: 512x512"
    func list(_ head: String, _ text: [UInt8]) -> String {
      (Array(head.utf8) + text).map { String($0) }.joined(separator: ", ")
    }
    let codes = list("ASCII\0\0\0", Array(parameters.utf8))
    let unicode = list("UNICODE\0", parameters.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
    for (texts, generator) in [
      ([("exif:Make", "Ideogram AI")], "Ideogram"), ([("exif:Software", "Midjourney")], "Midjourney"),
      ([("exif:UserComment", codes)], "Stable Diffusion WebUI"),
      ([("exif:UserComment", unicode)], "Stable Diffusion WebUI"),
      ([("tiff:software", "Midjourney")], "Midjourney"),
      (
        [
          ("exif:Artist", "123e4567-e89b-12d3-a456-426614174000"),
          ("exif:ImageDescription", "Signature: " + String(repeating: "QUJD", count: 20)),
        ], "xAI Grok"
      ),
    ] {
      let signs = ProvenanceReader.signs(in: try Self.fields(texts)).filter { $0.origin == .generated }
      #expect(!signs.isEmpty && signs.allSatisfy { $0.generator == generator }, "\(texts)")
    }
  }
}
