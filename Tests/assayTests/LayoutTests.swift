import Foundation
import TestSupport
import Testing

/// The manifest's arrows are those of the layout: a new dependency is a decision here, not an accident there.
struct LayoutTests {
  /// What each target may import of the project, directly.
  static let arrows: [String: Set<String>] = [
    "CCodecs": ["CPNG", "CJPEG", "CWebP", "CHEIF", "CTIFF", "CGIF", "CJXL"],
    "CArchives": ["CLibArchive"],
    "CKernels": [],
    "CText": [],
    "COnnxRuntime": [],
    "Diagnostics": [],
    "Images": [],
    "ImageFormats": ["Diagnostics", "Images", "CCodecs"],
    "Spectra": ["Diagnostics", "Images", "CFFTW"],
    "Tensors": ["CKernels", "COpenBLAS"],
    "NeuralNetworks": ["Diagnostics", "Tensors", "Images", "ImageFormats"],
    "Archives": ["Diagnostics", "ImageFormats", "CArchives"],
    "Scanning": ["Archives", "Diagnostics", "Images", "ImageFormats"],
    "Provenance": ["Images", "ImageFormats", "Scanning"],
    "ContentCredentials": ["Diagnostics", "ImageFormats"],
    "Watermarks": ["Diagnostics", "Images", "Spectra"],
    "Fingerprints": ["Diagnostics", "Images", "Spectra"],
    "VisibleMarks": ["Images"],
    "Detectors": ["Diagnostics", "Images", "NeuralNetworks", "Spectra", "Tensors"],
    "ForeignDetectors": ["COnnxRuntime", "Diagnostics", "ImageFormats", "Images"],
    "Evaluation": ["Archives", "Detectors", "Diagnostics", "ImageFormats", "Images", "Scanning", "Tensors"],
    "Training": [
      "Detectors", "Diagnostics", "Evaluation", "ImageFormats", "Images", "NeuralNetworks", "Tensors",
    ],
    "Examiners": [
      "Scanning", "Provenance", "ContentCredentials", "Watermarks", "Fingerprints", "VisibleMarks",
      "Detectors", "ForeignDetectors", "Spectra", "ImageFormats", "Images",
    ],
    "Generators": [
      "Diagnostics", "NeuralNetworks", "Tensors", "Watermarks", "ContentCredentials", "ImageFormats",
      "Images", "CText",
    ],
    "Audits": ["Diagnostics", "ImageFormats", "Images", "Scanning", "Examiners"],
    "Reports": ["Diagnostics", "Audits", "Evaluation", "ImageFormats", "Provenance", "Scanning"],
    "Services": [
      "Archives", "Diagnostics", "Reports", "Audits", "Evaluation", "Examiners", "Detectors", "Fingerprints",
      "ForeignDetectors", "Scanning",
      "ContentCredentials", "Provenance", "Watermarks", "ImageFormats", "Images", "Tensors",
    ],
    "Requests": ["Diagnostics", "Scanning"],
    "Console": ["Diagnostics", "ImageFormats"],
  ]

  /// C modules and the one target that imports each.
  static let importers = [
    "CPNG": "CCodecs", "CJPEG": "CCodecs", "CWebP": "CCodecs", "CHEIF": "CCodecs", "CTIFF": "CCodecs",
    "CGIF": "CCodecs", "CJXL": "CCodecs", "CFFTW": "Spectra", "CKernels": "Tensors",
    "CCodecs": "ImageFormats",
    "CText": "Generators", "CLibArchive": "CArchives", "CArchives": "Archives",
    "COnnxRuntime": "ForeignDetectors",
  ]

  struct Manifest: Decodable {
    struct Target: Decodable {
      var name: String
      var type: String
      var path: String?
      var dependencies: [Dependency]
    }
    /// `{"byName": ["Images", null]}` or `{"product": ["Crypto", "swift-crypto", …]}`.
    struct Dependency: Decodable {
      var byName: [String?]?
      var target: [String?]?
      var name: String? { (byName ?? target)?.first ?? nil }
    }
    var targets: [Target]
  }

  static func manifest() throws -> Manifest {
    let scratch = try ScratchFolder()
    let result = try CommandLineTool.run(
      ["swift", "package", "--scratch-path", scratch.url.path, "dump-package"],
      program: URL(filePath: "/usr/bin/env"))
    guard result.status == 0 else { throw CocoaError(.executableLoad, userInfo: ["errors": result.errors]) }
    return try JSONDecoder().decode(Manifest.self, from: Data(result.output.utf8))
  }

