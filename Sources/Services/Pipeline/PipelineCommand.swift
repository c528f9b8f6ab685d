import Audits
import Diagnostics
import Foundation
import Synchronization

/// A command that is given, run on one picture at a time.
///
/// `{in}` stands for the picture and `{out}` for what is to be written; without `{out}` the command changes the
/// picture in its place. No shell sees it unless one is asked for: words are split here, with quotes as shells know
/// them, and the files' names are put in afterwards.
public struct PipelineCommand: Sendable {
  /// As it was given.
  public let text: String
  public let usesShell: Bool
  /// Seconds that one run may take.
  public let timeLimit: Double
  /// The program's path and its arguments, with `{in}` and `{out}`.
  private let words: [String]
  /// Whether a file is to be written beside the picture.
  let writesOutput: Bool

  /// - Parameters:
  ///   - environment: whose `PATH` says where programs are.
  ///   - folder: where a program's path begins that has a slash and does not begin with one.
  /// - Throws: `AuditError` `pipeline.command` for a text that is no command or does not name `{in}`,
  ///   `pipeline.shell` for one that only a shell understands, `pipeline.program` where the program is not there.
  public init(
    _ text: String, usesShell: Bool = false, timeLimit: Double = 60,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    folder: String = FileManager.default.currentDirectoryPath
  ) throws(AuditError) {
    self.text = text
    self.usesShell = usesShell
    self.timeLimit = timeLimit
    writesOutput = text.contains("{out}")
    guard text.contains("{in}") else {
      throw AuditError(
        code: "pipeline.command", message: "the command does not say where its picture goes",
        remedy: "write {in} in its place, and {out} in that of the file it writes")
    }
    guard !usesShell else {
      words = ["/bin/sh", "-c", text]
      return
    }
    var words = try Self.words(of: text)
    if let word = words.first(where: {
      ["|", "||", "&&", "&", ";", ">", ">>", "<", "2>", "2>&1"].contains($0)
    }) {
      throw AuditError(
        code: "pipeline.shell", message: "the command has the word \(word), which only a shell understands",
        remedy: "allow a shell, or put the steps into a script")
    }
    words[0] = try Self.program(words[0], environment, folder)
    self.words = words
  }

  /// The words of a command that no shell sees, the program's path first.
  static func resolved(
    _ text: String, environment: [String: String] = ProcessInfo.processInfo.environment,
    folder: String = FileManager.default.currentDirectoryPath
  ) throws(AuditError) -> [String] {
    var words = try words(of: text)
    words[0] = try program(words[0], environment, folder)
    return words
  }

