/// The JSON Schema of `assay.scan/1`, for those who read ``ScanLines`` elsewhere.
public enum ScanSchema {
  /// Draft 2020-12. Every line that Assay writes is valid under it.
  public static let text = #"""
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "$id": "urn:assay:schema:scan:1",
      "title": "assay.scan/1",
      "description": "What a scan says of one file; one object a line.",
      "type": "object",
      "additionalProperties": false,
      "required": ["file", "sha256", "pixelSha256", "format", "width", "height", "outcome", "aiProbability", "evidence", "warnings", "error"],
      "properties": {
        "schema": { "const": "assay.scan/1", "description": "In every line; not in a report, which names its own." },
        "version": { "type": "string", "description": "Of the program that wrote the line." },
        "file": { "type": "string", "description": "The path as given; bytes that are not UTF-8 are written \\xE9." },
        "sha256": { "$ref": "#/$defs/digest", "description": "Of the file's bytes." },
        "pixelSha256": { "$ref": "#/$defs/digest", "description": "Of the decoded pixels: the line 'assay.pixels/1 WIDTH HEIGHT MODEL BITS', then the samples; null where nothing was decoded." },
        "format": { "enum": [
          "png", "jpeg", "webp", "gif", "tiff", "avif", "heic", "jxl", "bmp", "jpeg2000", "jpegXR", "miniHEIF",
          "psd", "tga", "ico", "svg", "raw", "pnm", "openEXR", "radiance", "dds", "qoi", "xcf", "pcx", "flif",
          "bpg", "dicom", "fits", "djvu", "farbfeld", "wmf", null
        ] },
        "width": { "type": ["integer", "null"], "minimum": 1 },
        "height": { "type": ["integer", "null"], "minimum": 1 },
        "outcome": { "enum": ["aiGeneratedVerified", "aiEditedVerified", "altered", "aiDeclared", "aiWatermarked", "aiIndicated", "captureVerified", "noIndication", "inconclusive", "conflicting", "unreadable"] },
        "aiProbability": { "type": ["number", "null"], "minimum": 0, "maximum": 1, "description": "Calibrated; null unless the detector ran." },
        "evidence": { "type": "array", "items": { "$ref": "#/$defs/evidence" } },
        "warnings": { "type": "array", "items": { "type": "string" } },
        "error": {
          "oneOf": [
            { "type": "null" },
            {
              "type": "object",
              "additionalProperties": false,
              "required": ["code", "message", "remedy", "location"],
              "properties": {
                "code": { "type": "string" },
                "message": { "type": "string" },
                "remedy": { "type": "string" },
                "location": { "$ref": "#/$defs/location" }
              }
            }
          ]
        }
      },
      "$defs": {
        "digest": { "type": ["string", "null"], "pattern": "^[0-9a-f]{64}$" },
        "evidence": {
          "type": "object",
          "additionalProperties": false,
          "required": ["method", "class", "result", "strength", "summary", "detail", "location", "reason"],
          "properties": {
            "method": { "type": "string" },
            "class": { "enum": ["verified", "declared", "watermark", "statistical", "context"] },
            "result": { "enum": ["found", "absent", "notEvaluated"] },
            "strength": { "enum": ["weak", "medium", "strong", null] },
            "summary": { "type": "string" },
            "detail": {
              "type": "object",
              "properties": {
                "origin": { "enum": ["generated", "edited", "captured", "humanMade"] },
                "alteration": { "enum": ["changed", "cut", "foreign", "statement", "damaged"] },
                "generator": { "type": "string" }
              }
            },
            "location": { "$ref": "#/$defs/location" },
            "reason": { "type": ["string", "null"] }
          }
        },
        "location": {
          "oneOf": [
            { "type": "null" },
            {
              "type": "object",
              "additionalProperties": false,
              "properties": {
                "byteOffset": { "type": "integer", "minimum": 0 },
                "byteLength": { "type": "integer", "minimum": 0 },
                "path": { "type": "string" },
                "region": {
                  "type": "object",
                  "additionalProperties": false,
                  "required": ["x", "y", "width", "height"],
                  "properties": {
                    "x": { "type": "integer" }, "y": { "type": "integer" },
                    "width": { "type": "integer" }, "height": { "type": "integer" }
                  }
                }
              }
            }
          ]
        }
      }
    }
    """#
}
