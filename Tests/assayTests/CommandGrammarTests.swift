import Foundation
import TestSupport
import Testing

/// The grammar that `assay --help` tells, held against the printed help of every command.
struct CommandGrammarTests {
  /// A command without subcommands, and the options of its help.
  struct Command {
    var name: String
    var options: [Option]

    func has(_ option: String) -> Bool { options.contains { $0.name == option } }
  }

  struct Option {
    var name: String
    /// What stands for its value; nil for a flag.
    var value: String?
    var help: String
  }

  /// Words of more than one command, and what their help says wherever they stand: another meaning is another word.
  static let meanings: [String: String] = [
    "aigc-producer": "China's metadata label (GB 45438-2025)",
    "algorithm": "ps256, ps384",
    "allow-empty": "Exit with 0 where a folder holds no picture.",
    "batch": "of a step",
    "certificates": "signer's certificates, PEM",
    "clock": "The audit's time in ISO 8601 instead of now",
    "count": "ow many",
    "data": "training pictures",
    "detector": "Weights of the detector",
    "fail-on": "Exit with 2 when a file has one of these",
    "fail-on-severity": "Exit with 2 when a rule of this severity fails or warns.",
    "features": "EfficientNet-Lite0's weights",
    "fingerprints": "ingerprints that `fingerprint learn` wrote, separated by commas",
    "force": "Overwrite what exists.",
    "format": "csv",
    "jpeg-quality": "Quality of a JPEG, 1...100.",
    "json": "JSON",
    "key": "private key that signs, PEM",
    "label": "visible label",
    "label-corner": "bottomRight",
    "launder": "launderings, separated by commas",
    "ledger": "ledger",
    "like": "a picture to approach",
    "mark-key": "key of an assay mark",
    "mark-strength": "times what the picture hides",
    "max-pixels": "Refuse pictures with more pixels.",
    "minutes": "Minutes after which",
    "model": "model that ships with Assay",
    "model-version": "The model's version.",
    "name": "model's name in every mark",
    "observe": "Steps between",
    "operator": "Who ma",
    "output": "rite",
    "passphrase-file": "key's passphrase",
    "payload": "payload as hexadecimal digits",
    "pictures": "Pictures to take, half of them generated",
    "project": "The project manifest (assay.project/1).",
    "report": "PREFIX-",
    "rules": "Shipped packs or .yaml files, separated by commas.",
    "scale": "2 or 4",
    "scan": "results",
    "schema": "JSON Schema",
    "scheme": "dwtDct",
    "seed": "eed",
    "signer": "command that signs",
    "size": "Side of the pictures",
    "steps": "teps",
    "text": "payload as text",
    "training-run": "training run",
    "truncation": "1 draws from all that was learned, less nearer to the average, 0...1.5.",
    "trust": "Anchors of signers, PEM files separated by commas.",
    "tsa": "time-stamp authority (RFC 3161)",
    "tsa-trust": "Anchors of time-stamp authorities, PEM files separated by commas.",
    "upsampler": "a shipped one, or a .safetensors file",
    "wording": "Labels and sentences of reports",
    "workers": "Files examined at once; all cores by default.",
  ]

  /// What writes a file or says nothing, and so has no results to print.
  static let silent: Set<String> = [
    "assay credentials extract", "assay credentials keys", "assay credentials sign", "assay report sign",
    "assay trust install", "assay watermark embed",
    // It prints JSON and nothing else.
    "assay ledger export",
  ]

  static func help(_ path: [String]) throws -> String {
    let program = CommandLineTool.program.deletingLastPathComponent().appending(path: path[0])
    let result = try CommandLineTool.run(["help"] + path.dropFirst(), program: program)
    guard result.status == 0 else { throw CocoaError(.executableLoad, userInfo: ["errors": result.errors]) }
    return result.output
  }

