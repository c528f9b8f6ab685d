import Scanning

/// ComfyUI's node graphs: `prompt` (node id → class and inputs) and `workflow` (the editor's nodes and links).
///
/// PNG text chunks, EXIF Make, Model, ImageDescription or UserComment of WebP, AVIF and JPEG (`prompt:{…}`,
/// `Workflow: {…}`), JPEG comments. A graph that is no whole JSON, as one that was cut, is scanned for the
/// names of its classes.
struct ComfyGraph {
  /// The classes of its nodes, each once, in the order of the text.
  let classes: [String]
  /// How many nodes there are.
  let nodes: Int
  /// Whether every node was seen.
  let isWhole: Bool

  /// nil if the text is no graph.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    let isPrompt = bytes.holds("\"class_type\"")
    guard
      isPrompt || bytes.holds("\"nodes\"") && (bytes.holds("\"links\"") || bytes.holds("\"last_node_id\""))
    else { return nil }
    var found = Names()
    if let brace = bytes.firstIndex(of: UInt8(ascii: "{")),
      let json = JSONText.prefix(of: bytes, from: brace)?.value
    {
      found.collect(json, depth: 0)
      isWhole = true
    } else {
      found.scan(bytes, for: isPrompt ? "\"class_type\"" : "\"type\"")
      isWhole = false
    }
    guard found.count > 0 else { return nil }
    classes = found.unique
    nodes = found.count
  }

  /// Whether a node samples an image from a model, loads one, or asks a service for one.
  var generates: Bool {
    classes.contains { name in
      // A resampler only resizes.
      let folded = name.lowercased().replacing("resampler", with: "")
      return Self.generating.contains { folded.contains($0) }
        || Self.services.contains { folded.hasPrefix($0) } && !folded.contains("removebackground")
    }
  }

  /// Whether its nodes do no more than load, cut, scale, mix and save pictures.
  var onlyArranges: Bool {
    isWhole
      && classes.allSatisfy { name in
        let folded = name.lowercased().filter { $0.isLetter || $0.isNumber }
        return Self.arranging.contains { folded.hasPrefix($0) }
      }
  }

  /// Parts of class names that sample an image from a model or load one; and of the nodes that ask a service,
  /// which say what they make of what.
  private static let generating = [
    "sampler", "checkpointloader", "unetloader", "loraloader", "diffusionmodel", "diffusersloader",
    "vaedecode", "emptylatent", "cliptextencode", "guider", "fullloader", "efficient loader", "basicpipe",
    "basic_pipe", "stablediffusion", "texttoimage", "texttovideo", "imagetovideo",
    "imagegeneration",
    "videogeneration", "text2image", "txt2img", "img2img", "imageeditnode", "dalle", "openaiimage",
    "openaigptimage",
    "gptimage", "geminiimage", "stabilitystable", "nanobanana", "seedream", "qwenimage", "wanimage",
    "hunyuanimage",
  ]

  /// Services whose nodes begin with their name.
  ///
  /// Source: Comfy-Org/ComfyUI, `comfy_api_nodes`, 2026.
  private static let services = [
    "bytedance", "kling", "flux", "ideogram", "recraft", "lumaimage", "lumavideo", "minimax", "moonvalley",
    "pixverse", "runway", "openaivideo", "stability", "veo2", "veo3", "veovideo", "vidu", "grokimage",
    "grokvideo",
    "bria", "reveimage", "ltxv", "ltxapi", "wantext", "wanimage", "wanvideo", "wan2", "magnific", "hailuo",
    "midjourney",
  ]

  /// Beginnings of class names, letters and digits only, of nodes that no model stands behind.
  private static let arranging = [
    "loadimage", "saveimage", "previewimage", "previewany", "imagescale", "imageresize", "imagecrop",
    "imagepad",
    "imageinvert", "imageblend", "imageblur", "imagesharpen", "imagequantize", "imagecomposite",
    "imagerotate",
    "imageflip", "imagebatch", "imagefrombatch", "repeatimagebatch", "emptyimage", "imagetomask",
    "masktoimage",
    "loadmask", "solidmask", "invertmask", "growmask", "cropmask", "feathermask", "maskcomposite", "resize",
    "crop",
    "getimagesize", "joinimagewithalpha", "splitimagewithalpha", "note", "markdownnote", "reroute",
    "primitive",
    "saveanimated", "loadvideo", "savevideo", "createvideo", "getvideocomponents", "canny", "imagestitch",
  ]

  /// The classes that were found.
  private struct Names {
    var unique: [String] = []
    var count = 0
    private var seen: Set<String> = []

    mutating func add(_ name: String) {
      count += 1
      if unique.count < 4096, seen.insert(name).inserted { unique.append(String(name.prefix(120))) }
    }

    /// `class_type` of any object, and `type` of what stands in a list of nodes, also of subgraphs.
    mutating func collect(_ json: JSONText, depth: Int) {
      guard depth < 12 else { return }
      switch json {
      case .object(let members):
        for member in members {
          switch (member.name, member.value) {
          case ("class_type", .string(let name)): add(name)
          case ("nodes", .array(let nodes)):
            for node in nodes { if let type = node["type"]?.string { add(type) } }
          case (_, .object), (_, .array): collect(member.value, depth: depth + 1)
          default: break
          }
        }
      case .array(let items): for item in items { collect(item, depth: depth + 1) }
      default: break
      }
    }

    /// The strings that stand as value of a key.
    mutating func scan(_ bytes: [UInt8], for key: String) {
      let needle = Array(key.utf8)
      var position = 0
      while let range = bytes.firstRange(of: needle, first: UInt8(ascii: "\""), from: position) {
        position = range.upperBound
        var start = position
        while start < bytes.count, [0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ":")].contains(bytes[start]) {
          start += 1
        }
        guard start > position, start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { continue }
        let body = bytes[(start + 1)...].prefix(120)
        guard let end = body.firstIndex(of: UInt8(ascii: "\"")) else { continue }
        add(String(decoding: body[..<end], as: UTF8.self))
      }
    }
  }
}

