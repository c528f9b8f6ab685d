/// ComfyUI's node graphs: `prompt` (node id → class and inputs) and `workflow` (the editor's nodes and links).
///
/// PNG text chunks, EXIF Make, Model, ImageDescription or UserComment of WebP, AVIF and JPEG (`prompt:{…}`,
/// `Workflow: {…}`), JPEG comments. The graph is scanned, not parsed: it may be megabytes, cut, or hold NaN.
enum ComfyGraph {
  /// Parts of class names that sample an image from a model, load one, or ask a service for one.
  static let generating = [
    "sampler", "checkpointloader", "unetloader", "loraloader", "diffusionmodel", "diffusersloader",
    "vaedecode",
    "emptylatent", "cliptextencode", "guider", "fullloader", "efficient loader", "basicpipe", "basic_pipe",
    "stablediffusion", "texttoimage", "dalle", "fluxpro", "fluxkontext", "ideogram", "stabilitystable",
    "openaiimage", "openaigptimage", "gptimage", "geminiimage", "recraft", "lumaimage", "nanobanana",
    "seedream",
    "qwenimage", "wanimage",
  ]

  /// The graph's class names, at most 400; nil if the text is no graph.
  static func classes(_ text: String) -> [String]? {
    let bytes = Array(text.utf8)
    let prompt = names(after: "\"class_type\"", in: bytes)
    if !prompt.isEmpty { return prompt }
    guard bytes.holds("\"nodes\""), bytes.holds("\"links\"") || bytes.holds("\"last_node_id\"") else {
      return nil
    }
    let nodes = names(after: "\"type\"", in: bytes)
    return nodes.isEmpty ? nil : nodes
  }

  /// The strings that stand as value of a key.
  private static func names(after key: String, in bytes: [UInt8]) -> [String] {
    let needle = Array(key.utf8)
    var names: [String] = []
    var position = 0
    while names.count < 400,
      let range = bytes.firstRange(of: needle, first: UInt8(ascii: "\""), from: position)
    {
      position = range.upperBound
      var start = position
      while start < bytes.count, [0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ":")].contains(bytes[start]) {
        start += 1
      }
      guard start > position, start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { continue }
      let body = bytes[(start + 1)...].prefix(120)
      guard let end = body.firstIndex(of: UInt8(ascii: "\"")) else { continue }
      names.append(String(decoding: body[..<end], as: UTF8.self))
    }
    return names
  }

  static func generates(_ classes: [String]) -> Bool {
    classes.contains { name in
      // A resampler only resizes.
      let folded = name.lowercased().replacing("resampler", with: "")
      return generating.contains { folded.contains($0) }
    }
  }
}

extension [UInt8] {
  func holds(_ text: String) -> Bool {
    let needle = Array(text.utf8)
    return needle.first.map { firstRange(of: needle, first: $0) != nil } ?? true
  }
}

extension ProvenanceRule {
  static let comfyUI = ProvenanceRule("comfyui", "ComfyUI") { fields in
    fields.all.compactMap { field in
      guard field.value.utf8.count > 20,
        field.value.holds("\"class_type\"") || field.value.holds("\"nodes\""),
        let classes = ComfyGraph.classes(field.value)
      else { return nil }
      // A graph of nodes alone could be another editor's; ComfyUI's has its keys.
      let generates = ComfyGraph.generates(classes)
      let isNative =
        ["prompt", "workflow"].contains(field.foldedName) || field.value.holds("class_type")
        || field.value.holds("last_node_id")
      guard generates || isNative else { return nil }
      let shown = Array(Set(classes)).sorted().prefix(12).map { Quotation.of($0, limit: 60) }
      return ProvenanceSign(
        rule: "comfyui", strength: generates ? .strong : .medium,
        origin: generates ? .generated : .edited, generator: "ComfyUI",
        summary: generates
          ? "a node graph declares ComfyUI with a sampler or model loader"
          : "a node graph declares ComfyUI, without a sampler or model loader",
        quotation: Quotation.of(field.value),
        detail: ["nodes": String(classes.count), "classes": shown.joined(separator: ", ")],
        place: field.place,
        reason: generates ? nil : "ComfyUI can also edit a picture without a generative model")
    }
  }
}
