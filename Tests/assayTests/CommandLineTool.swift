import Foundation
import TestSupport

/// Runs the built `assay` as a person would.
struct CommandLineTool {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String

    var lines: [Substring] { output.split(separator: "\n") }

    func objects() throws -> [[String: Any]] {
      try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
    }
  }

  /// The program beside the test bundle.
  static let program: URL = {
    // Who runs the tests in the background may have taken Ctrl-C from them, and programs inherit that.
    signal(SIGINT, SIG_DFL)
    var folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    for argument in CommandLine.arguments where argument.contains(".xctest") {
      folder = URL(filePath: argument).resolvingSymlinksInPath()
    }
    while folder.path.contains(".xctest") { folder.deleteLastPathComponent() }
    let beside = folder.appending(path: "assay")
    return FileManager.default.isExecutableFile(atPath: beside.path)
      ? beside : TestPaths.root.appending(path: ".build/release/assay")
  }()

  /// - Parameter keepsProgress: whether lines that tell how far a command is stay among the errors.
  static func run(
    _ arguments: [String], input: Data = Data(), environment: [String: String] = [:], program: URL = program,
    interruptAtFirstOutput: Bool = false, keepsProgress: Bool = false
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = TestPaths.root
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files rather than pipes: a full pipe would stop the program while it is waited for.
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func handle(_ name: String, _ content: Data, writing: Bool) throws -> FileHandle {
      let url = folder.appending(path: name)
      try content.write(to: url)
      return writing ? try FileHandle(forWritingTo: url) : try FileHandle(forReadingFrom: url)
    }
    process.standardInput = try handle("in", input, writing: false)
    process.standardOutput = try handle("out", Data(), writing: true)
    process.standardError = try handle("err", Data(), writing: true)
    try process.run()
    if interruptAtFirstOutput {
      let out = folder.appending(path: "out").path
      while process.isRunning,
        try FileManager.default.attributesOfItem(atPath: out)[.size] as? Int ?? 0 == 0
      { usleep(1_000) }
      process.interrupt()
    }
    process.waitUntilExit()
    let errors = String(decoding: try Data(contentsOf: folder.appending(path: "err")), as: UTF8.self)
    // A slow machine writes lines of progress where a fast one is done before.
    let progress = #/\d+ %  .*|[a-z ]+, \d+ s/#
    let told =
      keepsProgress
      ? errors
      : errors.split(separator: "\n", omittingEmptySubsequences: false)
        .filter { $0.wholeMatch(of: progress) == nil }.joined(separator: "\n")
    return Outcome(
      status: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: folder.appending(path: "out")), as: UTF8.self),
      errors: told)
  }
}

/// An empty folder that is removed with its content.
final class ScratchFolder: Sendable {
  let url = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)")
  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: url) }

  func copy(_ gallery: String, as name: String) throws {
    let target = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: TestPaths.fixtures.appending(path: "gallery/\(gallery)"), to: target)
  }
}
