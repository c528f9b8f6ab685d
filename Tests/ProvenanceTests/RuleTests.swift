import Foundation
import Provenance
import Testing

/// One field as a file of some kind would give it.
private func field(
  _ carrier: MetadataField.Carrier, _ name: String, _ value: String, namespace: String? = nil
) -> MetadataField {
  MetadataField(
    carrier: carrier, name: name, namespace: namespace, value: value,
    place: FieldPlace(path: "\(carrier) \(name)", bytes: 0..<1))
}

private func found(_ fields: MetadataField...) -> [ProvenanceSign] {
  ProvenanceReader.signs(in: MetadataFields(fields))
}

private let settings = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: x"

struct RuleTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var generator: String?
    var fields: [MetadataField]
    var strength: ProvenanceSign.Strength = .strong
    var origin: ProvenanceSign.Origin = .generated
    var testDescription: String { "\(generator ?? "none named"): \(fields.map(\.name))" }

    init(
      _ generator: String?, _ fields: MetadataField..., strength: ProvenanceSign.Strength = .strong,
      origin: ProvenanceSign.Origin = .generated
    ) {
      (self.generator, self.fields, self.strength, self.origin) = (generator, fields, strength, origin)
    }
  }

  static let cases: [Case] = [
    Case("Stable Diffusion WebUI", field(.text, "parameters", "a cat\nNegative prompt: dog\n" + settings)),
    Case("Stable Diffusion WebUI", field(.text, "parameters", settings)),
    Case(
      "Stable Diffusion WebUI",
      field(.exif, "UserComment", "a cat\r\n" + settings + ", Version: f2.0.1v1.10.1")),
    Case("Stable Diffusion WebUI", field(.comment, "", "a cat\n" + settings), strength: .medium),
    Case("Stable Diffusion WebUI", field(.pixels, "stealth_rgbinfo", "a cat\n" + settings)),
    Case(
      "stable-diffusion.cpp",
      field(.text, "parameters", "cat\n" + settings + ", Version: stable-diffusion.cpp")),
    Case("ComfyUI", field(.text, "parameters", "cat\n" + settings + ", Version: ComfyUI")),
    Case(
      "Stable Diffusion WebUI",
      field(.text, "postprocessing", "Postprocess upscale by: 2, Postprocess upscaler: R-ESRGAN 4x+"),
      strength: .medium, origin: .edited),
    Case("ComfyUI", field(.text, "prompt", #"{"1":{"inputs":{"x":NaN},"class_type":"KSampler"}}"#)),
    Case(
      "ComfyUI",
      field(.text, "workflow", #"{"last_node_id":2,"nodes":[{"id":1,"type":"VAEDecode"}],"links":[]}"#)),
    Case(
      "ComfyUI", field(.exif, "Model", #"prompt:{"1":{"class_type":"CheckpointLoaderSimple","inputs":{}}}"#)),
    Case(
      "ComfyUI", field(.exif, "ImageDescription", #"Workflow: {"nodes":[{"type":"KSampler"}],"links":[]}"#)),
    Case(
      "ComfyUI",
      field(
        .text, "prompt",
        #"{"1":{"class_type":"LoadImage","inputs":{}},"2":{"class_type":"ImageUpscaleWithModel","inputs":{}}}"#
      ),
      strength: .medium, origin: .edited),
    Case("InvokeAI", field(.text, "invokeai_metadata", #"{"positive_prompt":"cat","seed":3}"#)),
    Case(
      "InvokeAI", field(.text, "sd-metadata", #"{"model":"stable diffusion","app_id":"invoke-ai/InvokeAI"}"#)),
    Case("InvokeAI", field(.text, "Dream", #""a cat" -s 50 -S 1 -W 512 -H 512 -C 7.5 -A k_lms"#)),
    Case("NovelAI", field(.text, "Software", "NovelAI")),
    Case(
      "NovelAI",
      field(.exif, "UserComment", #"{"Software":"NovelAI","Source":"NovelAI Diffusion V4","Comment":"{}"}"#)),
    Case("NovelAI", field(.text, "Source", "NovelAI Diffusion V3 0000"), strength: .medium),
    Case("Fooocus", field(.text, "Comment", #"{"Prompt":"cat","Base Model":"x.safetensors"}"#)),
    Case(
      "Fooocus", field(.exif, "UserComment", #"{"prompt":"cat","version":"Fooocus v2.5"}"#),
      field(.exif, "MakerNote", "fooocus")),
    Case(
      "Draw Things", field(.xmp, "UserComment", #"{"c":"cat","uc":"","model":"m.ckpt","seed":1,"steps":20}"#)),
    Case("SwarmUI", field(.text, "parameters", #"{"sui_image_params":{"prompt":"cat","seed":1}}"#)),
    Case("SwarmUI", field(.exif, "Model", #"{"sui_image_params":{"prompt":"cat"}}"#)),
    Case(
      "Easy Diffusion", field(.text, "Prompt", "cat"), field(.text, "Negative Prompt", "dog"),
      field(.text, "Stable Diffusion model", "sd-v1-5")),
    Case(
      "Easy Diffusion",
      field(
        .exif, "UserComment",
        #"{"prompt":"cat","negative_prompt":"","seed":1,"use_stable_diffusion_model":"sd-v1-5"}"#)),
    Case("Tensor.Art", field(.text, "generation_data", #"{"models":[],"prompt":"cat","seed":"1"}"#)),
    Case(
      "Midjourney", field(.text, "Description", "a cat --v 6.1 Job ID: 12345678-1234-1234-1234-123456789abc")),
    Case(
      "Midjourney", field(.exif, "ImageDescription", "a cat Job ID: 12345678-1234-1234-1234-123456789ABC")),
    Case("OpenAI", field(.exif, "MakerNote", "OpenAI--ImageGeneration--generation-x")),
    Case(
      "xAI Grok", field(.exif, "ImageDescription", "Signature: " + String(repeating: "QUJD", count: 20)),
      field(.exif, "Artist", "123e4567-e89b-12d3-a456-426614174000")),
    Case("ByteDance", field(.exif, "ImageDescription", #"{"aigc_info":{"aigc_label_type":1}}"#)),
    Case(
      "ByteDance", field(.exif, "UserComment", #"{"data":{"product":"dreamina","exportType":"generation"}}"#),
      strength: .medium),
    Case("Google AI", field(.iptc, "Credit", "Made with Google AI")),
    Case("Google AI", field(.xmp, "Credit", "Edited with Google AI "), origin: .edited),
    Case("Apple Photos Clean Up", field(.xmp, "Credit", "Apple Photos Clean Up"), origin: .edited),
    Case("Apple Image Playground", field(.exif, "Software", "Image Playground"), strength: .medium),
    Case(
      "Samsung Galaxy AI", field(.trailer, "PEg_Info", #"{"genAIType":8}"#), strength: .medium,
      origin: .edited),
    Case("Hugging Face", field(.text, "hf-job-id", "0123"), strength: .medium),
    Case("Ideogram", field(.exif, "Make", "Ideogram AI")),
    Case("Reve", field(.exif, "Software", "reve.com")),
    Case("Aphrodite AI", field(.exif, "Make", "Aphrodite AI")),
    Case("Luma AI", field(.text, "Source", "Luma AI")),
    Case("Adobe Firefly", field(.xmp, "CreatorTool", "Adobe Firefly 3.0")),
    Case("OpenAI DALL·E", field(.exif, "Software", "DALL·E 3")),
    Case("OpenAI DALL·E", field(.text, "Software", "dall-e-3")),
    Case("OpenAI gpt-image", field(.exif, "Software", "gpt-image-1.5")),
    Case("Google Imagen", field(.exif, "Software", "Imagen 4 Ultra"), strength: .medium),
    Case("Black Forest Labs FLUX", field(.exif, "Software", "FLUX.1 [dev]"), strength: .medium),
    Case("Adobe Firefly", field(.xmp, "softwareAgent", "Adobe Firefly"), origin: .edited),
    Case("TC260 AIGC label", field(.text, "AIGC", #"{"Label":"1","ContentProducer":"x"}"#)),
    Case(
      "TC260 AIGC label",
      field(.xmp, "AIGC", "{&quot;Label&quot;:&quot;1&quot;,&quot;ProduceID&quot;:&quot;1&quot;}")),
    Case("TC260 AIGC label", field(.exif, "UserComment", #"{"AIGC":{"Label":1,"ContentProducer":"x"}}"#)),
    Case(
      "TC260 AIGC label", field(.segment, "APP9", #"AIGC{"Label":"2","ContentProducer":"x"}"#),
      strength: .medium),
    Case(
      "TC260 AIGC label",
      field(
        .exif, "ImageDescription",
        #"{"ServiceProvider":"Tencent","ServiceUser":"1","Time":"t","ContentId":"2"}"#), strength: .medium),
    Case("Hillmaker", field(.xmp, "AISystemUsed", "Hillmaker")),
    Case(nil, field(.xmp, "AIPromptInformation", "a cat")),
    Case(
      nil,
      field(
        .xmp, "DigitalSourceType", "https://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia/")
    ),
    Case(nil, field(.xmp, "DigitalSourceType", "trainedAlgorithmicMedia")),
    Case(nil, field(.xmp, "DigitalSourceType", "digsrctype:compositeSynthetic"), origin: .edited),
    Case(nil, field(.xmp, "DigitalSourceType", "TrainedAlgorithmicMedia"), strength: .medium),
  ]

  @Test(arguments: cases)
  func `a producer's text names its producer`(example: Case) throws {
    let signs = ProvenanceReader.signs(in: MetadataFields(example.fields)).ofAI
    let sign = try #require(signs.max { $0.strength < $1.strength })
    #expect(signs.allSatisfy { $0.generator == example.generator })
    #expect(sign.strength == example.strength)
    #expect(sign.origin == example.origin)
  }

  @Test(arguments: [
    field(.text, "Comment", "please prompt the model to smile; stable diffusion of light"),
    field(.text, "parameters", "Steps to reproduce: open the file. Sampler: none"),
    field(.text, "parameters", "the parameters of the exposure"),
    field(.text, "Description", "Steps: 20 down to the lake, Seed: grass"),
    field(.text, "prompt", "what is your name"), field(.text, "workflow", #"{"steps":["scan","crop"]}"#),
    field(.text, "Dream", "a dream -S of summer"), field(.text, "Software", "Adobe Photoshop 25.0"),
    field(.exif, "Software", "Fluxbox 1.3"), field(.exif, "Software", "Editor de imagen 2.0"),
    field(.exif, "Software", "f.lux"), field(.exif, "Model", "Firefly 8SE"),
    field(.exif, "Artist", "Leonardo da Vinci"), field(.exif, "Artist", "Sora Tanaka"),
    field(.exif, "Artist", "123e4567-e89b-12d3-a456-426614174000"),
    field(.exif, "ImageDescription", "Signature: " + String(repeating: "QUJD", count: 20)),
    field(.iptc, "SpecialInstructions", "FBMD01000a9"),
    field(.iptc, "Credit", "Google AI Conference / Reuters"),
    field(.xmp, "DigitalSourceType", "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"),
    field(
      .xmp, "DigitalSourceType", "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"),
    field(.xmp, "DigitalSourceType", "nottrainedAlgorithmicMedia"),
    field(.xmp, "DigitalSourceType", "trainedAlgorithmicMediaX"), field(.xmp, "AISystemUsed", "none"),
    field(.xmp, "AIPromptWriterName", "A. Writer"),
    field(.xmp, "DigImageGUID", "25feedd2-cdb9-4448-9cd0-9c2fa24140e6"),
    field(.text, "Comment", "c2pa jumb caBX"), field(.text, "AIGC", "no label"),
    field(.text, "AIGC", #"{"Label":"0","ContentProducer":"x"}"#),
    field(.exif, "UserComment", #"{"Label":"1"}"#),
    field(.exif, "ImageDescription", #"{"exportType":"edit","aigc_type":0}"#),
    field(.trailer, "PEg_Info", #"{"genAIType":0}"#),
    field(.trailer, "PhotoEditor_Re_Edit_Data", #"{"x":1}"#),
    field(.text, "Comment", #"{"seed":1}"#), field(.text, "Title", "Midjourney and me"),
    field(.text, "Description", "Job ID: 42"), field(.text, "invokeai_metadata", "{}"),
    field(.text, "postprocessing", "dry with a towel"), field(.text, "negative_prompt", "dog"),
  ])
  func `a decoy is no sign of AI`(decoy: MetadataField) {
    #expect(found(decoy).ofAI.isEmpty)
  }

  @Test func `a camera's EXIF declares a capture, more with its maker's note`() {
    let exif = [
      field(.exif, "Make", "NIKON CORPORATION"), field(.exif, "Model", "NIKON Z 6"),
      field(.exif, "ExposureTime", ""), field(.exif, "FNumber", ""),
      field(.exif, "DateTimeOriginal", "2024:05:01"),
    ]
    func strength(_ more: MetadataField...) -> ProvenanceSign.Strength? {
      ProvenanceReader.signs(in: MetadataFields(exif + more)).first { $0.origin == .captured }?.strength
    }
    #expect(strength() == .weak)
    #expect(strength(field(.exif, "MakerNoteManufacturer", "Nikon")) == .medium)
    #expect(strength(field(.exif, "MakerNoteManufacturer", "Canon")) == .weak)
  }

  @Test func `what a file says is quoted without control characters and bounded`() {
    let text = "a\u{1B}[31m b\u{202E}c\u{0}" + String(repeating: "x", count: 5000)
    let quoted = Quotation.of(text)
    #expect(quoted.count <= 161 && quoted.hasSuffix("…"))
    #expect(!quoted.unicodeScalars.contains(where: Quotation.isControl))
  }

  // MARK: Nearly

  /// Names of one word, so that a changed letter leaves nothing of them.
  static let names = [
    "StableDiffusion", "Midjourney", "ComfyUI", "InvokeAI", "NovelAI", "Fooocus", "DrawThings", "SwarmUI",
    "EasyDiffusion", "DiffusionBee", "DreamStudio", "StabilityAI", "Firefly", "ChatGPT", "OpenAI", "Imagen",
    "Gemini",
    "Ideogram", "NightCafe", "Recraft", "Craiyon", "Artbreeder", "DeepAI", "RunwayML", "Seedream", "Dreamina",
    "Doubao", "Hunyuan", "PixAI", "SeaArt", "Civitai", "Automatic1111", "SDNext",
  ]

  @Test(arguments: names)
  func `a program whose name differs in a letter is not named`(name: String) {
    func generators(_ value: String) -> [String] {
      [field(.exif, "Software", value), field(.xmp, "CreatorTool", value), field(.text, "Software", value)]
        .flatMap { found($0).compactMap(\.generator) }
    }
    let own = generators(name)
    #expect(!own.isEmpty)
    let letters = Array(name)
    for index in letters.indices {
      for change in [[Character("X")], [], [letters[index], letters[index]], [letters[index], "X"]] {
        let near = String(letters[..<index] + change + letters[(index + 1)...])
        guard near.lowercased() != name.lowercased() else { continue }
        #expect(generators(near).isEmpty, "\(near)")
      }
    }
    for near in ["\(name)X1", "X\(name)", "\(name)ish"] { #expect(generators(near).isEmpty, "\(near)") }
  }

  @Test(arguments: ["http://cv.iptc.org/n", "http://cv.iptc.org/newscodes/digitalsourcetype/"])
  func `a source type that is cut before its term declares nothing and is told`(value: String) throws {
    let signs = found(field(.xmp, "DigitalSourceType", value))
    let sign = try #require(signs.first)
    #expect(signs.count == 1 && sign.standing == .context && sign.origin == nil)
    #expect(sign.summary.contains("cut"))
    #expect(found(field(.xmp, "DigitalSourceType", "http")).isEmpty)
  }
}
