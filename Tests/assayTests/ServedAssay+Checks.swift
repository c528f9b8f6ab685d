import Foundation
import TestSupport
import Testing

/// Expects an answer that is a problem of this status and code, whole as every problem is.
func expectProblem(_ answer: ServedAssay.Answer, _ status: Int, _ code: String) throws {
  #expect(answer.status == status, "\(code): \(answer.text)")
  #expect(answer.type == "application/problem+json")
  let object = try answer.object()
  #expect(object["code"] as? String == code)
  #expect(object["status"] as? Int == status)
  for name in ["type", "title", "detail", "remedy"] { #expect(object[name] is String, "\(code) \(name)") }
  #expect(answer.headers["x-content-type-options"] == "nosniff")
}

extension ServedAssay {
  static let token = "abcdefghijklmnopqrstuvwxyz"

  /// A server that others reach, and its token's file.
  static func guarded(_ arguments: String...) throws -> (ServedAssay, ScratchFolder) {
    let folder = try ScratchFolder()
    let file = folder.url.appending(path: "token")
    try Data("\(token)\n".utf8).write(to: file)
    return (try ServedAssay(["--token-file", file.path] + arguments), folder)
  }
}
