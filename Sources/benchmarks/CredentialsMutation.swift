import ArgumentParser
import ContentCredentials
import Crypto
import Foundation
import Synchronization

/// Damage at every byte of every store: a report each time, in bounded time and memory.
struct CredentialsMutation: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credentials-mutation",
    abstract:
      "Change every byte of the stores in files, cut them everywhere, and hold each report to account.",
    discussion: """
      Every byte of a store and of the headers that carry it takes four values (two in stores over \(StoreMutation.smallStore) bytes), \
      and the file is cut there. Bytes \
      inside embedded files (thumbnails), which are only hashed, are inverted, one in --inside-step of them, and \
      the file is cut at one in \(StoreMutation.cutStep). Smallest stores first.

      Exit 1 when a change passes as valid and says something else, a report takes a second, or the memory grows by \
      64 MiB.
      """)

  @Argument(help: "Folders or files with Content Credentials.")
  var paths: [String]

  @Option(help: "Inside embedded files change one byte in so many.")
  var insideStep = 1

  @Option(help: "Files tried at once; memory is only known for one.")
  var workers = 1

  @Option(help: "Begin no file after so many minutes; the report says how many are missing.")
  var minutes: Int?

  @Option(
    help: ArgumentHelp(
      "Keep each finished file as a line here; what stands here by the same program is not done again.",
      valueName: "jsonl"))
  var log: String?

  @Option(help: ArgumentHelp("Write the report as Markdown.", valueName: "md"))
  var report: String?

  func validate() throws {
    guard insideStep >= 1, workers >= 1 else { throw ValidationError("steps and workers are at least 1") }
  }

  func run() async throws {
    let program = try Data(contentsOf: URL(filePath: "/proc/self/exe"), options: .alwaysMapped)
    let log = MutationLog(path: log, program: SHA256.hash(data: program).hexadecimal)
    let known = try log.read()
    let files = listed().compactMap { path -> (path: String, bytes: Int)? in
      guard let data = FileManager.default.contents(atPath: path),
        let store = AssetLayout(of: Array(data)).stores.first
      else { return nil }
      return (path, store.bytes.count)
    }.sorted { ($0.bytes, $0.path) < ($1.bytes, $1.path) }
    let paths = files.map(\.path)
    let done = known.filter { paths.contains($0.file) && $0.insideStep == insideStep }
    let left = paths.filter { path in !done.contains { $0.file == path } }

    print(MutationReport.heading)
    for tally in done { print(MutationReport.row(tally)) }
    let end = minutes.map { ContinuousClock.now + .seconds(60 * $0) }
    let board = MutationBoard(left: left, done: done, log: log, end: end)
    let (step, isAlone) = (insideStep, workers == 1)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<min(workers, left.count) {
        group.addTask {
          while let path = board.next() {
            let trial = StoreMutation(path: path, insideStep: step)
            if let tally = try trial.run(measuresMemory: isAlone) { try board.add(tally) }
          }
        }
      }
      try await group.waitForAll()
    }
    let outcome = MutationReport(tallies: board.tallies, total: paths.count, insideStep: insideStep)
    print("\n" + outcome.summary)
    if let report {
      let command = (["benchmarks"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
      try outcome.markdown(command: command).write(toFile: report, atomically: true, encoding: .utf8)
    }
    guard outcome.holds else { throw ExitCode(1) }
  }

  private func listed() -> [String] {
    let endings = ["png", "jpg", "webp", "heic", "avif", "c2pa"]
    return paths.flatMap { path -> [String] in
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue,
        let names = FileManager.default.enumerator(atPath: path)
      else { return [path] }
      return names.compactMap { $0 as? String }.filter { endings.contains(URL(filePath: $0).pathExtension) }
        .map { "\(path)/\($0)" }
    }
  }
}

/// What workers take files from and lay their tallies on.
private final class MutationBoard: Sendable {
  private let log: MutationLog
  /// When no further file is begun.
  private let end: ContinuousClock.Instant?
  private let state: Mutex<(left: ArraySlice<String>, done: [StoreMutation.Tally])>

  init(left: [String], done: [StoreMutation.Tally], log: MutationLog, end: ContinuousClock.Instant?) {
    self.log = log
    self.end = end
    state = Mutex((left[...], done))
  }

  var tallies: [StoreMutation.Tally] { state.withLock(\.done) }

  func next() -> String? {
    if let end, ContinuousClock.now > end { return nil }
    return state.withLock { $0.left.popFirst() }
  }

  func add(_ tally: StoreMutation.Tally) throws {
    try state.withLock { state in
      state.done.append(tally)
      print(MutationReport.row(tally))
      for place in tally.lies { print("  \(place)") }
      fflush(nil)
      try log.add(tally)
    }
  }
}

/// The finished files of runs that may have been stopped: one JSON object a line.
private struct MutationLog {
  let path: String?
  /// SHA-256 of the program: another one might answer otherwise.
  let program: String

  private struct Line: Codable {
    var program: String
    var tally: StoreMutation.Tally
  }

  /// What this program has finished, of files that are as they were.
  func read() throws -> [StoreMutation.Tally] {
    guard let path, let data = FileManager.default.contents(atPath: path) else { return [] }
    // A line that was cut short by a stop is no finished file.
    return data.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard let line = try? JSONDecoder().decode(Line.self, from: line), line.program == program,
        let file = FileManager.default.contents(atPath: line.tally.file),
        SHA256.hash(data: file).hexadecimal == line.tally.sha256
      else { return nil }
      return line.tally
    }
  }

  func add(_ tally: StoreMutation.Tally) throws {
    guard let path else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = try encoder.encode(Line(program: program, tally: tally)) + Data("\n".utf8)
    if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: line)
    try handle.close()
  }
}