extension [UInt8] {
  func holds(_ text: String) -> Bool {
    let needle = Array(text.utf8)
    return needle.first.map { firstRange(of: needle, first: $0) != nil } ?? true
  }
}

extension MetadataField {
  /// The graph that the value is; nil if it is none.
  var comfyGraph: ComfyGraph? {
    guard value.utf8.count > 20, value.holds("\"class_type\"") || value.holds("\"nodes\"") else { return nil }
    return ComfyGraph(value)
  }

  /// Whether a graph stands where ComfyUI puts it, or has its keys; one of nodes alone could be another editor's.
  var isNativeGraph: Bool {
    ["prompt", "workflow"].contains(foldedName) || value.holds("class_type") || value.holds("last_node_id")
  }
}

extension ProvenanceRule {
  static let comfyUI = ProvenanceRule("comfyui", "ComfyUI") { fields in
    fields.all.compactMap { field in
      guard let graph = field.comfyGraph, graph.generates || field.isNativeGraph else { return nil }
      let shown = graph.classes.sorted().prefix(12).map { Quotation.of($0, limit: 60) }
      let detail: [ProvenanceSign.Part: String] = [
        .nodes: String(graph.nodes), .classes: shown.joined(separator: ", "),
      ]
      func sign(
        _ standing: Evidence.Class, _ strength: ProvenanceSign.Strength,
        _ origin: ProvenanceSign.Origin?,
        _ summary: String, _ reason: String?
      ) -> ProvenanceSign {
        ProvenanceSign(
          rule: "comfyui", standing: standing, strength: strength, origin: origin, generator: "ComfyUI",
          summary: summary, quotation: Quotation.of(field.value), detail: detail, place: field.place,
          reason: reason)
      }
      if graph.generates {
        return sign(
          .declared, .strong, .generated, "a node graph declares ComfyUI with a sampler or model loader", nil)
      }
      if graph.onlyArranges {
        return sign(
          .context, .weak, nil, "a node graph of ComfyUI loads, arranges and saves pictures, without a model",
          "ComfyUI can also edit a picture without a generative model")
      }
      return sign(
        .declared, .medium, .edited,
        graph.isWhole
          ? "a node graph declares ComfyUI, without a sampler or model loader"
          : "a node graph that is not whole declares ComfyUI",
        "ComfyUI can also edit a picture without a generative model")
    }
  }
}
