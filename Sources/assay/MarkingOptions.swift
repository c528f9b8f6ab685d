import ArgumentParser
import Console
import ContentCredentials
import Diagnostics
import Foundation
import Generators
import ImageFormats
import Reports

/// How generated pictures are marked; no option leaves a mark out.
struct MarkingOptions: ParsableArguments {
  @OptionGroup var signing: SigningKeyOptions

  @Option(help: ArgumentHelp("Draw a visible label, such as \"AI-generated\".", valueName: "text"))
  var label: String?

  @Option(help: "topLeft, topRight, bottomLeft or bottomRight.")
  var labelCorner = VisibleLabel.Corner.bottomRight

  @Option(
    help: ArgumentHelp(
      "Add China's metadata label (GB 45438-2025) with this producer.", valueName: "producer"))
  var aigcProducer: String?

  @Option(help: "Quality of a JPEG, 1...100.")
  var jpegQuality = 95

  @Flag(help: "Overwrite what exists.")
  var force = false

  @Flag(help: "Print one JSON object a line: file and identifier.")
  var json = false

  func validate() throws {
    guard (1...100).contains(jpegQuality) else { throw ValidationError("--jpeg-quality is 1...100") }
  }

  /// A marker for one file, whose name tells the format.
  ///
  /// - Throws: where the file could not be written, before the work is done.
  func marker(for output: String) throws -> OutputMarker {
    guard let format = OutputMarker.Format(fileName: output) else {
      throw ValidationError("--output ends in .png, .jpg, .jpeg or .webp")
    }
    try refuseUnwritable(RawArguments.path(output), overwrite: force)
    return try marker(format)
  }

  /// A marker; without a key it signs with one made on the spot, and says so.
  func marker(_ format: OutputMarker.Format) throws -> OutputMarker {
    var marker: OutputMarker
    if let credential = try signing.credential() {
      marker = OutputMarker(signer: ManifestSigner(credential))
    } else {
      Terminal.error(
        """
        note: no --key: signing with a test key that is made now and thrown away. Verifiers will call the
          signature valid and the signer unknown. For publication, make a key: assay credentials keys

        """)
      marker = try OutputMarker(testKeyAt: Date())
    }
    marker.format = format
    marker.quality = jpegQuality
    if let label { marker.label = try VisibleLabel(label, corner: labelCorner) }
    marker.labelProducer = aigcProducer
    return marker
  }

  /// Prints where a picture was written and the identifier that its watermark carries.
  ///
  /// - Parameter candidates: how many pictures a sheet shows; nil where the file is one picture.
  func report(_ path: String, _ identifier: String, candidates: Int? = nil) throws {
    guard json else {
      return Terminal.out("\(path)  \(candidates.map { "candidates 1 to \($0)" } ?? identifier)\n")
    }
    Terminal.out(
      try JSONLine.of(
        Line(file: path, identifier: identifier, candidates: candidates), as: "assay.generated/1"))
  }

  private struct Line: Encodable {
    var file: String
    var identifier: String
    var candidates: Int?
  }
}

extension VisibleLabel.Corner: ExpressibleByArgument {}
extension OutputMarker.Format: ExpressibleByArgument {}
