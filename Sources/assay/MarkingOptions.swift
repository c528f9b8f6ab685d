import ArgumentParser
import Console
import ContentCredentials
import Foundation
import Generators
import ImageFormats

/// How generated pictures are marked; no option leaves a mark out.
struct MarkingOptions: ParsableArguments {
  @Option(help: "The private key that signs, PEM; `assay credentials keys` makes one.")
  var key: String?

  @Option(help: "The signer's certificates, PEM, leaf first.")
  var certificates: String?

  @Option(help: ArgumentHelp("Draw a visible label, such as \"AI-generated\".", valueName: "text"))
  var label: String?

  @Option(help: "topLeft, topRight, bottomLeft or bottomRight.")
  var labelCorner = VisibleLabel.Corner.bottomRight

  @Option(
    help: ArgumentHelp(
      "Add China's metadata label (GB 45438-2025) with this producer.", valueName: "producer"))
  var aigc: String?

  @Option(help: "Quality of a JPEG, 1...100.")
  var jpegQuality = 95

  @Flag(help: "Write over files that exist.")
  var force = false

  func validate() throws {
    guard (1...100).contains(jpegQuality) else { throw ValidationError("--jpeg-quality is 1...100") }
    guard (key == nil) == (certificates == nil) else {
      throw ValidationError("--key and --certificates go together")
    }
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
    if let key, let certificates {
      marker = OutputMarker(signer: ManifestSigner(try .read(key: key, certificates: certificates)))
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
    marker.labelProducer = aigc
    return marker
  }
}

extension VisibleLabel.Corner: ExpressibleByArgument {}
extension OutputMarker.Format: ExpressibleByArgument {}
