import Diagnostics
import Foundation

/// Finds rule packs: those that Assay ships, and the user's own files.
public enum RulePackLibrary {
  /// The ids of the shipped packs, sorted.
  public static let shippedIDs = Bundle.module.paths(forResourcesOfType: "yaml", inDirectory: "rules")
    .map { URL(filePath: $0).deletingPathExtension().lastPathComponent }.sorted()

  /// Reads the pack of that id, or the pack file at that path.
  ///
  /// - Parameter name: a shipped id such as `eu`, or a path that ends in `.yaml` or `.yml`.
  /// - Throws: ``AuditError`` when there is no such pack or the file is wrong.
  public static func pack(named name: String) throws(AuditError) -> RulePack {
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      return try RulePackReader(source: name).read(text(of: URL(filePath: name), name))
    }
    guard shippedIDs.contains(name),
      let url = Bundle.module.url(forResource: name, withExtension: "yaml", subdirectory: "rules")
    else {
      throw AuditError(
        code: "rules.unknown", message: "there is no rule pack '\(name)'",
        remedy: "use \(shippedIDs.joined(separator: ", ")) or the path of a .yaml file")
    }
    return try RulePackReader(source: "\(name).yaml").read(text(of: url, name))
  }

  static func text(of url: URL, _ name: String) throws(AuditError) -> String {
    let limit = 1 << 20
    do {
      let handle = try FileHandle(forReadingFrom: url)
      defer { try? handle.close() }
      let data = try handle.read(upToCount: limit + 1) ?? Data()
      guard data.count <= limit, let text = String(data: data, encoding: .utf8) else {
        throw AuditError(
          code: "rules.text", location: FaultLocation(file: name),
          message: "the rule pack is no UTF-8 text of at most 1 MiB", remedy: "save it as UTF-8, or split it")
      }
      return text
    } catch let error as AuditError {
      throw error
    } catch {
      throw AuditError(
        code: "rules.read", location: FaultLocation(file: name),
        message: "the rule pack cannot be read: \(error.localizedDescription)",
        remedy: "check the path and its permissions", cause: error)
    }
  }
}