  /// The lines below a heading of the help, up to an empty one.
  static func section(_ heading: String, of help: String) -> [Substring] {
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: "\(heading):") else { return [] }
    return Array(lines[(start + 1)...].prefix { !$0.isEmpty })
  }

  static func options(of help: String) -> [Option] {
    var options: [Option] = []
    for line in section("OPTIONS", of: help) {
      if let match = line.firstMatch(of: #/^  (?:-\w, )?--([a-z0-9-]+)(?: <([^>]+)>)?(?: +(.*))?$/#) {
        options.append(
          Option(
            name: String(match.1), value: match.2.map(String.init), help: match.3.map(String.init) ?? ""))
      } else if !options.isEmpty {
        let rest = line.trimmingCharacters(in: .whitespaces)
        options[options.count - 1].help += options[options.count - 1].help.isEmpty ? rest : " " + rest
      }
    }
    return options
  }

  static func commands(below path: [String]) throws -> [Command] {
    let help = try help(path)
    let names = section("SUBCOMMANDS", of: help).compactMap { line in
      line.firstMatch(of: #/^  ([a-z][a-z0-9-]*)/#).map { String($0.1) }
    }
    guard !names.isEmpty else {
      return [Command(name: path.joined(separator: " "), options: options(of: help))]
    }
    return try names.filter { $0 != "help" }.flatMap { try commands(below: path + [$0]) }
  }

  static let all = Result { try commands(below: ["assay"]) + commands(below: ["assay-lab"]) }

  @Test func `a word has one meaning over all commands`() throws {
    let commands = try Self.all.get()
    #expect(commands.count > 30)
    var uses: [String: [(command: String, option: Option)]] = [:]
    for command in commands {
      for option in command.options where !["help", "version"].contains(option.name) {
        uses[option.name, default: []].append((command.name, option))
      }
    }
    for (name, places) in uses.sorted(by: { $0.key < $1.key }) where places.count > 1 {
      let meaning = try #require(Self.meanings[name], "--\(name) stands in \(places.map(\.command))")
      for (command, option) in places {
        #expect(option.help.contains(meaning), "\(command) --\(name): \(option.help)")
        #expect((option.value == nil) == (places[0].option.value == nil), "\(command) --\(name)")
      }
    }
  }

  @Test func `what prints results has --json, what has --output has -o and --force`() throws {
    for command in try Self.all.get() {
      #expect(command.has("json") != Self.silent.contains(command.name), "\(command.name)")
      guard command.has("output") else { continue }
      #expect(command.has("force"), "\(command.name)")
      let words = command.name.split(separator: " ").map(String.init)
      #expect(try Self.help(words).contains("  -o, --output"), "\(command.name)")
    }
  }

  @Test func `--version belongs to the program, and help shows no path of a checkout`() throws {
    for command in try Self.all.get() {
      for option in command.options {
        if option.name == "version" { #expect(option.value == nil && option.help == "Show the version.") }
        for path in ["../shared", "Sources/", ".build"] {
          #expect(!option.help.contains(path), "\(command.name) --\(option.name)")
        }
        #expect(!option.help.contains("repeated"), "\(command.name) --\(option.name)")
      }
    }
  }

  @Test(arguments: [
    (
      ["generate", "panorama", "--seed", "-1", "-o", "x.jpg"], "The value '-1' is invalid for '--seed <seed>'"
    ),
    (["generate", "panorama", "--truncation", "-0.5", "-o", "x.jpg"], "--truncation is 0...1.5"),
    (["serve", "--port", "-1"], "--port is 0...65535"),
    (["scan", ".", "--workers", "-2"], "--workers must be at least 1"),
    (["scan", ".", "--workers", "-2", "--max-pixels", "-3"], "--workers must be at least 1"),
    (["scan", ".", "--workers"], "Missing value for '--workers <n>'"),
    (["scan", ".", "--workers", "--json"], "Missing value for '--workers <n>'"),
  ])
  func `a negative number is an option's value, and the option says what it takes`(
    words: [String], says: String
  ) throws {
    let result = try CommandLineTool.run(words)
    #expect(result.status == 64 && result.errors.hasPrefix("error: \(says)"), "\(result.errors)")
  }

  @Test func `the environment's variables stand in the help`() throws {
    let help = try Self.help(["assay"]) + Self.help(["assay", "doctor"])
    for name in [
      "ASSAY_THREADS", "ASSAY_CHROMIUM", "ASSAY_ISA", "ASSAY_KERNELS", "OPENBLAS_CORETYPE", "NO_COLOR",
      "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "ASSAY_KEY_PASSPHRASE",
    ] {
      #expect(help.contains(name))
    }
  }
}
