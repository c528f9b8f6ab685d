import Diagnostics
package import HTTPTypes
package import Scanning

/// Why a request is not answered as it asked: RFC 9457's problem details, with Assay's code, place and remedy.
package struct Problem: Error {
  package var status: HTTPResponse.Status
  /// Stable and dotted, as everywhere in Assay.
  package var code: String
  package var message: String
  package var remedy: String
  package var location: EvidenceLocation?
  package var headers = HTTPFields()

  package static let mediaType = "application/problem+json"

  package init(
    _ status: HTTPResponse.Status, _ code: String, _ message: String, remedy: String,
    location: EvidenceLocation? = nil, headers: HTTPFields = [:]
  ) {
    (self.status, self.code, self.message, self.remedy) = (status, code, message, remedy)
    (self.location, self.headers) = (location, headers)
  }

  private struct Body: Encodable {
    var type: String
    var title: String
    var status: Int
    var detail: String
    var code: String
    var remedy: String
    var location: EvidenceLocation?
  }

  package var json: String {
    let body = Body(
      type: "urn:assay:problem:\(code)", title: status.reasonPhrase, status: status.code, detail: message,
      code: code, remedy: remedy, location: location)
    return (try? JSONLine.of(body)) ?? "{}\n"
  }

  // MARK: Those of what a client sends

  package static func value(_ name: String, _ remedy: String) -> Problem {
    Problem(
      .badRequest, "serve.value", "'\(name)' has a value that is not taken", remedy: remedy,
      location: EvidenceLocation(path: name))
  }

  /// A name that stands twice where nobody knows which of the two is meant.
  package static func twice(_ name: String) -> Problem {
    let name = String(name.prefix(80))
    return Problem(
      .badRequest, "serve.twice", "there are two values of the name '\(name)'", remedy: "send one of them",
      location: EvidenceLocation(path: name))
  }
}
