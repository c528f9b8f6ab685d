import Foundation
import TestSupport
import Testing

/// `assay inspect` leaves nothing of EXIF out, and says who read a maker's note.
struct InspectCommandTests {
  private static func inspect(_ name: String, path: String? = nil, _ words: String...) throws
    -> CommandLineTool.Outcome
  {
    try CommandLineTool.run(
      ["inspect", "fixtures/\(name)"] + words, environment: path.map { ["PATH": $0] } ?? [:])
  }

  @Test func `every entry of EXIF is listed with its directory, tag and value`() throws {
    let result = try Self.inspect("gallery/camera.jpg", "--json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let entries = try #require(object["exif"] as? [[String: Any]])
    let byName = Dictionary(
      entries.compactMap { entry in (entry["name"] as? String).map { ($0, entry["value"] as? String ?? "") }
      },
      uniquingKeysWith: { first, _ in first })
    // This file holds floating-point numbers in the place of rationals.
    #expect(byName["ExposureTime"] == "0.005" && byName["FNumber"] == "4.0")
    #expect(byName["PhotographicSensitivity"] == "200" && byName["Make"] == "Canon")
    #expect(entries.contains { $0["directory"] as? String == "Exif" && $0["tag"] as? Int == 0x829A })
    let text = try Self.inspect("gallery/camera.jpg").output
    #expect(text.contains("EXIF numbers\n") && text.contains("  Exif ExposureTime: 0.005\n"), "\(text)")
    // A choice is told in words beside its number, and no value touches its name.
    let choice = try Self.inspect("formats/ycbcr-jpeg.tif").output
    #expect(choice.contains("  IFD0 PhotometricInterpretation: 2 (RGB)\n"), "\(choice)")
    let rows = text.components(separatedBy: "\n\n").first { $0.hasPrefix("Capture") }
    for row in rows?.split(separator: "\n").dropFirst() ?? [] {
      #expect(row.contains(#/^  \S+( \S+)*  /#), "\(row)")
    }
  }

  @Test func `a maker's note is left out where exiftool is missing, and read through it where it is there`()
    throws
  {
    let without = try Self.inspect("formats/makernote-canon.jpg", path: "/nowhere")
    #expect(
      without.status == 0 && without.output.contains("left out: exiftool, which reads it, is not installed"),
      "\(without.output)")
    // A program of that name, which answers as exiftool does.
    let folder = try ScratchFolder()
    let program = folder.url.appending(path: "exiftool")
    try Data(
      """
      #!/bin/sh
      echo '[{"SourceFile": "x", "ExifTool:ExifToolVersion": 12.5, "Canon:LensModel": "RF 50", "Canon:Modes": [1, 2]}]'
      """.utf8
    ).write(to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    let path = folder.url.path + ":/usr/bin:/bin"
    let with = try Self.inspect("formats/makernote-canon.jpg", path: path)
    #expect(with.output.contains("read by exiftool 12.5\n"), "\(with.output)")
    #expect(
      with.output.contains("Maker's note, as exiftool 12.5 reads it\n  Canon:LensModel: RF 50\n"),
      "\(with.output)")
    let json = try Self.inspect("formats/makernote-canon.jpg", path: path, "--json").output
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let note = try #require(object["makerNote"] as? [String: Any])
    #expect((note["fields"] as? [String: String])?["Canon:Modes"] == "1, 2")
    // A file without a note asks nobody.
    #expect(!(try Self.inspect("gallery/camera.jpg", path: path).output.contains("exiftool")))
  }
}
