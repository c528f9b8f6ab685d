import ArgumentParser
import Console
import Diagnostics
import Foundation
import ImageFormats

/// Writes the manual's pages from what the parser knows, for `make install`.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Write a man page of every command.", shouldDisplay: false)

  @Option(name: .shortAndLong, help: "The folder to write to.") var output: String
  @Flag(help: "Overwrite what exists.") var force = false

  func run() throws {
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    for page in Self.pages(of: Assay.self, path: ["assay"]) {
      try writeAtomically(Array(page.text.utf8), to: "\(output)/\(page.name).1", overwrite: force)
    }
  }

  private static func pages(
    of command: any ParsableCommand.Type, path: [String]
  ) -> [(name: String, text: String)] {
    let below = command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
    let name = path.joined(separator: "-")
    return [(name, page(of: command, name: name))]
      + below.flatMap { pages(of: $0, path: path + [$0._commandName]) }
  }

  /// The help in a manual's form: headings become sections, the rest stands as it is printed.
  private static func page(of command: any ParsableCommand.Type, name: String) -> String {
    let abstract = command.configuration.abstract
    var text =
      ".TH \(name.uppercased()) 1 \"\" \"assay \(assayVersion)\"\n.SH NAME\n\(name) \\- \(escaped(abstract))\n"
    var isPlain = false
    for line in Assay.helpMessage(for: command, columns: 78).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      if let heading = line.wholeMatch(of: #/(?:OVERVIEW: )?([A-Z][A-Z ]+):?(.*)/#),
        !line.hasPrefix("OVERVIEW")
      {
        text += isPlain ? ".fi\n" : ""
        text += ".SH \(heading.1)\n.nf\n"
        isPlain = true
        if !heading.2.isEmpty { text += escaped(String(heading.2.drop { $0 == " " })) + "\n" }
      } else if line.hasPrefix("OVERVIEW: ") {
        text += ".SH DESCRIPTION\n.nf\n\(escaped(String(line.dropFirst(10))))\n"
        isPlain = true
      } else {
        text += escaped(String(line)) + "\n"
      }
    }
    return text + (isPlain ? ".fi\n" : "")
  }

  /// A line that troff prints as it is.
  private static func escaped(_ line: String) -> String {
    let plain = line.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
  }
}
