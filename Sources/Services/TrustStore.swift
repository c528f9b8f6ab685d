public import ContentCredentials
import Diagnostics
public import Foundation
public import ImageFormats

/// Where trust lists are found: files that are named, or those of C2PA that ship with Assay together with a folder of
/// the user. Nothing is fetched.
public struct TrustStore: Sendable {
  /// The day of the lists that ship, as `YYYY-MM-DD`: the last change at their source.
  public static let snapshotDate = "2026-08-14"
  /// Days after which a snapshot says too little of who joined and who was struck off.
  public static let snapshotDays = 180

  /// What the lists' files are called at their source; a file of that name in the folder takes the place of ours.
  private static let shippedNames = (signers: "C2PA-TRUST-LIST.pem", timeStampers: "C2PA-TSA-TRUST-LIST.pem")

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
      lists.filter { Self.isForTimeStamps($0) == isForTimeStamps }.map { FilePath("\(folder)/\($0)") }
    }
    return (paths(false), paths(true))
  }

  /// Whether a list's name says that it is of time-stamp authorities.
  public static func isForTimeStamps(_ name: String) -> Bool { name.lowercased().contains("tsa") }

  /// The settings of named lists; where none is named, those of C2PA's lists and of the folder's.
  ///
  /// A list that is named `none`, where no file is called so, trusts nobody.
  ///
  /// - Throws: `CredentialError` naming the list that is none; `ImageFormatError` for one that cannot be read.
  public func settings(signers: [FilePath] = [], timeStampers: [FilePath] = []) throws -> TrustSettings {
    guard signers.isEmpty, timeStampers.isEmpty else {
      return TrustSettings(signers: try Self.list(signers), timeStampers: try Self.list(timeStampers))
    }
    let (ownSigners, ownTimeStampers) = installed
    var all = shipped
    all.signers.add(try Self.list(ownSigners))
    all.timeStampers.add(try Self.list(ownTimeStampers))
    return TrustSettings(signers: all.signers, timeStampers: all.timeStampers)
  }

  /// As ``settings(signers:timeStampers:)``, but where a list of the folder cannot be read only C2PA's count, instead
  /// of ending a scan of thousands. A list that is named has to be there.
  public func settingsOrNone(signers: [FilePath] = [], timeStampers: [FilePath] = []) throws -> TrustSettings
  {
    let isNamed = !signers.isEmpty || !timeStampers.isEmpty
    if isNamed { return try settings(signers: signers, timeStampers: timeStampers) }
    if let settings = try? settings() { return settings }
    let all = shipped
    return TrustSettings(signers: all.signers, timeStampers: all.timeStampers)
  }

  /// C2PA's lists as they ship; empty where the folder holds one of the same name, or the program was installed without
  /// its resources.
  public var shipped: (signers: TrustList, timeStampers: TrustList) {
    func list(_ name: String, _ known: TrustList) -> TrustList {
      FilePath("\(folder)/\(name)").exists ? .empty : known
    }
    return (
      list(Self.shippedNames.signers, Self.snapshot.signers),
      list(Self.shippedNames.timeStampers, Self.snapshot.timeStampers)
    )
  }

  private static let snapshot = (
    signers: read(shippedNames.signers), timeStampers: read(shippedNames.timeStampers)
  )

  private static func read(_ name: String) -> TrustList {
    let url = Bundle.module.bundleURL.appending(path: "Resources/trust/\(name)")
    guard let data = try? Data(contentsOf: url),
      let list = try? TrustList(
        pem: String(decoding: data, as: UTF8.self), name: "\(name.prefix { $0 != "." }) of \(snapshotDate)")
    else { return .empty }
    return list
  }

  /// A sentence about lists of C2PA that are too old; nil where those in use are not, or are the user's own.
  public static func staleness(of trust: TrustSettings) -> String? {
    guard [trust.signers, trust.timeStampers].contains(where: { $0.name.contains("of \(snapshotDate)") }),
      let date = try? Date(snapshotDate + "T00:00:00Z", strategy: .iso8601)
    else { return nil }
    let days = (trust.now - Int(date.timeIntervalSince1970)) / 86_400
    guard days > snapshotDays else { return nil }
    return
      "C2PA's trust lists that ship are of \(snapshotDate), \(days) days old: who joined since is not trusted, and who was struck off still is"
  }

  /// Puts a list into the folder.
  ///
  /// - Parameters:
  ///   - path: PEM text of certificates.
  ///   - isForTimeStamps: that it is of time-stamp authorities, where its name does not say so.
  /// - Returns: the file that was written, and the list.
  /// - Throws: `CredentialError` for what is no list, `ImageFormatError` for what cannot be read or written.
  public func install(
    _ path: FilePath, isForTimeStamps: Bool, overwrite: Bool
  ) throws -> (file: String, list: TrustList) {
    let list = try Self.list([path])
    var name = path.lastComponent.display
    if !name.lowercased().hasSuffix(".pem") { name += ".pem" }
    if isForTimeStamps, !Self.isForTimeStamps(name) { name = "tsa-" + name }
    let target = "\(folder)/\(name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try writeAtomically(try ImageFile(path: path).bytes, to: FilePath(target), overwrite: overwrite)
    return (target, list)
  }

  private static func list(_ paths: [FilePath]) throws -> TrustList {
    var list = TrustList.empty
    for path in paths {
      if path.bytes == Array("none".utf8), !path.exists { continue }
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
