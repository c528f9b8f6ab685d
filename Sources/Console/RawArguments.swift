import Foundation
public import ImageFormats

/// Paths as the system gave them.
///
/// `CommandLine.arguments` repairs what is not UTF-8, and the repaired name opens no file; here the bytes of
/// an argument are found again.
public enum RawArguments {
  private static let bytesByText: [String: [UInt8]] = {
    var result: [String: [UInt8]] = [:]
    for index in 0..<Int(CommandLine.argc) {
      // SAFETY: argv holds argc strings that end in zero and live as long as the process.
      guard let pointer = unsafe CommandLine.unsafeArgv[index] else { continue }
      let bytes = unsafe Array(UnsafeRawBufferPointer(start: pointer, count: strlen(pointer)))
      result[String(decoding: bytes, as: UTF8.self)] = bytes
    }
    return result
  }()

  public static func path(_ argument: String) -> FilePath {
    bytesByText[argument].map { FilePath(bytes: $0) } ?? FilePath(argument)
  }
}
