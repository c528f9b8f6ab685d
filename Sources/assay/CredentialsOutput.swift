import ContentCredentials
import Services

/// Reports on credentials, for people and for programs.
enum CredentialsOutput {
  static func line(_ path: String, _ report: CredentialsReport) throws -> String {
    try CredentialsLine.of(path, report)
  }

  static func verdict(_ path: String, _ report: CredentialsReport) -> String {
    verdict(path, CredentialsTree(report))
  }

  private static func verdict(_ path: String, _ tree: CredentialsTree) -> String {
    var text = "\(CredentialsTree.clean(path)): \(tree.state.rawValue): \(tree.reason)\n"
    for failure in tree.failures {
      text += "  \(failure.code): \(failure.explanation)\n    \(failure.place)\n"
    }
    for range in tree.unbound { text += "  nobody vouches for \(range): the binding leaves them out\n" }
    if let sidecar = tree.sidecar { text += "  in the sidecar \(sidecar)\n" }
    if let fault = tree.timeStampFault { text += "  \(fault)\n" }
    return text
  }

  static func tree(_ path: String, _ report: CredentialsReport) -> String {
    let tree = CredentialsTree(report)
    var text = verdict(path, tree)
    for manifest in tree.manifests {
      let indent = String(repeating: "  ", count: manifest.depth + 1)
      text += "\(indent)\(manifest.label)\n"
      for row in manifest.rows { text += "\(indent)  \(row.name): \(row.value)\n" }
    }
    if let origin = tree.origin { text += "  origin: \(origin)\n" }
    return text
  }
}