  /// Splits a command at blanks; quotes and backslashes keep them, as in POSIX shells.
  static func words(of text: String) throws(AuditError) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in text {
      if isEscaped {
        // Between double quotes a backslash is one, but before these.
        let isKept = quote == "\"" && !["\"", "\\", "$", "`"].contains(character)
        word = (word ?? "") + (isKept ? "\\" : "") + String(character)
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
      } else if character == quote {
        quote = nil
      } else if quote == nil, character == "\"" || character == "'" {
        quote = character
        word = word ?? ""
      } else if quote == nil, character.isWhitespace {
        if let whole = word { words.append(whole) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
    guard quote == nil, !isEscaped, let first = words.first, !first.isEmpty else {
      throw AuditError(
        code: "pipeline.command", message: "the command is empty, or a quotation mark is left open",
        remedy: "quote it as for a shell: 'convert {in} -resize 50% {out}'")
    }
    return words
  }

  /// The program's path: what `PATH` finds, or the path itself.
  private static func program(
    _ name: String, _ environment: [String: String], _ folder: String
  ) throws(AuditError) -> String {
    let candidates =
      name.contains("/")
      ? [name.hasPrefix("/") ? name : "\(folder)/\(name)"]
      : (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
    let found = candidates.first { path in
      // What can be executed and is listed is a folder.
      FileManager.default.isExecutableFile(atPath: path)
        && (try? FileManager.default.contentsOfDirectory(atPath: path)) == nil
    }
    guard let found else {
      throw AuditError(
        code: "pipeline.program", message: "there is no program '\(name)' that can be run",
        remedy: "install it, or give its path")
    }
    return found
  }

  /// How a run ended.
  enum Ending: Sendable, Hashable {
    case done
    /// With an exit code other than 0; the last line of what it said of that.
    case failed(Int, String?)
    case stopped(signal: Int, String?)
    case overTime
    case cancelled
    case notStarted(String)
  }

  /// Runs the command once.
  ///
  /// It starts in `folder`, which also takes its temporary files; it reads nothing and what it prints is dropped but
  /// for the end of its errors. Over its time, or where the task is cancelled, it is killed with all that it started.
  func run(input: URL, output: URL, in folder: URL) async -> Ending {
    func filled(_ word: String, _ form: (String) -> String) -> String {
      // One pass: a file's name that holds {out} is left as it is.
      var result = ""
      var rest = word[...]
      while let open = rest.firstIndex(of: "{") {
        result += rest[..<open]
        rest = rest[open...]
        if rest.hasPrefix("{in}") {
          result += form(input.path)
          rest = rest.dropFirst(4)
        } else if rest.hasPrefix("{out}") {
          result += form(output.path)
          rest = rest.dropFirst(5)
        } else {
          result += "{"
          rest = rest.dropFirst()
        }
      }
      return result + rest
    }
    let errors = folder.appending(path: "errors.txt")
    let process: SpawnedProcess
    do throws(POSIXError) {
      let arguments = words.dropFirst().map { word in
        filled(word) { usesShell ? "'" + $0.replacing("'", with: "'\\''") + "'" : $0 }
      }
      process = try SpawnedProcess(
        [words[0]] + arguments, in: folder.path,
        environment: ProcessInfo.processInfo.environment.merging(["TMPDIR": folder.path]) { $1 },
        errors: errors.path)
    } catch {
      return .notStarted(error.localizedDescription)
    }
    let interruption = Interruption()
    let running = process
    let ended = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // A thread of its own: the time limit must hold while every task of the program is at work.
        Thread.detachNewThread { continuation.resume(returning: wait(for: running, interruption)) }
      }
    } onCancel: {
      interruption.request()
    }
    let said = Self.lastLine(of: errors)
    switch ended {
    case .exit(0): return .done
    case .exit(let status): return .failed(status, said)
    case .signal(let signal): return .stopped(signal: signal, said)
    case .overTime: return .overTime
    case .cancelled: return .cancelled
    }
  }

  /// A request to stop that reaches another thread.
  private final class Interruption: Sendable {
    private let flag = Atomic<Bool>(false)

    var isRequested: Bool { flag.load(ordering: .relaxed) }

    func request() { flag.store(true, ordering: .relaxed) }
  }

  /// What became of a process that was waited for.
  private enum Waited {
    case exit(Int)
    case signal(Int)
    case overTime
    case cancelled
  }

  /// Waits, and kills the process with all that it started; also where it ended by itself, as nothing that it left
  /// behind may write on.
  private func wait(for process: SpawnedProcess, _ interruption: Interruption) -> Waited {
    defer { process.kill() }
    let deadline = ContinuousClock.now + .seconds(timeLimit)
    while true {
      switch process.ending() {
      case .exit(let status)?: return .exit(status)
      case .signal(let signal)?: return .signal(signal)
      case nil: break
      }
      let isOver = ContinuousClock.now > deadline
      if isOver || interruption.isRequested {
        process.kill()
        // Killed, it ends in no time; nobody else would collect it.
        while process.ending() == nil { Thread.sleep(forTimeInterval: 0.001) }
        return isOver ? .overTime : .cancelled
      }
      Thread.sleep(forTimeInterval: 0.005)
    }
  }

  /// The last line with anything in it, at most 200 characters.
  private static func lastLine(of file: URL) -> String? {
    guard let handle = try? FileHandle(forReadingFrom: file) else { return nil }
    defer { try? handle.close() }
    let size = (try? handle.seekToEnd()) ?? 0
    try? handle.seek(toOffset: size > 4096 ? size - 4096 : 0)
    let data = (try? handle.readToEnd()) ?? Data()
    let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
    return lines.last { $0.contains { !$0.isWhitespace } }.map { String($0.prefix(200)) }
  }
}
