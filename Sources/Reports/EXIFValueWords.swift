/// What EXIF's numbered choices stand for, for people.
///
/// Source: CIPA DC-008 (EXIF 2.32), 4.6
enum EXIFValueWords {
  /// Words by tag and number; GPS tags are not among them.
  private static let words: [Int: [Int: String]] = [
    0x0103: [1: "none", 6: "JPEG"],
    0x0106: [1: "black is zero", 2: "RGB", 6: "YCbCr"],
    0x0112: [
      1: "as stored", 2: "mirrored", 3: "turned by 180°", 4: "mirrored, turned by 180°",
      5: "mirrored, turned by 270°", 6: "turned by 90°", 7: "mirrored, turned by 90°", 8: "turned by 270°",
    ],
    0x0128: [1: "none", 2: "inches", 3: "centimetres"],
    0x0213: [1: "centred", 2: "co-sited"],
    0x8822: [
      0: "not defined", 1: "manual", 2: "normal programme", 3: "aperture priority", 4: "shutter priority",
      5: "creative programme", 6: "action programme", 7: "portrait", 8: "landscape",
    ],
    0x8830: [
      0: "unknown", 1: "standard output sensitivity", 2: "recommended exposure index", 3: "ISO speed",
      4: "standard output sensitivity and recommended exposure index",
    ],
    0x9207: [
      0: "unknown", 1: "average", 2: "centre-weighted", 3: "spot", 4: "multi-spot", 5: "pattern",
      6: "partial",
      255: "other",
    ],
    0x9208: [
      0: "unknown", 1: "daylight", 2: "fluorescent", 3: "tungsten", 4: "flash", 9: "fine weather",
      10: "cloudy", 11: "shade",
    ],
    0xA001: [1: "sRGB", 0xFFFF: "uncalibrated"],
    0xA210: [1: "none", 2: "inches", 3: "centimetres"],
    0xA217: [1: "not defined", 2: "one-chip colour area", 3: "two-chip", 4: "three-chip", 7: "trilinear"],
    0xA401: [0: "normal", 1: "custom"],
    0xA402: [0: "automatic", 1: "manual", 2: "automatic bracket"],
    0xA403: [0: "automatic", 1: "manual"],
    0xA406: [0: "standard", 1: "landscape", 2: "portrait", 3: "night"],
    0xA407: [0: "none", 1: "low gain up", 2: "high gain up", 3: "low gain down", 4: "high gain down"],
    0xA408: [0: "normal", 1: "soft", 2: "hard"],
    0xA409: [0: "normal", 1: "low", 2: "high"],
    0xA40A: [0: "normal", 1: "soft", 2: "hard"],
    0xA40C: [0: "unknown", 1: "macro", 2: "close", 3: "distant"],
    0xA460: [0: "unknown", 1: "not composite", 2: "composite", 3: "composite, captured while shooting"],
  ]

  /// Nil where the tag's numbers are amounts, or the number has no meaning.
  static func of(_ value: Int, tag: Int, in directory: String) -> String? {
    guard directory != "GPS", directory != "Interop" else {
      // Above or below the sea (GPSAltitudeRef).
      return directory == "GPS" && tag == 5 ? [0: "above the sea", 1: "below the sea"][value] : nil
    }
    // Flash: what bits 0, 3 and 4 say.
    if tag == 0x9209 {
      let mode = ["", ", on", ", off", ", automatic"][value >> 3 & 3]
      return (value & 1 == 1 ? "fired" : "did not fire") + mode
    }
    return words[tag]?[value]
  }
}
