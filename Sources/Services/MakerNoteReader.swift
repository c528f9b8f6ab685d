import Foundation
public import ImageFormats
public import Reports

/// Reads makers' private notes through exiftool, where it is installed: their forms are many, and only it knows them.
public enum MakerNoteReader {
  /// Seconds that one file may take.
  private static let timeLimit = 20.0
  private static let mostBytes = 4 << 20

  /// - Parameter environment: whose `PATH` says where exiftool is.
  /// - Returns: nil where exiftool is not installed, or does not answer.
  public static func note(
    of path: FilePath, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Inspection.MakerNote? {
    // A name that is not UTF-8 cannot be handed on.
    guard let name = String(validating: path.bytes, as: UTF8.self),
      let program = (environment["PATH"] ?? "").split(separator: ":").map({ "\($0)/exiftool" })
        .first(where: { FileManager.default.isExecutableFile(atPath: $0) })
    else { return nil }
    // A name that begins with a dash would be an option.
    let file = name.hasPrefix("/") ? name : "./" + name
    guard let answer = output([program, "-j", "-G1", "-a", "-MakerNotes:all", "-ExifToolVersion", file]),
      let objects = try? JSONSerialization.jsonObject(with: answer) as? [[String: Any]],
      let object = objects.first
    else { return nil }
    var fields: [String: String] = [:]
    var version = ""
    for (name, value) in object where name != "SourceFile" {
      let text = (value as? [Any])?.map { "\($0)" }.joined(separator: ", ") ?? "\(value)"
      if name.hasSuffix("ExifToolVersion") { version = text } else { fields[name] = text }
    }
    guard !fields.isEmpty else { return nil }
    return Inspection.MakerNote(reader: version.isEmpty ? "exiftool" : "exiftool \(version)", fields: fields)
  }

  private static func output(_ words: [String]) -> Data? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-note-\(UUID().uuidString)")
    let isMade: Void? = try? FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    guard isMade != nil else { return nil }
    defer { try? FileManager.default.removeItem(at: folder) }
    // A file rather than a pipe, which a long answer would fill.
    let target = folder.appending(path: "out")
    guard (try? Data().write(to: target)) != nil, let handle = try? FileHandle(forWritingTo: target) else {
      return nil
    }
    let process = Process()
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handle
    process.standardError = FileHandle.nullDevice
    guard (try? process.runAsChild()) != nil else { return nil }
    guard process.ends(within: timeLimit) else { return nil }
    guard let answer = try? Data(contentsOf: target), answer.count <= mostBytes else { return nil }
    return answer
  }
}