  @Test func `the arrows of the manifest are those of the layout`() throws {
    let targets = try Self.manifest().targets
    let ours = Set(targets.map(\.name))
    for target in targets where ["regular"].contains(target.type) && target.name != "TestSupport" {
      let allowed = try #require(Self.arrows[target.name], "\(target.name) has no place in the layout")
      let actual = Set(target.dependencies.compactMap(\.name)).intersection(ours)
      #expect(actual.isSubset(of: allowed), "\(target.name) → \(actual.subtracting(allowed))")
    }
    for (module, importer) in Self.importers {
      // A module's own tests may look under it.
      let actual = targets.filter { $0.type != "test" && $0.dependencies.contains { $0.name == module } }
        .map(\.name)
      #expect(actual == [importer], "\(module)")
    }
  }

  /// What recognises pictures must not know what makes them, or it would learn its maker's habits.
  @Test func `generators and detectors never meet`() throws {
    let targets = try Self.manifest().targets
    let direct = Dictionary(
      uniqueKeysWithValues: targets.map { ($0.name, Set($0.dependencies.compactMap(\.name))) })
    func reach(_ name: String) -> Set<String> {
      (direct[name] ?? []).reduce(into: direct[name] ?? []) { $0.formUnion(reach($1)) }
    }
    #expect(!reach("Generators").contains("Detectors"))
    #expect(!reach("Detectors").contains("Generators"))
    #expect(!reach("Examiners").contains("Generators"))
  }

  /// Swift finds a module that a dependency depends on without being told; here it must be told.
  @Test func `a source file imports nothing that its target does not name`() throws {
    let targets = try Self.manifest().targets
    let ours = Set(targets.map(\.name))
    let line =
      #/(?m)^(?:@\w+(?:\(\w+\))? +)?(?:(?:public|package|internal|private) +)?import +(?:(?:struct|class|enum|protocol|func|var|let|typealias) +)?(\w+)/#
    for target in targets where ["regular", "executable", "test"].contains(target.type) {
      let folder = TestPaths.root.appending(
        path: target.path ?? (target.type == "test" ? "Tests" : "Sources") + "/\(target.name)")
      let named = Set(target.dependencies.compactMap(\.name))
      let files =
        FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
        .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" } ?? []
      #expect(!files.isEmpty || target.name.hasPrefix("C"), "\(folder.path) holds no source")
      for file in files {
        let imports = try String(contentsOf: file, encoding: .utf8).matches(of: line).map { String($0.1) }
        let unnamed = Set(imports).intersection(ours).subtracting(named)
        #expect(unnamed.isEmpty, "\(file.lastPathComponent) of \(target.name) imports \(unnamed.sorted())")
      }
    }
  }

  /// Strings of libraries that look like the command line's words and are not.
  static let foreignWords = [
    // Chromium's switches, not ours.
    "Reports/PDFPrinter.swift",
    // Midjourney's own option, which stands in its pictures' descriptions.
    "Provenance/Rules/Services.swift",
    // How to repeat an examination is part of a report's content.
    "Reports/Text/ReportText+Findings.swift",
  ]

  /// A library serves programs of every kind: `CommandRemedies` has the command's words.
  @Test func `libraries name no command and no option`() throws {
    let programs: Set<String> = [
      "assay", "assay-lab", "assay-server", "assay-worker", "benchmarks", "Console",
    ]
    let words =
      #/"[^"]*(?:[^-a-z(]--[a-z]|"--[a-z]|\bassay(?:-lab)? (?:scan|audit|ledger|credentials|report|train|evaluate|inspect|generate|watermark))[^"]*"/#
    let sources = TestPaths.root.appending(path: "Sources")
    let files =
      FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)?
      .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" } ?? []
    #expect(files.count > 100)
    for file in files {
      let path = file.path.replacing(sources.path + "/", with: "")
      guard !programs.contains(String(path.prefix { $0 != "/" })), !Self.foreignWords.contains(path) else {
        continue
      }
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let code = line.replacing(#/^ *\/\/.*/#, with: "")
        #expect(code.firstMatch(of: words) == nil, "\(path): \(line)")
      }
    }
  }

  /// `print` writes to a buffer of its own, out of order with what a program writes beside it.
  @Test func `programs print through the terminal`() throws {
    for program in ["assay", "assay-lab", "assay-server", "assay-worker"] {
      let folder = TestPaths.root.appending(path: "Sources/\(program)")
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
      where name.hasSuffix(".swift") {
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        #expect(text.firstMatch(of: #/(?m)^(?:.*[^.\w])?print\(/#) == nil, "\(name)")
      }
    }
  }

  @Test func `the top level holds what the handbook names`() throws {
    let allowed: Set<String> = [
      "Package.swift", "Sources", "Tests", "reports", "fixtures", "findings",
      "README.md", "LICENSE", "Makefile",
    ]
    let names = try FileManager.default.contentsOfDirectory(atPath: TestPaths.root.path)
      .filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
    #expect(Set(names).isSubset(of: allowed))
  }
}
