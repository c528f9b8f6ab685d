extension Manifest {
  /// What a writer of today should not write any more, in the order of the list; each named once.
  ///
  /// - Parameter signature: the claim's, where it was read.
  /// Source: C2PA 2.5, appendix D.
  func deprecatedConstructs(_ signature: COSESign1?) -> [String] {
    var found: [String] = []
    func note(_ name: String, _ isThere: Bool) { if isThere { found.append(name) } }
    note("claim of version 1", claim?.version == 1)
    note("label that is no urn:c2pa", !label.hasPrefix("urn:c2pa:"))
    for kind in [
      "c2pa.actions", "c2pa.ingredient", "c2pa.ingredient.v2", "c2pa.hash.bmff", "c2pa.hash.bmff.v2",
      "stds.schema-org.CreativeWork", "stds.exif", "stds.iptc", "c2pa.training-mining", "c2pa.asset-type",
    ] { note(kind, assertions.contains { $0.kind == kind }) }
    let retired: Set = [
      "c2pa.watermarked", "c2pa.copied", "c2pa.formatted", "c2pa.version_updated", "c2pa.printed",
      "c2pa.managed", "c2pa.produced", "c2pa.saved", "c2pa.color_adjustments", "c2pa.removed",
    ]
    note("retired action names", actions.contains { retired.contains($0["action"]?.text ?? "") })
    if let signature {
      note("sigTst", signature.unprotected["sigTst"] != nil || signature.protected["sigTst"] != nil)
      note(
        "x5chain as a text label", signature.protected["x5chain"] ?? signature.unprotected["x5chain"] != nil)
    }
    return found
  }
}
