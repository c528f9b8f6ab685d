/// The JSON Schema of `assay.report/1`, for those who read reports elsewhere.
public enum ReportSchema {
  /// Draft 2020-12. Every report that Assay writes is valid under it; a file's scan is `assay.scan/1`.
  public static let text = #"""
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "$id": "urn:assay:schema:report:1",
      "title": "assay.report/1",
      "description": "An audit of files against rule packs.",
      "type": "object",
      "additionalProperties": false,
      "required": ["schema", "header", "summary", "packs", "items", "folder", "project", "duplicates", "comparison", "examinations", "interpretation", "errorRates", "notChecked", "limits", "notes"],
      "properties": {
        "schema": { "const": "assay.report/1" },
        "catalogue": {
          "type": "object",
          "description": "What the report is worded by.",
          "additionalProperties": false,
          "required": ["language", "sha256"],
          "properties": { "language": { "type": "string" }, "sha256": { "$ref": "#/$defs/digest" } }
        },
        "header": {
          "type": "object",
          "additionalProperties": false,
          "required": ["title", "question", "time", "clock", "operatorName", "toolVersion", "system", "command", "references"],
          "properties": {
            "title": { "type": "string" }, "question": { "type": "string" },
            "time": { "type": "string", "format": "date-time" },
            "clock": { "enum": ["system", "given"] },
            "operatorName": { "type": "string" }, "reviewer": { "type": "string" },
            "received": { "type": "string" }, "toolVersion": { "type": "string" },
            "build": { "$ref": "#/$defs/digest", "description": "Of the program." },
            "system": { "type": "string" }, "command": { "type": "string" },
            "references": {
              "type": "array",
              "items": {
                "type": "object", "additionalProperties": false, "required": ["kind", "name"],
                "properties": {
                  "kind": { "type": "string" }, "name": { "type": "string" },
                  "sha256": { "$ref": "#/$defs/digest" }, "note": { "type": "string" }
                }
              }
            }
          }
        },
        "summary": {
          "type": "object",
          "additionalProperties": false,
          "required": ["text", "files", "attention", "outcomes", "findings", "rules", "propositions", "handling", "network"],
          "properties": {
            "text": { "type": "string", "description": "The report in one paragraph." },
            "files": { "$ref": "#/$defs/count" }, "attention": { "$ref": "#/$defs/count" },
            "outcomes": { "$ref": "#/$defs/counts" },
            "findings": { "$ref": "#/$defs/counts", "description": "Files with found evidence, by its class." },
            "rules": { "type": "object", "additionalProperties": { "$ref": "#/$defs/counts" } },
            "propositions": { "$ref": "#/$defs/texts" }, "handling": { "type": "string" },
            "network": { "const": "not used" }
          }
        },
        "packs": {
          "type": "array",
          "items": {
            "type": "object", "additionalProperties": false, "required": ["id", "title", "version", "rules"],
            "properties": {
              "id": { "type": "string" }, "title": { "type": "string" }, "version": { "type": "string" },
              "rules": {
                "type": "array",
                "items": {
                  "type": "object", "additionalProperties": false,
                  "required": ["id", "title", "text", "citation", "checked", "verified", "severity", "scope", "remedy"],
                  "properties": {
                    "id": { "type": "string" }, "title": { "type": "string" }, "text": { "type": "string" },
                    "citation": { "type": "string" },
                    "checked": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" },
                    "verified": { "type": "boolean" }, "severity": { "$ref": "#/$defs/severity" },
                    "scope": { "enum": ["file", "folder", "project"] }, "remedy": { "type": "string" }
                  }
                }
              }
            }
          }
        },
        "pictures": {
          "type": "array",
          "description": "Pictures that the page shows.",
          "items": {
            "type": "object", "additionalProperties": false,
            "required": ["file", "kind", "width", "height", "bytes", "sha256"],
            "properties": {
              "file": { "type": "string" }, "kind": { "enum": ["thumbnail", "spectrum", "heatmap", "fingerprint"] },
              "width": { "$ref": "#/$defs/count" }, "height": { "$ref": "#/$defs/count" },
              "bytes": { "$ref": "#/$defs/count" },
              "sha256": { "$ref": "#/$defs/digest", "description": "Of the picture's bytes in the page." }
            }
          }
        },
        "pipeline": {
          "type": "object",
          "description": "What a command left of the marks of sample pictures; the items are what it made.",
          "additionalProperties": false,
          "required": ["command", "usedShell", "timeLimit", "runs"],
          "properties": {
            "command": { "type": "string" }, "usedShell": { "type": "boolean" },
            "timeLimit": { "type": "number", "exclusiveMinimum": 0, "description": "Seconds." },
            "runs": {
              "type": "array",
              "items": {
                "type": "object", "additionalProperties": false,
                "required": ["file", "format", "marks", "lostRules"],
                "properties": {
                  "file": { "type": "string" },
                  "format": { "type": "string", "description": "Of the marked picture." },
                  "outputFormat": { "type": "string" },
                  "fault": {
                    "type": "object", "additionalProperties": false, "required": ["code", "message", "remedy"],
                    "properties": {
                      "code": { "type": "string" }, "message": { "type": "string" }, "remedy": { "type": "string" }
                    }
                  },
                  "marks": {
                    "type": "array",
                    "items": {
                      "type": "object", "additionalProperties": false, "required": ["mark", "state"],
                      "properties": {
                        "mark": {
                          "enum": ["credentials", "watermark", "sourceType", "system", "label", "software", "comment", "credit", "text"]
                        },
                        "state": { "enum": ["survives", "invalid", "gone", "unknown"] },
                        "place": { "type": "string" }
                      }
                    }
                  },
                  "lostRules": { "$ref": "#/$defs/texts", "description": "Met before the command, and not after." }
                }
              }
            }
          }
        },
        "items": {
          "type": "array",
          "items": {
            "type": "object", "additionalProperties": false, "required": ["bytes", "judgements", "scan"],
            "properties": {
              "bytes": { "type": ["integer", "null"], "minimum": 0 },
              "judgements": { "$ref": "#/$defs/judgements" },
              "scan": { "$ref": "urn:assay:schema:scan:1" }
            }
          }
        },
        "folder": { "$ref": "#/$defs/judgements" },
        "project": { "$ref": "#/$defs/judgements" },
        "duplicates": { "type": "array", "items": { "type": "array", "minItems": 2, "items": { "type": "string" } } },
        "comparison": {
          "oneOf": [
            { "type": "null" },
            {
              "type": "object", "additionalProperties": false,
              "required": ["baselineTime", "added", "removed", "altered", "renamed", "outcomes", "rules"],
              "properties": {
                "baselineTime": { "type": "string" },
                "added": { "$ref": "#/$defs/texts" }, "removed": { "$ref": "#/$defs/texts" },
                "altered": { "$ref": "#/$defs/texts" }, "renamed": { "$ref": "#/$defs/texts" },
                "outcomes": {
                  "type": "array",
                  "items": {
                    "type": "object", "additionalProperties": false, "required": ["file", "before", "after"],
                    "properties": { "file": { "type": "string" }, "before": { "type": "string" }, "after": { "type": "string" } }
                  }
                },
                "rules": {
                  "type": "array",
                  "items": {
                    "type": "object", "additionalProperties": false, "required": ["rule", "before", "after"],
                    "properties": {
                      "file": { "type": "string" }, "rule": { "type": "string" },
                      "before": { "$ref": "#/$defs/result" }, "after": { "$ref": "#/$defs/result" }
                    }
                  }
                }
              }
            }
          ]
        },
        "examinations": {
          "type": "array",
          "items": {
            "type": "object", "additionalProperties": false,
            "required": ["methods", "title", "how", "reference", "validation", "command"],
            "properties": {
              "methods": { "$ref": "#/$defs/texts" }, "title": { "type": "string" }, "how": { "type": "string" },
              "reference": { "type": "string" }, "validation": { "type": "string" }, "command": { "type": "string" }
            }
          }
        },
        "interpretation": {
          "type": "array",
          "items": {
            "type": "object", "additionalProperties": false,
            "required": ["class", "title", "worth", "alternatives", "changes"],
            "properties": {
              "class": { "enum": ["verified", "declared", "watermark", "statistical", "context"] },
              "title": { "type": "string" }, "worth": { "type": "string" },
              "alternatives": { "type": "string" }, "changes": { "type": "string" }
            }
          }
        },
        "errorRates": {
          "type": "array",
          "items": {
            "type": "object", "additionalProperties": false,
            "required": ["what", "errors", "trials", "low", "high", "conditions", "source"],
            "properties": {
              "what": { "type": "string" }, "errors": { "$ref": "#/$defs/count" }, "trials": { "$ref": "#/$defs/count" },
              "low": { "type": "number", "minimum": 0, "maximum": 1 }, "high": { "type": "number", "minimum": 0, "maximum": 1 },
              "conditions": { "type": "string" }, "source": { "type": "string" }
            }
          }
        },
        "notChecked": { "$ref": "#/$defs/texts" },
        "limits": { "$ref": "#/$defs/texts" },
        "notes": { "$ref": "#/$defs/texts" }
      },
      "$defs": {
        "digest": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
        "count": { "type": "integer", "minimum": 0 },
        "counts": { "type": "object", "additionalProperties": { "$ref": "#/$defs/count" } },
        "texts": { "type": "array", "items": { "type": "string" } },
        "severity": { "enum": ["note", "warning", "error"] },
        "result": { "enum": ["pass", "fail", "warn", "notApplicable", "undetermined"] },
        "judgements": {
          "type": "array",
          "items": {
            "type": "object", "additionalProperties": false, "required": ["rule", "result", "severity", "finding"],
            "properties": {
              "rule": { "type": "string" }, "result": { "$ref": "#/$defs/result" },
              "severity": { "$ref": "#/$defs/severity" }, "finding": { "type": "string" }
            }
          }
        }
      }
    }
    """#
}
