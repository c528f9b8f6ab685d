import Foundation
import TestSupport
import Testing

/// The manifest's arrows are those of the layout: a new dependency is a decision here, not an accident there.
struct LayoutTests {
  /// What each target may import of the project, directly.
  static let arrows: [String: Set<String>] = [
    "CCodecs": ["CPNG", "CJPEG", "CWebP", "CHEIF", "CTIFF", "CGIF", "CJXL"],
    "CKernels": [],
    "CText": [],
    "Diagnostics": [],
    "Images": ["Diagnostics"],
    "ImageFormats": ["Diagnostics", "Images", "CCodecs"],
    "Provenance": ["Diagnostics", "Images", "ImageFormats"],
    "Spectra": ["Diagnostics", "Images", "CFFTW"],
    "Tensors": ["Diagnostics", "CKernels", "COpenBLAS"],
    "NeuralNetworks": ["Diagnostics", "Tensors", "Images", "ImageFormats"],
    "Watermarks": ["Diagnostics", "Spectra", "Images"],
    "ContentCredentials": ["Diagnostics", "Images", "ImageFormats"],
    "Detectors": [
      "Diagnostics", "Images", "ImageFormats", "Provenance", "ContentCredentials", "Watermarks", "Spectra",
      "NeuralNetworks", "Tensors", "COpenBLAS",
    ],
    "Generators": [
      "Diagnostics", "Images", "ImageFormats", "ContentCredentials", "Watermarks", "NeuralNetworks",
      "Tensors",
      "CText",
    ],
    "Audits": ["Diagnostics", "Images", "ImageFormats", "Detectors"],
    "Reports": ["Diagnostics", "Images", "ImageFormats", "Detectors", "Audits"],
  ]

  /// C modules and the one target that imports each.
  static let importers = [
    "CPNG": "CCodecs", "CJPEG": "CCodecs", "CWebP": "CCodecs", "CHEIF": "CCodecs", "CTIFF": "CCodecs",
    "CGIF": "CCodecs", "CJXL": "CCodecs", "CFFTW": "Spectra", "CKernels": "Tensors",
    "CCodecs": "ImageFormats",
    "CText": "Generators",
  ]

  struct Manifest: Decodable {
    struct Target: Decodable {
      var name: String
      var type: String
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
  }

  @Test func `the top level holds what the handbook names`() throws {
    let allowed: Set<String> = [
      "Package.swift", "Sources", "Tests", "reports", "fixtures", "README.md", "LICENSE", "Makefile",
    ]
    let names = try FileManager.default.contentsOfDirectory(atPath: TestPaths.root.path)
      .filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
    #expect(Set(names).isSubset(of: allowed))
  }
}
