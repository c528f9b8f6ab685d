// swift-tools-version: 6.2
import PackageDescription

// Arrows run one way: assay → Reports → Audits → Detectors and down. `LayoutTests` holds this
// manifest to that, so a new dependency is a decision there, not an accident here.

/// Parsers of untrusted input and everything above them: strict memory safety, warnings as errors.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .strictMemorySafety()]
/// Numeric targets work on raw buffers throughout; `unsafe` on every line would hide what matters.
let numeric: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
  name: "Assay",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "assay", targets: ["assay"]),
    .library(name: "Assay", targets: ["Reports", "Generators"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // Native libraries.
    .systemLibrary(
      name: "COpenBLAS", path: "Sources/SystemLibraries/COpenBLAS",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CFFTW", path: "Sources/SystemLibraries/CFFTW", pkgConfig: "fftw3f",
      providers: [.apt(["libfftw3-dev"]), .brew(["fftw"])]),
    .systemLibrary(
      name: "CPNG", path: "Sources/SystemLibraries/CPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CJPEG", path: "Sources/SystemLibraries/CJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CWebP", path: "Sources/SystemLibraries/CWebP", pkgConfig: "libwebpmux",
      providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
    .systemLibrary(
      name: "CHEIF", path: "Sources/SystemLibraries/CHEIF",
      providers: [.apt(["libheif-dev"]), .brew(["libheif"])]),
    .systemLibrary(
      name: "CTIFF", path: "Sources/SystemLibraries/CTIFF", pkgConfig: "libtiff-4",
      providers: [.apt(["libtiff-dev"]), .brew(["libtiff"])]),
    .systemLibrary(
      name: "CGIF", path: "Sources/SystemLibraries/CGIF",
      providers: [.apt(["libgif-dev"]), .brew(["giflib"])]),
    .systemLibrary(
      name: "CJXL", path: "Sources/SystemLibraries/CJXL",
      providers: [.apt(["libjxl-dev"]), .brew(["jpeg-xl"])]),

    // C: setjmp and vector kernels stay here. Each has one importer.
    .target(
      name: "CCodecs", dependencies: ["CPNG", "CJPEG", "CWebP", "CHEIF", "CTIFF", "CGIF", "CJXL"],
      // A module map's `link` does not reach C sources. libheif, libjxl and OpenBLAS are loaded on first use.
      linkerSettings: ["png", "z", "jpeg", "webp", "webpdemux", "tiff", "gif"].map {
        .linkedLibrary($0)
      }),
    .target(name: "CKernels"),
    .target(name: "CText"),

    // Swift, lowest first.
    .target(name: "Diagnostics", swiftSettings: strict),
    .target(name: "Images", dependencies: ["Diagnostics"], swiftSettings: numeric),
    .target(name: "ImageFormats", dependencies: ["Images", "CCodecs"], swiftSettings: strict),
    .target(
      name: "Provenance", dependencies: ["ImageFormats", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    .target(name: "Spectra", dependencies: ["Images", "CFFTW"], swiftSettings: numeric),
    .target(name: "Tensors", dependencies: ["Diagnostics", "CKernels", "COpenBLAS"], swiftSettings: numeric),
    .target(
      name: "NeuralNetworks", dependencies: ["Tensors", "Images", "ImageFormats"], swiftSettings: numeric),
    .target(
      name: "ContentCredentials",
      dependencies: [
        "ImageFormats", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
      ],
      swiftSettings: strict),
    .target(
      name: "Watermarks",
      dependencies: ["Spectra", "Images", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: numeric),
    .target(
      name: "Detectors",
      dependencies: [
        "Provenance", "ContentCredentials", "Watermarks", "Spectra", "NeuralNetworks",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      resources: [.copy("Resources")], swiftSettings: strict),
    .target(
      name: "Generators",
      dependencies: [
        "NeuralNetworks", "Tensors", "Watermarks", "ContentCredentials", "ImageFormats", "CText",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      resources: [.copy("Resources")], swiftSettings: strict),
    .target(
      name: "Audits",
      dependencies: [
        "Detectors", "ImageFormats", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "Yams", package: "Yams"),
      ],
      resources: [.copy("Resources/rules")], swiftSettings: strict),
    .target(
      name: "Reports",
      dependencies: [
        "Audits", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [.copy("Resources")], swiftSettings: strict),

    // Programs.
    .executableTarget(
      name: "assay",
      dependencies: [
        "Reports", "ContentCredentials", "Generators", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "Audits", "Detectors", "Generators", "Watermarks", "ContentCredentials", "ImageFormats",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: numeric),

    // Tests.
    .target(name: "TestSupport", dependencies: ["ImageFormats"], path: "Tests/TestSupport"),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics", "TestSupport"]),
    .testTarget(name: "ImagesTests", dependencies: ["Images", "ImageFormats", "TestSupport"]),
    .testTarget(name: "ImageFormatsTests", dependencies: ["ImageFormats", "TestSupport"]),
    .testTarget(
      name: "ProvenanceTests",
      dependencies: ["Provenance", "TestSupport", .product(name: "Crypto", package: "swift-crypto")]),
    .testTarget(name: "SpectraTests", dependencies: ["Spectra", "TestSupport"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels", "TestSupport"]),
    .testTarget(name: "NeuralNetworksTests", dependencies: ["NeuralNetworks", "TestSupport"]),
    .testTarget(name: "WatermarksTests", dependencies: ["Watermarks", "TestSupport"]),
    .testTarget(name: "ContentCredentialsTests", dependencies: ["ContentCredentials", "TestSupport"]),
    .testTarget(name: "DetectorsTests", dependencies: ["Detectors", "TestSupport"]),
    .testTarget(name: "GeneratorsTests", dependencies: ["Generators", "TestSupport"]),
    .testTarget(
      name: "AuditsTests",
      dependencies: ["Audits", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")]),
    .testTarget(name: "ReportsTests", dependencies: ["Reports", "TestSupport"]),
    .testTarget(name: "assayTests", dependencies: ["assay", "ImageFormats", "TestSupport"]),
  ]
)
