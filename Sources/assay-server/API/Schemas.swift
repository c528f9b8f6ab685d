import Foundation
import Reports
import Requests

/// What answers look like, for the API's document; each stands there once under its name.
enum Schemas {
  static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

  static let problemAnswer: [String: JSONValue] = [Problem.mediaType: reference("Problem")]

  /// A stamped object of which the names are promised that are listed; more may come.
  ///
  /// - Parameter further: those that are there where they are known.
  private static func form(
    _ schema: String, _ about: String, _ properties: [String: JSONValue], further: [String: JSONValue] = [:]
  ) -> JSONValue {
    var all = properties
    all["schema"] = ["const": .string(schema)]
    all["version"] = ["type": "string"]
    return [
      "type": "object", "description": .string(about),
      "required": .array(all.keys.sorted().map { .string($0) }),
      "properties": .object(all.merging(further) { own, _ in own }),
    ]
  }

  private static let text: JSONValue = ["type": "string"]
  private static let texts: JSONValue = ["type": "array", "items": ["type": "string"]]
  private static let objects: JSONValue = ["type": "array", "items": ["type": "object"]]
  private static let flag: JSONValue = ["type": "boolean"]
  private static let count: JSONValue = ["type": "integer", "minimum": 0]

  /// All of them, by name.
  static func all() throws -> [String: JSONValue] {
    var scan = try JSONValue.of(ScanSchema.text)
    if case .object(var object) = scan {
      object["$id"] = nil
      object["$schema"] = nil
      scan = .object(object)
    }
    let state: JSONValue = ["enum": ["kept", "changed", "lost", "added", "unknown"]]
    return [
      "Scan": try Self.moved(scan, "Scan"),
      "Problem": [
        "type": "object", "description": "RFC 9457, with Assay's code, place and remedy.",
        "required": ["type", "title", "status", "detail", "code", "remedy"],
        "properties": [
          "type": ["type": "string", "format": "uri"], "title": text,
          "status": ["type": "integer", "minimum": 400, "maximum": 599], "detail": text,
          "code": ["type": "string", "pattern": "^[a-zA-Z0-9]+(\\.[a-zA-Z0-9]+)*$"], "remedy": text,
          "location": ["type": ["object", "null"]],
        ],
      ],
      "Job": [
        "type": "object", "required": ["id", "state", "done", "total"], "additionalProperties": false,
        "properties": [
          "id": ["type": "string", "pattern": "^[0-9a-f]{32}$"],
          "state": ["enum": ["running", "done", "cancelled"]], "done": count, "total": count,
        ],
      ],
      "Credentials": form(
        "assay.credentials/1", "What Content Credentials say, and how far they hold.",
        [
          "file": text,
          "state": ["enum": ["trusted", "valid", "invalid", "malformed", "absent", "undetermined"]],
          "reason": text, "success": texts, "informational": texts, "failure": texts, "statuses": objects,
          "ingredients": objects, "manifests": objects, "origin": ["type": "object"],
          "trustList": text, "tsaTrustList": text,
        ]),
      "Watermark": form(
        "assay.watermark/1", "The marks that were decoded from the pixels.",
        ["file": text, "found": flag, "marks": objects, "notEvaluable": texts]),
      "Inspection": form(
        "assay.inspect/1", "The parts of a file and every text beside its pixels.",
        [
          "file": text, "bytes": count, "format": text, "parts": objects, "fields": objects, "exif": objects,
          "warnings": texts,
        ]),
      "Comparison": form(
        "assay.compare/1", "What became of marks and statements between two files.",
        [
          "before": ["type": "object"], "after": ["type": "object"],
          "findings": [
            "type": "array",
            "items": [
              "type": "object", "required": ["method", "class", "state"], "properties": ["state": state],
            ],
          ],
          "fields": [
            "type": "array",
            "items": [
              "type": "object", "required": ["carrier", "name", "state"], "properties": ["state": state],
            ],
          ],
        ]),
      "Wall": form(
        "assay.wall/1", "The verdict on a picture after it was treated, and which of its marks are left.",
        [
          "outcome": text, "sentence": text, "tone": text, "bytes": count,
          "marks": [
            "type": "array",
            "items": [
              "type": "object", "required": ["mark", "state"],
              "properties": [
                "mark": text, "state": ["enum": ["there", "absent", "broken", "unseen"]], "text": text,
              ],
            ],
          ],
        ], further: ["width": count, "height": count, "format": text]),
      "Report": [
        "type": "object",
        "description":
          "A report, as `assay audit` writes it; its own schema is that of `assay audit --schema`.",
        "required": ["schema", "header", "items"], "properties": ["schema": ["const": "assay.report/1"]],
      ],
      "LedgerHead": [
        "type": "object", "required": ["schema", "entries", "head"],
        "properties": ["schema": text, "entries": count, "head": text],
      ],
      "Models": [
        "type": "object", "required": ["pictures"], "properties": ["pictures": texts],
      ],
      "Health": [
        "type": "object", "required": ["status"], "properties": ["status": text],
      ],
    ]
  }

  /// A schema whose own definitions are found where it now stands.
  private static func moved(_ schema: JSONValue, _ name: String) throws -> JSONValue {
    let text = String(decoding: try JSONEncoder().encode(schema), as: UTF8.self)
    return try JSONValue.of(
      text.replacing("#\\/$defs\\/", with: "#\\/components\\/schemas\\/\(name)\\/$defs\\/")
        .replacing("#/$defs/", with: "#/components/schemas/\(name)/$defs/"))
  }
}
