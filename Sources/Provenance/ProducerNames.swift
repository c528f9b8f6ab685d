/// Names of generators as they stand in fields for programs, devices and authors.
///
/// A value is split into words at everything that is neither letter nor digit, without case. A *distinct* name
/// may stand among other words ("Adobe Firefly 3.0"); a *common word* such as flux, imagen or leonardo must be
/// the whole value but for a vendor before it and versions after it, and counts in fields for programs only.
package enum ProducerNames {
  struct Name: Sendable {
    let canonical: String
    let words: [String]
    /// Empty for a distinct name; for a common word the vendors that may precede it (an empty one always may).
    let vendors: [String]
    let strength: ProvenanceSign.Strength

    var isCommonWord: Bool { !vendors.isEmpty }
  }

  struct Match: Sendable {
    let canonical: String
    let strength: ProvenanceSign.Strength
  }

  private static func distinct(
    _ canonical: String, _ spellings: String..., strength: ProvenanceSign.Strength = .strong
  ) -> [Name] {
    spellings.map { Name(canonical: canonical, words: words($0), vendors: [], strength: strength) }
  }

  private static func common(
    _ canonical: String, _ word: String, vendors: String..., strength: ProvenanceSign.Strength = .medium
  ) -> [Name] {
    [Name(canonical: canonical, words: words(word), vendors: vendors + [""], strength: strength)]
  }

  /// More specific names come first.
  static let table: [Name] = [
    distinct("stable-diffusion.cpp", "stable diffusion cpp"),
    distinct(
      "Stable Diffusion WebUI", "automatic1111", "stable diffusion webui", "stable diffusion web ui",
      "sd webui",
      "sd next", "sdnext"),
    distinct("ComfyUI", "comfyui"), distinct("InvokeAI", "invokeai", "invoke ai"),
    distinct("NovelAI", "novelai", "novel ai"), distinct("Fooocus", "fooocus", "ruinedfooocus"),
    distinct("Draw Things", "draw things", "drawthings"), distinct("SwarmUI", "swarmui", "stableswarmui"),
    distinct("Easy Diffusion", "easy diffusion", "easydiffusion"),
    distinct("Mochi Diffusion", "mochi diffusion"), distinct("DiffusionBee", "diffusionbee", "diffusion bee"),
    distinct("DreamStudio", "dreamstudio"), distinct("Stability AI", "stability ai", "stabilityai"),
    distinct("Stable Diffusion", "stable diffusion", "stablediffusion"),
    distinct("Midjourney", "midjourney"),
    distinct("Adobe Firefly", "adobe firefly"), common("Adobe Firefly", "firefly"),
    distinct("OpenAI DALL·E", "dall e", "dalle", "dalle2", "dalle3"),
    distinct("OpenAI gpt-image", "gpt image"), distinct("OpenAI ChatGPT", "chatgpt"),
    distinct("OpenAI", "openai labs", "openai image"), common("OpenAI", "openai"),
    common("OpenAI Sora", "sora", vendors: "openai"),
    distinct("Google Imagen", "google imagen"), common("Google Imagen", "imagen"),
    distinct("Google Gemini", "nano banana", "google gemini", "gemini flash image"),
    common("Google Gemini", "gemini"), distinct("Google AI", "google ai"),
    distinct("Ideogram", "ideogram ai"), common("Ideogram", "ideogram", strength: .strong),
    distinct("Reve", "reve com", "reve art", "reve ai"), common("Reve", "reve"),
    distinct("Aphrodite AI", "aphrodite ai"), distinct("Luma AI", "luma ai", "lumaai"),
    distinct("NightCafe", "nightcafe", "night cafe studio"), distinct("fal", "fal ai"),
    distinct("Black Forest Labs FLUX", "black forest labs"),
    distinct(
      "Black Forest Labs FLUX", "flux pro", "flux dev", "flux schnell", "flux kontext", "flux1 dev",
      "flux1 schnell",
      strength: .medium), common("Black Forest Labs FLUX", "flux"), common("Black Forest Labs FLUX", "flux1"),
    distinct("Leonardo", "leonardo ai", strength: .medium), common("Leonardo", "leonardo", strength: .weak),
    distinct("Bing Image Creator", "bing image creator", "image creator from microsoft"),
    distinct("Microsoft Designer", "microsoft designer", strength: .medium),
    distinct("Meta AI", "meta ai"), distinct("xAI Grok", "xai grok", "grok imagine", "grok ai"),
    common("xAI Grok", "grok", vendors: "xai"),
    distinct("Recraft", "recraft ai"), common("Recraft", "recraft"), distinct("Krea", "krea ai"),
    common("Krea", "krea"), distinct("Playground AI", "playground ai"), distinct("Craiyon", "craiyon"),
    distinct("starryai", "starryai", "starry ai"), distinct("Wombo Dream", "wombo dream", "dream by wombo"),
    distinct("Artbreeder", "artbreeder"), distinct("DeepAI", "deepai"), distinct("Runway", "runwayml"),
    common("Runway", "runway"), distinct("Kling AI", "kling ai"), common("Kling AI", "kling"),
    distinct("Hailuo AI", "hailuo ai"), distinct("ByteDance Seedream", "seedream"),
    distinct("ByteDance Jimeng", "jimeng", "dreamina", "jimeng ai"), distinct("ByteDance Doubao", "doubao"),
    distinct("Qwen-Image", "qwen image"), distinct("Hunyuan", "hunyuan", strength: .medium),
    common("Kandinsky", "kandinsky"), distinct("PixAI", "pixai"), distinct("SeaArt", "seaart"),
    distinct("Tensor.Art", "tensor art", "tensorart"), distinct("Civitai", "civitai"),
    distinct("getimg.ai", "getimg ai"), distinct("Amazon Titan Image Generator", "titan image generator"),
    distinct("Amazon Nova Canvas", "nova canvas", "amazon nova canvas"),
    distinct("Canva Magic Media", "magic media"),
  ].flatMap { $0 }

  /// Names that are a program's and no model's.
  static let programs: Set<String> = [
    "ComfyUI", "InvokeAI", "Fooocus", "Stable Diffusion WebUI", "SwarmUI", "Draw Things", "Easy Diffusion",
    "stable-diffusion.cpp", "Mochi Diffusion", "Civitai",
  ]

  /// Words that may follow a common word: versions and editions.
  private static let editions: Set<String> = [
    "ai", "com", "app", "pro", "dev", "max", "ultra", "fast", "lite", "turbo", "preview", "beta", "alpha",
    "schnell", "kontext", "quality", "model", "generate", "generator", "image", "images", "flash", "web",
    "api",
    "xl", "klein", "flex",
  ]

  static func words(_ text: String) -> [String] {
    text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
  }

  /// The generator that a value names in a field of this role; nil if it names none.
  static func match(_ value: String, role: FieldRole) -> Match? {
    guard role != .prose, role != .credit, value.utf8.count <= 400 else { return nil }
    let words = words(value)
    for name in table {
      if name.isCommonWord {
        if role == .software, isWhole(name, in: words) {
          return Match(canonical: name.canonical, strength: name.strength)
        }
      } else if words.holds(name.words) {
        return Match(canonical: name.canonical, strength: name.strength)
      }
    }
    return nil
  }

  /// The usual name of a generator that is called by any of its names.
  package static func canonical(_ value: String) -> String? { match(value, role: .software)?.canonical }

  private static func isWhole(_ name: Name, in words: [String]) -> Bool {
    name.vendors.contains { vendor in
      let start = self.words(vendor) + name.words
      return words.starts(with: start)
        && words.dropFirst(start.count).allSatisfy { editions.contains($0) || isVersion($0) }
    }
  }

  private static func isVersion(_ word: String) -> Bool {
    let digits = word.hasPrefix("v") ? word.dropFirst() : Substring(word)
    return digits.first?.isNumber ?? false
  }
}

