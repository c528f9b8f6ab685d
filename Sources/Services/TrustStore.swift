public import ContentCredentials
import Diagnostics
import Foundation
public import ImageFormats

/// Where trust lists are found: files that are named, or a folder of the user.
public struct TrustStore: Sendable {
  /// The folder of installed lists: `assay/trust` under `$XDG_CONFIG_HOME` or `~/.config`.
  public let folder: String

  /// - Parameter environment: the process's variables.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    let base =
      environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
      ?? (environment["HOME"] ?? "") + "/.config"
    folder = base + "/assay/trust"
  }

  /// The lists of the folder, in the order of their names; those with `tsa` in them are for time-stamp authorities.
  public var installed: (signers: [FilePath], timeStampers: [FilePath]) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let lists = names.filter { $0.hasSuffix(".pem") }.sorted()
    func paths(_ isForTimeStamps: Bool) -> [FilePath] {
      lists.filter { $0.lowercased().contains("tsa") == isForTimeStamps }.map { FilePath("\(folder)/\($0)") }
    }
    return (paths(false), paths(true))
  }

  /// The settings of named lists, or of the folder's where none is named.
  ///
  /// - Throws: `CredentialError` naming the list that is none; `ImageFormatError` for one that cannot be read.
  public func settings(signers: [FilePath] = [], timeStampers: [FilePath] = []) throws -> TrustSettings {
    let lists = signers.isEmpty && timeStampers.isEmpty ? installed : (signers, timeStampers)
    return TrustSettings(
      signers: try Self.list(lists.0), timeStampers: try Self.list(lists.1))
  }

  /// As ``settings(signers:timeStampers:)``, but an unreadable list of the folder trusts nobody instead of ending
  /// a scan of thousands. A list that is named has to be there.
  public func settingsOrNone(signers: [FilePath] = [], timeStampers: [FilePath] = []) throws -> TrustSettings
  {
    let isNamed = !signers.isEmpty || !timeStampers.isEmpty
    return isNamed
      ? try settings(signers: signers, timeStampers: timeStampers) : (try? settings()) ?? TrustSettings()
  }

  private static func list(_ paths: [FilePath]) throws -> TrustList {
    var list = TrustList.empty
    for path in paths {
      let bytes = try ImageFile(path: path).bytes
      let name = URL(filePath: path.display).lastPathComponent
      do throws(CredentialError) {
        list.add(try TrustList(pem: String(decoding: bytes, as: UTF8.self), name: name))
      } catch {
        throw error.at(file: path.display)
      }
    }
    return list
  }
}
