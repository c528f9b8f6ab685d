import Diagnostics
import Foundation
import HTTPTypes
import Requests

/// The API's document (OpenAPI 3.1), made from the endpoints that answer.
struct OpenAPIDocument {
  let endpoints: [Endpoint]
  let asksForToken: Bool
  let maxBody: Int

  func json() throws -> String {
    var paths: [String: JSONValue] = [:]
    for endpoint in endpoints where endpoint.isListed {
      var operations: [String: JSONValue] = [:]
      if case .object(let known)? = paths[endpoint.path] { operations = known }
      operations[endpoint.method.rawValue.lowercased()] = operation(endpoint)
      paths[endpoint.path] = .object(operations)
    }
    var document: [String: JSONValue] = [
      "openapi": "3.1.0",
      "info": [
        "title": "Assay", "version": .string(assayVersion),
        "description": .string(
          "Tells where an image came from. Pictures are examined in memory and forgotten with the answer. "
            + "Every error is a problem of RFC 9457."),
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "servers": [["url": "/"]],
      "paths": .object(paths),
    ]
    var components: [String: JSONValue] = ["schemas": .object(try Schemas.all())]
    if asksForToken {
      components["securitySchemes"] = ["token": ["type": "http", "scheme": "bearer"]]
      document["security"] = [["token": []]]
    }
    document["components"] = .object(components)
    return try JSONLine.of(JSONValue.object(document))
  }

  private func operation(_ endpoint: Endpoint) -> JSONValue {
    var operation: [String: JSONValue] = [
      "operationId": .string(endpoint.name), "summary": .string(endpoint.summary),
    ]
    if !endpoint.parameters.isEmpty {
      operation["parameters"] = .array(
        endpoint.parameters.map { parameter in
          [
            "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
            "description": .string(parameter.about), "schema": parameter.schema,
            "required": .boolean(parameter.isRequired || parameter.place == .path),
          ]
        })
    }
    if let content = endpoint.content { operation["requestBody"] = body(content) }
    var answers: [String: JSONValue] = [:]
    for answer in endpoint.answers { answers[String(answer.status.code)] = Self.answer(answer) }
    for answer in problems(endpoint) where answers[String(answer.status.code)] == nil {
      answers[String(answer.status.code)] = Self.answer(answer)
    }
    operation["responses"] = .object(answers)
    if asksForToken, endpoint.isOpen { operation["security"] = [] }
    return .object(operation)
  }

  /// Whatever can go wrong at any address, by what it takes.
  private func problems(_ endpoint: Endpoint) -> [Endpoint.Answer] {
    var problems: [(HTTPResponse.Status, String)] = [
      (.badRequest, "The request is not as this document has it."),
      (.misdirectedRequest, "The name is not the machine's own."),
      (.requestTimeout, "The request did not go on."),
      (.requestHeaderFieldsTooLarge, "The head is larger than is taken."),
      (
        .tooManyRequests,
        "Too many requests of this address are under way; streams of events and answers that are still read count."
      ),
      (.serviceUnavailable, "All workers are busy, or too much is held at once; see Retry-After."),
      (.internalServerError, "The server, or the machine that it runs on, has a fault of its own."),
    ]
    if endpoint.method != .get { problems.append((.forbidden, "A page of another site asks.")) }
    if endpoint.content != nil {
      let isJSON = if case .json? = endpoint.content { true } else { false }
      problems.append(
        (
          .contentTooLarge,
          isJSON
            ? "More than \(Call.mostJSON >> 10) KiB." : "More than \(maxBody >> 20) MiB, or too many parts."
        ))
      problems.append((.unsupportedMediaType, "The content's type is none that is taken."))
      problems.append((.unprocessableContent, "The picture cannot be worked on."))
    }
    if asksForToken, !endpoint.isOpen { problems.append((.unauthorized, "The token is missing or wrong.")) }
    return problems.map { Endpoint.Answer(status: $0, about: $1, content: Schemas.problemAnswer) }
  }

  /// Header fields that problems of these kinds always have, by their status.
  private static let problemHeaders: [Int: [String: String]] = {
    let wait = ["Retry-After": "Seconds to wait before the request is sent again."]
    return [
      HTTPResponse.Status.tooManyRequests.code: wait, HTTPResponse.Status.serviceUnavailable.code: wait,
      HTTPResponse.Status.unauthorized.code: ["WWW-Authenticate": "Bearer: what has to be shown."],
    ]
  }()

  private static func answer(_ answer: Endpoint.Answer) -> JSONValue {
    var value: [String: JSONValue] = ["description": .string(answer.about)]
    if !answer.content.isEmpty {
      value["content"] = .object(answer.content.mapValues { ["schema": $0] })
    }
    let headers = answer.headers.merging(problemHeaders[answer.status.code] ?? [:]) { own, _ in own }
    if !headers.isEmpty {
      value["headers"] = .object(
        headers.mapValues {
          ["description": .string($0), "required": true, "schema": ["type": "string"]]
        })
    }
    return .object(value)
  }

  private static let file: JSONValue = ["type": "string", "format": "binary"]

  private func body(_ content: Endpoint.Content) -> JSONValue {
    let types: [String: JSONValue]
    var value: [String: JSONValue] = ["required": true]
    switch content {
    case .picture, .pictures:
      value["description"] =
        "A picture's bytes, or a form of files. Bytes tell their own kind: without a Content-Type, and with the one that curl sends by itself, they are taken too."
      let isOne = if case .picture = content { true } else { false }
      let field: JSONValue = isOne ? Self.file : ["type": "array", "items": Self.file, "minItems": 1]
      types = [
        "application/octet-stream": ["schema": ["type": "string", "format": "binary", "minLength": 1]],
        "image/*": ["schema": ["type": "string", "format": "binary", "minLength": 1]],
        Call.formType: [
          "schema": ["type": "object", "required": ["file"], "properties": ["file": field]]
        ],
      ]
    case .form(let fields, let required):
      types = [
        Call.formType: [
          "schema": [
            "type": "object", "required": .array(required.map { .string($0) }), "properties": .object(fields),
          ]
        ]
      ]
    case .json(let schema): types = ["application/json": ["schema": schema]]
    }
    value["content"] = .object(types)
    return .object(value)
  }

  /// A field of a form that is a file.
  static let fileField = file
}
