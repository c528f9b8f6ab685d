import ArgumentParser
import Console
import Diagnostics
import Foundation

/// Starts `assay-server`, which lies beside this program: what examines a file needs no server in it.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve a page for people and an API for programs on this machine.",
    discussion: ServeOptions.discussion)

  @OptionGroup var options: ServeOptions

  func run() throws {
    let beside = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "assay-server")
    guard let program = beside?.path, FileManager.default.isExecutableFile(atPath: program) else {
      throw InputError(
        code: "serve.missing", location: FaultLocation(file: beside?.path),
        message: "the server was not installed with this program",
        remedy: "keep assay-server beside assay, or build both with make build")
    }
    // As they were given: names of files need not be UTF-8.
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [strdup(program)]
    var isPast = false
    for index in 1..<Int(CommandLine.argc) {
      // SAFETY: argv holds argc strings that end in zero and live as long as the process.
      guard let argument = unsafe CommandLine.unsafeArgv[index] else { continue }
      if !isPast, unsafe strcmp(argument, "serve") == 0 {
        isPast = true
        continue
      }
      unsafe arguments.append(argument)
    }
    unsafe arguments.append(nil)
    // SAFETY: the list ends with nil, and its strings live until the program is another one.
    unsafe execv(program, arguments)
    // SAFETY: strerror gives a string that is valid until this thread's next call; it is copied here.
    let reason = unsafe String(cString: strerror(errno))
    throw InputError(
      code: "serve.start", location: FaultLocation(file: program),
      message:
        "the server cannot be started: \(reason)",
      remedy: "check the program and its permissions")
  }
}
