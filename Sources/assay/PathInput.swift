import Console
import Diagnostics
import Foundation
import ImageFormats
import Scanning

/// What is to be scanned: paths of arguments and lists, and the picture or the archive on standard input.
struct PathInput {
  private(set) var paths: [FilePath] = []
  private(set) var picture: ImageFile?
  /// A whole archive from standard input.
  private(set) var archive: [UInt8]?

  /// - Parameters:
  ///   - arguments: "-" stands for a picture, an archive or a list on standard input.
  ///   - filesFrom: a list's file, or "-".
  ///   - nullSeparated: whether the paths of lists end in zeros.
  /// - Throws: ``InputError`` where standard input is neither, or a list cannot be read.
  init(arguments: [String], filesFrom: String?, nullSeparated: Bool) throws {
    for argument in arguments {
      guard argument == "-" else {
        paths.append(RawArguments.path(argument))
        continue
      }
      let bytes = try StandardInput.bytes {
        Self.isPicture($0) || PictureWalk.opensArchive($0) ? StandardInput.limit : StandardInput.listLimit
      }
      if Self.isPicture(bytes) {
        picture = ImageFile(bytes: bytes)
      } else if PictureWalk.opensArchive(bytes) {
        archive = bytes
      } else {
        paths += try Self.list(bytes, nullSeparated, name: "standard input")
      }
    }
    guard let filesFrom else { return }
    let bytes =
      filesFrom == "-"
      ? try StandardInput.bytes { _ in StandardInput.listLimit }
      : try ImageFile(path: RawArguments.path(filesFrom)).bytes
    let name = filesFrom == "-" ? "standard input" : filesFrom
    if let kind = Self.kind(ofNoList: bytes, nullSeparated) {
      throw InputError(
        code: "input.list", location: FaultLocation(file: name),
        message: "this is \(kind), and --files-from takes a list of paths",
        remedy: filesFrom == "-"
          ? "scan it with `assay scan -`, or send paths, one a line"
          : "name it without --files-from, or give a file with paths, one a line")
    }
    paths += try Self.list(bytes, nullSeparated, name: name)
  }

  /// The pictures of all of it; what came on standard input is called "-".
  func walk(limits: ReadLimits) -> PictureWalk {
    let name = FilePath("-")
    if let picture { return PictureWalk(picture: picture, name: name, then: paths, limits: limits) }
    if let archive { return PictureWalk(archive: archive, name: name, then: paths, limits: limits) }
    return PictureWalk(paths, limits: limits)
  }

  private static func isPicture(_ bytes: [UInt8]) -> Bool {
    let head = Array(bytes.prefix(UnreadKind.headLength))
    return ImageFormat(magic: head) != nil || UnreadKind(head: head, fileExtension: nil) != nil
  }

  /// What was given in a list's place, in words; nil where it may be a list.
  private static func kind(ofNoList bytes: [UInt8], _ nullSeparated: Bool) -> String? {
    let head = Array(bytes.prefix(UnreadKind.headLength))
    // A name may begin as a picture does, with letters; only a picture has zeros behind them.
    guard bytes.contains(0) else {
      return UnreadKind(head: head, fileExtension: nil) == .svg ? "a picture (SVG)" : nil
    }
    if let format = ImageFormat(magic: head) { return "a picture (\(format.rawValue.uppercased()))" }
    guard !nullSeparated else { return nil }
    if let kind = UnreadKind(head: head, fileExtension: nil) { return "a picture (\(kind.name))" }
    return PictureWalk.opensArchive(bytes) ? "an archive" : nil
  }

  private static func list(_ bytes: [UInt8], _ nullSeparated: Bool, name: String) throws -> [FilePath] {
    // Names of files hold any byte but zero; what holds zeros is no list that somebody wrote.
    guard nullSeparated || !bytes.contains(0) else {
      throw InputError(
        code: "input.kind", location: FaultLocation(file: name),
        message: "this is neither an image of a kind that Assay knows nor a list of paths",
        remedy: "give the bytes of one picture, or paths one a line (with --null: a zero behind each)")
    }
    return bytes.split(separator: nullSeparated ? 0 : 0x0A).map { line in
      FilePath(bytes: Array(!nullSeparated && line.last == 0x0D ? line.dropLast() : line))
    }.filter { !$0.bytes.isEmpty }
  }
}

/// What was given to look at is nothing that can be looked at.
struct InputError: DiagnosableError {
  let code: String
  let location: FaultLocation
  let message: String
  let remedy: String
}