extension [String] {
  fileprivate func holds(_ part: [String]) -> Bool {
    guard let first = part.first, part.count <= count else { return false }
    return (0...(count - part.count)).contains { start in
      self[start] == first && self[start..<(start + part.count)].elementsEqual(part)
    }
  }
}

extension ProvenanceRule {
  /// A generator's name in EXIF Software, Make, Model or Artist, XMP CreatorTool, PNG Software, Source or
  /// Author, IIM OriginatingProgram.
  static let producerNames = ProvenanceRule("producer", "Generators' names") { fields in
    var seen: Set<String> = []
    return fields.with(.software, .device, .author, .source).compactMap { field in
      // ComfyUI keeps whole graphs in EXIF Make and Model; they have a rule of their own.
      guard let role = field.role, !field.value.utf8.contains(UInt8(ascii: "{")),
        let match = ProducerNames.match(field.value, role: role),
        seen.insert("\(match.canonical)/\(field.place.path)").inserted
      else { return nil }
      // A model's address, such as `numz/SeedVR2_comfyUI`, holds the names of programs that it is for.
      if role == .device, field.value.contains("/"), ProducerNames.programs.contains(match.canonical) {
        return nil
      }
      let isStep = field.foldedName == "softwareagent"
      return ProvenanceSign(
        rule: "producer", strength: role == .author ? min(match.strength, .medium) : match.strength,
        origin: isStep ? .edited : .generated, generator: match.canonical,
        summary: "\(field.name) declares \(match.canonical)", quotation: Quotation.of(field.value, limit: 80),
        place: field.place,
        reason: match.strength == .strong ? nil : "the word has other meanings too")
    }
  }
}
