import ArgumentParser
import Console
import Diagnostics
import Foundation
import ImageFormats
import Reports
import Scanning
import Services

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show the parts of a file and all its metadata.",
    discussion: """
      A maker's private note is read by exiftool, where that is installed; else it is said to be left out.

      EXAMPLES
        assay inspect photo.jpg
        assay inspect photo.jpg --json | jq '.fields[] | select(.carrier == "exif")'
      """)

  @Argument(help: "An image file.")
  var file: String

  @Flag(help: "Print one JSON object (assay.inspect/1).")
  var json = false

  func run() throws {
    do {
      let path = RawArguments.path(file)
      let inspection = try Inspection(ImageFile(path: path)) { MakerNoteReader.note(of: path) }
      Terminal.out(json ? try inspection.json() : inspection.text())
    } catch let error as ImageFormatError {
      Terminal.report(error)
      throw ExitCode(1)
    }
  }
}
