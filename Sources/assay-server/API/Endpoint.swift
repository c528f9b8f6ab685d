import HTTPTypes
import Hummingbird
import ImageFormats
import Requests

/// One address and method: what answers it and what the API's document says of it are one value, so that they cannot part.
struct Endpoint: Sendable {
  /// Something in the address, after its path or within it.
  struct Parameter: Sendable {
    enum Place: String, Sendable { case query, path }
    var name: String
    var place = Place.query
    var about: String
    var schema: JSONValue
    var isRequired = false
  }

  /// What a request carries.
  enum Content: Sendable {
    /// One file as it is; its type is not asked for, as bytes tell it.
    case picture
    /// One file, or several in a form.
    case pictures
    /// Files of these names in a form, with further fields.
    case form([String: JSONValue], required: [String])
    /// An object of this schema.
    case json(JSONValue)
  }

  struct Answer: Sendable {
    var status: HTTPResponse.Status
    var about: String
    /// Media types, each with the schema of its content.
    var content: [String: JSONValue] = [:]
    /// Header fields that it always has beside those of every answer, and what each says.
    var headers: [String: String] = [:]
  }

  var method: HTTPRequest.Method
  /// With `{name}` for a part that varies.
  var path: String
  /// The name of the operation.
  var name: String
  var summary: String
  var parameters: [Parameter] = []
  var content: Content?
  var answers: [Answer]
  /// Whether it is answered without a token: it tells nothing of any picture.
  var isOpen = false
  /// Whether the API's document has it; pages for people are not in it.
  var isListed = true
  var respond: @Sendable (Call) async throws -> Response

  /// The parts of the path that vary, by name; nil where it is another path.
  func match(_ segments: [Substring]) -> [String: String]? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == segments.count else { return nil }
    var values: [String: String] = [:]
    for (part, segment) in zip(parts, segments) {
      if part.hasPrefix("{") {
        guard !segment.isEmpty else { return nil }
        values[String(part.dropFirst().dropLast())] = String(segment)
      } else if part != segment {
        return nil
      }
    }
    return values
  }
}

/// One request on its way to its endpoint.
struct Call: Sendable {
  var request: Request
  var server: ServerCore
  var endpoint: Endpoint
  /// Parts of the path.
  var parts: [String: String] = [:]
  /// What stands behind the question mark, by name.
  var query = QueryValues()
}
