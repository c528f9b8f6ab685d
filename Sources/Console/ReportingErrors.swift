public import ArgumentParser
import Diagnostics
import Foundation

extension AsyncParsableCommand {
  /// Parses the arguments and runs the command they name: the `main` of every program.
  ///
  /// Errors that know their remedy are printed with it, and end the program with exit code 1; the rest are the parser's.
  public static func runReportingErrors() async {
    do {
      var command = try parseAsRoot()
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
      exit(withError: error)
    }
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
