/// Every fact a rule may ask for, with what it means; a pack that asks for another one is refused.
public enum FactCatalogue {
  /// One fact's name and meaning.
  public struct Entry: Sendable, Hashable {
    public let name: String
    public let meaning: String
  }

  public static let names = Set(entries.map(\.name))

  public static let entries: [Entry] = [
    // file
    .init(name: "file.name", meaning: "the path as it was given"),
    .init(name: "file.readable", meaning: "the file was read and its container parsed"),
    .init(
      name: "file.format",
      meaning: "png, jpeg, webp, gif, tiff, avif, heic, jxl, bmp, or a kind that is not read"),
    .init(name: "file.warnings", meaning: "faults of the container that did not stop the reading"),
    .init(name: "file.extensionMatches", meaning: "the name's extension agrees with the file's first bytes"),
    .init(name: "file.unexplainedTrailer", meaning: "bytes after the picture's end of no known kind"),
    .init(name: "file.sha256", meaning: "hash of the file's bytes"),
    .init(name: "file.pixelSha256", meaning: "hash of the decoded samples"),
    // origin
    .init(name: "origin.outcome", meaning: "the scan's outcome, as in assay.scan/1"),
    .init(
      name: "origin.ai",
      meaning:
        "something verified, declared or watermarked, or the project manifest, says AI made or edited the picture; unknown where only a measurement does"
    ),
    .init(name: "origin.stated", meaning: "what the project manifest says of the file: ai or notAI"),
    .init(name: "origin.captured", meaning: "trusted credentials say that a camera captured it"),
    .init(
      name: "origin.basis",
      meaning: "classes of the evidence found: verified, declared, watermark, statistical"),
    // credentials
    .init(
      name: "credentials.state",
      meaning:
        "trusted, valid, invalid, malformed or absent; unknown where that cannot be told, as in a file that ends early"
    ),
    .init(
      name: "credentials.fault",
      meaning:
        "what does not hold: changed, cut, foreign, statement or damaged (the outcome is then altered), binding, certificate, ingredient or other"
    ),
    .init(name: "credentials.success", meaning: "C2PA success codes of the active manifest"),
    .init(name: "credentials.failure", meaning: "C2PA failure codes of the active manifest"),
    .init(name: "credentials.informational", meaning: "C2PA informational codes of the active manifest"),
    .init(name: "credentials.ingredientFailure", meaning: "C2PA failure codes of the ingredients"),
    .init(
      name: "credentials.digitalSourceType", meaning: "last path part of the types in the manifests' actions"),
    .init(
      name: "credentials.originSourceType",
      meaning: "last path part of the one type that decides what the history says of the whole picture"),
    .init(
      name: "credentials.createdSourceType", meaning: "last path part of the type on the created action"),
    .init(name: "credentials.claimVersion", meaning: "1 or 2"),
    .init(name: "credentials.isUpdate", meaning: "the active manifest is an update, which changes no pixels"),
    .init(name: "credentials.firstAction", meaning: "name of the active manifest's first action"),
    .init(
      name: "credentials.unclearActions", meaning: "actions that are c2pa.unknown or of nobody's standard"),
    .init(name: "credentials.deprecated", meaning: "constructs that writers should not use any more"),
    .init(name: "credentials.signer", meaning: "organisation in the signing certificate"),
    .init(name: "credentials.softwareAgent", meaning: "the software named by the actions or the claim"),
    .init(name: "credentials.softwareAgentVersion", meaning: "its version"),
    .init(name: "credentials.timestamped", meaning: "a time stamp of an authority is in the signature"),
    .init(name: "credentials.timestampTrusted", meaning: "that authority is on the named list"),
    .init(name: "credentials.when", meaning: "the time of the time stamp, or else of the created action"),
    .init(name: "credentials.identifier", meaning: "the active manifest's URN"),
    .init(name: "credentials.actions", meaning: "action names of the active manifest"),
    .init(name: "credentials.allActionsIncluded", meaning: "the claim says that no action was left out"),
    .init(name: "credentials.aiDisclosure", meaning: "a c2pa.ai-disclosure assertion is present"),
    .init(name: "credentials.softBinding", meaning: "values of the soft-binding assertions"),
    .init(name: "credentials.softBindingAlgorithms", meaning: "their algorithms"),
    .init(
      name: "credentials.softBindingReadable", meaning: "one of them names a mark that Assay can read"),
    .init(name: "credentials.trainingMining", meaning: "training and data-mining permissions stated"),
    .init(name: "credentials.ingredients", meaning: "number of ingredients"),
    // metadata
    .init(name: "metadata.digitalSourceType", meaning: "last path part of IPTC DigitalSourceType in XMP"),
    .init(name: "metadata.aiSystemUsed", meaning: "IPTC 2025.1 AISystemUsed"),
    .init(name: "metadata.aiSystemVersionUsed", meaning: "IPTC 2025.1 AISystemVersionUsed"),
    .init(
      name: "metadata.aiSystemAgrees",
      meaning: "AISystemUsed and the credentials' software agent can be the same"),
    .init(name: "metadata.credit", meaning: "credit lines that services write for AI pictures"),
    .init(
      name: "metadata.trainingPermissions",
      meaning: "what PLUS, the TDM reservation and keywords say about training, as name=use"),
    .init(name: "metadata.generators", meaning: "generators that the metadata name"),
    .init(name: "privacy.gps", meaning: "a position is stored"),
    .init(name: "metadata.prompt", meaning: "a prompt's text is stored"),
    .init(name: "privacy.personalNames", meaning: "fields that name a person: artist, owner, prompt writer"),
    .init(name: "metadata.aigc", meaning: "a TC260 AIGC label is present"),
    .init(name: "metadata.aigcFields", meaning: "the label's fields, by name"),
    .init(name: "metadata.aigcLabel", meaning: "its Label: 1 is AI, 2 possibly, 3 suspected"),
    .init(name: "metadata.aigcProducer", meaning: "its ContentProducer"),
    .init(name: "metadata.aigcProduceID", meaning: "its ProduceID"),
    .init(name: "metadata.aigcStrings", meaning: "all of its values are strings"),
    .init(name: "metadata.aigcPlace", meaning: "xmp, userComment, text or segment"),
    // watermark
    .init(name: "watermark.schemes", meaning: "schemes of the marks that were read"),
    .init(name: "watermark.payloads", meaning: "their payloads in hexadecimal"),
    .init(name: "watermark.saysAI", meaning: "a payload that a generator is known to write was read"),
    .init(
      name: "watermark.closed",
      meaning:
        "a scheme that only its maker can read and that may be there; watermark.schemes is then unknown"
    ),
    .init(name: "watermark.boundToCredentials", meaning: "a payload equals a soft-binding value"),
    // detector
    .init(name: "detector.probability", meaning: "calibrated probability that AI made the picture, 0...1"),
    // label
    .init(name: "label.present", meaning: "a visible label was recorded by the generator"),
    .init(name: "label.heightShare", meaning: "height of its text over the picture's shortest side"),
    .init(name: "label.contrast", meaning: "its contrast ratio by WCAG 2"),
    .init(name: "label.text", meaning: "its text"),
    .init(name: "label.atEdge", meaning: "it stands at an edge or in a corner"),
    // pair
    .init(name: "pair.input", meaning: "the file that this one was made of"),
    .init(
      name: "pair.inputMarks",
      meaning: "the input's marks: credentials, digitalSourceType, aigc, credit, watermark"),
    .init(name: "pair.marksLost", meaning: "marks of the input that its output lacks"),
    .init(name: "pair.marksKept", meaning: "marks of the input that its output has"),
    .init(name: "pair.inputIsIngredient", meaning: "the output's credentials list the input"),
    // folder
    .init(name: "folder.files", meaning: "files examined"),
    .init(name: "folder.unreadable", meaning: "files that could not be read"),
    .init(name: "folder.aiFiles", meaning: "files with origin.ai"),
    .init(
      name: "folder.markedShare",
      meaning: "share of those with two layers: signed credentials and a watermark"),
    .init(name: "duplicates.hashed", meaning: "files whose pictures were compared"),
    .init(name: "duplicates.files", meaning: "files that nearly repeat another"),
    .init(name: "duplicates.contradictory", meaning: "groups of near-duplicates that carry different marks"),
    .init(name: "duplicate.others", meaning: "the files that this one nearly repeats"),
    .init(name: "duplicate.marksLacking", meaning: "marks that one of those carries and this one lacks"),
    // report
    .init(name: "report.toolVersion", meaning: "the report names the tool's version"),
    .init(name: "report.rules", meaning: "the report names the rule packs with their versions"),
    .init(name: "report.trustList", meaning: "the report names the trust lists with their hashes"),
    .init(name: "report.clock", meaning: "the report says where its time comes from"),
    .init(name: "report.network", meaning: "the report says whether the network was used"),
    .init(name: "trust.list", meaning: "names of the trust lists that signers were judged by"),
    // project
    .init(name: "project.role", meaning: "provider, deployer, platform, merchant or newsroom"),
    .init(name: "project.marketDate", meaning: "day the system came on the market"),
    .init(name: "project.auditDate", meaning: "day of this audit"),
    .init(name: "project.monthlyUsers", meaning: "users a month"),
    .init(name: "project.freeDetector", meaning: "a free detection tool is offered"),
    .init(name: "project.detectorNamesBasis", meaning: "its result says which method it rests on"),
    .init(name: "project.detectorChannels", meaning: "how it is reached: upload, url, api"),
    .init(name: "project.detectorKeepsContent", meaning: "it keeps what is uploaded"),
    .init(name: "project.errorRatesDocumented", meaning: "false-alarm and miss rates are published with n"),
    .init(name: "project.termsForbidMarkRemoval", meaning: "the terms of use forbid removing marks"),
    .init(
      name: "project.safetyFilter", meaning: "a tested safeguard against intimate and child-abuse imagery"),
    .init(name: "project.modelCards", meaning: "model cards listed by the project"),
    .init(
      name: "project.deepfakes", meaning: "the project shows realistic depictions of real persons or events"),
    .init(name: "project.deepfakeDisclosure", meaning: "how those are disclosed"),
    .init(name: "project.artistic", meaning: "the work is evidently artistic, satirical or fictional"),
    .init(name: "project.watermark.jpeg90", meaning: "share of marks that survive JPEG of quality 90, 0...1"),
    .init(name: "project.watermark.jpeg75", meaning: "the same for quality 75"),
    .init(name: "project.watermark.halfSize", meaning: "the same for half the width and height"),
    .init(name: "project.watermark.crop10", meaning: "the same for a tenth cut off"),
    .init(
      name: "project.watermark.falseAlarms", meaning: "share of unmarked pictures in which the mark is read"),
    .init(name: "project.visibleLabel", meaning: "the project labels AI pictures where people see them"),
  ]
}
