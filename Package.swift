// swift-tools-version: 6.2
import PackageDescription

// Arrows run one way: programs → Reports → Audits → Examiners → what finds signs → Scanning → ImageFormats. `LayoutTests` holds this
// manifest to that, so a new dependency is a decision there, not an accident here.

/// Parsers of untrusted input and everything above them: strict memory safety, warnings as errors.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .strictMemorySafety()]
/// Numeric targets work on raw buffers throughout; `unsafe` on every line would hide what matters.
let numeric: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "Assay",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "assay", targets: ["assay"]),
    .executable(name: "assay-worker", targets: ["assay-worker"]),
    .executable(name: "assay-server", targets: ["assay-server"]),
    .executable(name: "assay-lab", targets: ["assay-lab"]),
    .library(name: "Assay", targets: ["Reports", "Generators"]),
    // What the server reads of a request, for those who search it for faults.
    .library(name: "AssayRequests", targets: ["Requests"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
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

    .systemLibrary(
      name: "CLibArchive", path: "Sources/SystemLibraries/CLibArchive",
      providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),

    // C: setjmp and vector kernels stay here. Each has one importer.
    .target(
      name: "CCodecs", dependencies: ["CPNG", "CJPEG", "CWebP", "CHEIF", "CTIFF", "CGIF", "CJXL"],
      // A module map's `link` does not reach C sources. libheif, libjxl and OpenBLAS are loaded on first use.
      linkerSettings: ["png", "z", "jpeg", "webp", "webpdemux", "tiff", "gif"].map {
        .linkedLibrary($0)
      }),
    // libarchive is loaded on first use too.
    .target(name: "CArchives", dependencies: ["CLibArchive"]),
    .target(name: "CKernels"),
    .target(name: "CText"),
    // onnxruntime is loaded by whoever brings a model; nothing is linked.
    .target(name: "COnnxRuntime"),

    // Swift, lowest first. Each names every module that its files import; `LayoutTests` reads them.
    .target(name: "Diagnostics", swiftSettings: strict),
    .target(name: "Images", swiftSettings: numeric),
    .target(
      name: "ImageFormats", dependencies: ["Diagnostics", "Images", "CCodecs", crypto], swiftSettings: strict),
    .target(name: "Spectra", dependencies: ["Diagnostics", "Images", "CFFTW"], swiftSettings: numeric),
    .target(name: "Tensors", dependencies: ["CKernels", "COpenBLAS"], swiftSettings: numeric),
    .target(
      name: "NeuralNetworks", dependencies: ["Diagnostics", "Tensors", "Images", "ImageFormats"],
      swiftSettings: numeric),
    .target(
      name: "Archives", dependencies: ["Diagnostics", "ImageFormats", "CArchives"], swiftSettings: strict),
    .target(
      name: "Scanning", dependencies: ["Archives", "Diagnostics", "Images", "ImageFormats", crypto],
      swiftSettings: strict),
    .target(
      name: "Provenance", dependencies: ["Images", "ImageFormats", "Scanning", crypto], swiftSettings: strict),
    .target(
      name: "ContentCredentials",
      dependencies: [
        "Diagnostics", "ImageFormats", crypto, .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
      ],
      swiftSettings: strict),
    .target(
      name: "Watermarks", dependencies: ["Diagnostics", "Images", "Spectra", crypto], swiftSettings: numeric),
    .target(
      name: "Fingerprints", dependencies: ["Diagnostics", "Images", "Spectra", crypto],
      resources: [.copy("Resources")], swiftSettings: numeric),
    .target(name: "VisibleMarks", dependencies: ["Images"], swiftSettings: numeric),
    .target(
      name: "Detectors",
      dependencies: ["Diagnostics", "Images", "NeuralNetworks", "Spectra", "Tensors", crypto],
      resources: [.copy("Resources")], swiftSettings: strict),
    .target(
      name: "ForeignDetectors",
      dependencies: ["COnnxRuntime", "Diagnostics", "ImageFormats", "Images", crypto],
      swiftSettings: strict),
    .target(
      name: "Evaluation",
      dependencies: [
        "Archives", "Detectors", "Diagnostics", "ImageFormats", "Images", "Scanning", "Tensors",
      ],
      swiftSettings: strict),
    .target(
      name: "Training",
      dependencies: [
        "Detectors", "Diagnostics", "Evaluation", "ImageFormats", "Images", "NeuralNetworks", "Tensors",
        crypto,
      ],
      swiftSettings: strict),
    .target(
      name: "Examiners",
      dependencies: [
        "Scanning", "Provenance", "ContentCredentials", "Watermarks", "Fingerprints", "VisibleMarks",
        "Detectors", "ForeignDetectors", "Spectra", "ImageFormats", "Images",
      ],
      swiftSettings: strict),
    .target(
      name: "Generators",
      dependencies: [
        "Diagnostics", "NeuralNetworks", "Tensors", "Watermarks", "ContentCredentials", "ImageFormats",
        "Images", "CText", crypto,
      ],
      resources: [.copy("Resources")], swiftSettings: strict),
    .target(
      name: "Audits",
      dependencies: [
        "Diagnostics", "ImageFormats", "Images", "Scanning", "Examiners", crypto,
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "Yams", package: "Yams"),
      ],
      resources: [.copy("Resources/rules")], swiftSettings: strict),
    .target(
      name: "Reports",
      dependencies: [
        "Diagnostics", "Audits", "Evaluation", "ImageFormats", "Provenance", "Scanning", crypto,
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [.copy("Resources")], swiftSettings: strict),

    .target(
      name: "Services",
      dependencies: [
        "Archives", "Diagnostics", "Reports", "Audits", "Evaluation", "Examiners", "Detectors",
        "Fingerprints", "ForeignDetectors", "Scanning", "ContentCredentials", "Provenance", "Watermarks",
        "ImageFormats",
        "Images", "Tensors", crypto,
      ],
      resources: [.copy("Resources")], swiftSettings: strict),

    .target(
      name: "Requests",
      dependencies: [
        "Diagnostics", "Scanning", .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      swiftSettings: strict),

    // Programs, and what they share.
    .target(
      name: "Console", dependencies: ["Diagnostics", "ImageFormats", arguments], swiftSettings: strict),
    .executableTarget(
      name: "assay",
      dependencies: [
        "Console", "Diagnostics", "Services", "Reports", "Audits", "Examiners", "Evaluation", "Detectors",
        "Fingerprints", "ForeignDetectors", "Scanning",
        "Generators", "ContentCredentials", "Watermarks", "Spectra", "Tensors", "ImageFormats", "Images",
        crypto, arguments,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "assay-worker",
      dependencies: [
        "Console", "Diagnostics", "Services", "Reports", "Examiners", "Detectors", "ForeignDetectors",
        "Scanning", "ContentCredentials", "Watermarks", "ImageFormats", "Images", arguments,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "assay-server",
      dependencies: [
        "Console", "Diagnostics", "Requests", "Services", "Reports", "Audits", "Examiners", "Detectors",
        "Scanning",
        "Fingerprints", "Generators", "ContentCredentials", "Watermarks", "Tensors", "ImageFormats", "Images",
        crypto, arguments,
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      resources: [.copy("Resources")], swiftSettings: strict),
    .executableTarget(
      name: "assay-lab",
      dependencies: [
        "Console", "Diagnostics", "Services", "Reports", "Training", "Evaluation", "Fingerprints",
        "Generators",
        "NeuralNetworks", "ImageFormats", arguments,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "Audits", "Examiners", "Evaluation", "Detectors", "Scanning", "Generators", "ContentCredentials",
        "Watermarks", "Fingerprints", "VisibleMarks", "Spectra", "NeuralNetworks", "Tensors", "ImageFormats",
        "Images", "Diagnostics",
        crypto,
        arguments,
      ],
      swiftSettings: numeric),

    // Tests.
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics", "TestSupport"]),
    .testTarget(name: "ImagesTests", dependencies: ["Images", "ImageFormats", "TestSupport"]),
    .testTarget(name: "ImageFormatsTests", dependencies: ["ImageFormats", "Images", "TestSupport"]),
    .testTarget(
      name: "ProvenanceTests", dependencies: ["Provenance", "ImageFormats", "Images", "TestSupport", crypto]),
    .testTarget(name: "SpectraTests", dependencies: ["Spectra", "Images", "TestSupport"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels", "TestSupport"]),
    .testTarget(
      name: "NeuralNetworksTests",
      dependencies: ["NeuralNetworks", "ImageFormats", "Images", "Tensors", "TestSupport"]),
    .testTarget(
      name: "WatermarksTests", dependencies: ["Watermarks", "ImageFormats", "Images", "TestSupport"]),
    .testTarget(
      name: "ContentCredentialsTests", dependencies: ["ContentCredentials", "ImageFormats", "TestSupport"]),
    .testTarget(name: "ArchivesTests", dependencies: ["Archives", "ImageFormats", "TestSupport"]),
    .testTarget(name: "ScanningTests", dependencies: ["Scanning", "ImageFormats", "TestSupport"]),
    .testTarget(
      name: "DetectorsTests",
      dependencies: [
        "Detectors", "Evaluation", "ImageFormats", "Images", "NeuralNetworks", "Scanning", "Spectra",
        "Tensors", "Training", "TestSupport",
      ]),
    .testTarget(
      name: "ForeignDetectorsTests",
      dependencies: ["Evaluation", "ForeignDetectors", "Images", "TestSupport"]),
    .testTarget(
      name: "ExaminersTests",
      dependencies: [
        "Examiners", "ContentCredentials", "ForeignDetectors", "ImageFormats", "Images", "Scanning",
        "TestSupport",
      ]),
    .testTarget(
      name: "FingerprintsTests",
      dependencies: ["Fingerprints", "ImageFormats", "Images", "Spectra", "TestSupport"]),
    .testTarget(name: "VisibleMarksTests", dependencies: ["VisibleMarks", "ImageFormats", "Images"]),
    .testTarget(
      name: "GeneratorsTests",
      dependencies: [
        "Generators", "ContentCredentials", "ImageFormats", "Images", "NeuralNetworks", "Tensors",
        "Watermarks", "TestSupport",
      ]),
    .testTarget(
      name: "AuditsTests",
      dependencies: [
        "Audits", "Examiners", "ImageFormats", "Images", "Scanning", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "ReportsTests",
      dependencies: ["Reports", "Audits", "Evaluation", "Examiners", "Images", "Scanning", "TestSupport"]),
    .testTarget(
      name: "ServicesTests",
      dependencies: [
        "Services", "Audits", "ContentCredentials", "Examiners", "ImageFormats", "Images", "Reports",
        "Scanning", "TestSupport",
      ]),
    .testTarget(
      name: "ReadersTests",
      dependencies: [
        "Archives", "Audits", "ContentCredentials", "Detectors", "Examiners", "Fingerprints",
        "ForeignDetectors", "ImageFormats", "Images", "NeuralNetworks", "Provenance", "Reports", "Requests",
        "Scanning",
        "VisibleMarks", "Watermarks", "TestSupport",
      ]),
    .testTarget(name: "RequestsTests", dependencies: ["Requests"]),
    .testTarget(
      name: "assayTests",
      dependencies: [
        "assay", "assay-lab", "assay-worker", "Console", "ImageFormats", "Images", "TestSupport",
      ]),
  ]
)
