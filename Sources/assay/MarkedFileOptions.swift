import ArgumentParser
import Generators

/// Where the one picture goes that a command makes, and how it is marked.
struct MarkedFileOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Where to write: .png, .jpg or .webp (lossless).")
  var output: String

  @OptionGroup var marking: MarkingOptions

  func validate() throws {
    guard OutputMarker.Format(fileName: output) != nil else {
      throw ValidationError("--output ends in .png, .jpg, .jpeg or .webp")
    }
  }

  /// Makes the picture, marks it and writes it; what could not be written is refused before it is made.
  func write(_ make: () throws -> GeneratedImage) throws {
    let marker = try marking.marker(for: output)
    let marked = try marker.mark(make())
    try marked.write(to: output, overwrite: marking.force)
    try marking.report(output, marked.identifier)
  }
}
