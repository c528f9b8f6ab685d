// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the main build knows nothing of sanitizers. `make fuzz` builds it, with the flags in the Makefile.

/// What Assay's targets call `package` is for this target too: readers that no program calls by themselves. SwiftPM's own name of
/// the package is left out (`packageAccess`), as it would come last.
let assay = Context.packageDirectory.split(separator: "/").dropLast(2).last.map { $0.lowercased() } ?? "assay"

let package = Package(
  name: "Fuzzing",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Assay", path: "../..")],
  targets: [
    .target(name: "LibFuzzer"),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "LibFuzzer", .product(name: "Assay", package: "Assay"),
        .product(name: "AssayRequests", package: "Assay"),
      ],
      packageAccess: false, swiftSettings: [.unsafeFlags(["-package-name", assay])]),
  ]
)
