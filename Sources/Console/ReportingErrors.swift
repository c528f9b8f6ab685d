public import ArgumentParser
import Diagnostics
import Foundation

extension AsyncParsableCommand {
  /// Parses the arguments and runs the command they name: the `main` of every program.
  ///
  /// Errors that know their remedy are printed with it, and end the program with exit code 1; the rest are the parser's.
  ///
  /// - Parameter showsProgress: whether standard error tells how far the work has come, unless `--quiet` stands among
  ///   the arguments.
  public static func runReportingErrors(showsProgress: Bool = true) async {
    do {
      let (arguments, isQuiet) = QuietFlag.taken(from: Array(CommandLine.arguments.dropFirst()))
      var command = try command(of: arguments)
      Progress.watch(isQuiet: isQuiet || !showsProgress)
      defer { Progress.finish() }
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as any DiagnosableError {
      Terminal.report(error)
      exit(withError: ExitCode(1))
    } catch let error as NSError
      where error.domain == NSCocoaErrorDomain || error.domain == NSPOSIXErrorDomain
    {
      let (message, remedy) = error.told
      Terminal.report(TerminalText.escaping(message), fix: remedy)
      exit(withError: ExitCode(1))
    } catch {
      Progress.finish()
      exit(withError: error)
    }
  }

  /// Parses the arguments. A negative number behind an option is its value, so that the option says what it takes: the parser
  /// alone would take it for an option and say that a value is missing.
  private static func command(of arguments: [String]) throws -> any ParsableCommand {
    var arguments = arguments
    while true {
      do {
        return try parseAsRoot(arguments)
      } catch {
        guard let joined = NegativeNumber.joined(arguments, message: message(for: error)) else { throw error }
        arguments = joined
      }
    }
  }
}

/// `--seed -1`, which is `--seed=-1`.
enum NegativeNumber {
  /// - Parameter message: the parser's.
  /// - Returns: the arguments with the number joined to its option; nil where the message is about something else.
  static func joined(_ arguments: [String], message: String) -> [String]? {
    guard let option = message.firstMatch(of: #/^Missing value for '(--[A-Za-z0-9-]+)/#)?.1 else {
      return nil
    }
    let index = arguments.indices.dropLast().first { index in
      arguments[index] == option && arguments[index + 1].wholeMatch(of: #/-\.?[0-9].*/#) != nil
    }
    guard let index else { return nil }
    var joined = arguments
    let number = joined.remove(at: index + 1)
    joined[index] += "=" + number
    return joined
  }
}

/// `--quiet`, which every command takes: its help stands once, in that of the program.
enum QuietFlag {
  /// The arguments without it. Behind `--` it is a file's name.
  static func taken(from arguments: [String]) -> (rest: [String], isQuiet: Bool) {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    let words = arguments[..<end].filter { $0 != "--quiet" }
    return (words + arguments[end...], words.count < end)
  }
}

extension NSError {
  /// What Foundation has to say of a file, as Assay says it.
  fileprivate var told: (message: String, remedy: String) {
    let path = userInfo[NSFilePathErrorKey] as? String ?? (userInfo[NSURLErrorKey] as? URL)?.path
    let system = (userInfo[NSUnderlyingErrorKey] as? any Error).map { $0 as NSError } ?? self
    // SAFETY: strerror gives text that ends in zero; it is copied here.
    let reason =
      system.domain == NSPOSIXErrorDomain
      ? unsafe String(cString: strerror(Int32(system.code))) : localizedDescription
    return ((path.map { "\($0): " } ?? "") + reason, "check the name, the folder and its permissions")
  }
}
