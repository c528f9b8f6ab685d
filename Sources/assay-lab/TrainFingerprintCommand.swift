import ArgumentParser
import Console
import Fingerprints
import Foundation
import ImageFormats
import Services

struct TrainFingerprintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fingerprint", abstract: "Estimate the fingerprints of generators from pictures by them.",
    discussion: """
      Recipes are a JSON list: which generators and shapes of the pictures may carry a pattern, and what its card says. Each \
      template keeps of its candidates those that it finds again when it was estimated without them. Every owner \
      of repositories is then left out in turn; the templates without an owner are kept in the folder of the run, \
      where `benchmarks fingerprint-rates` takes them from. --null-figures is what `benchmarks fingerprint-null` wrote.

      EXAMPLE
        assay-lab train fingerprint --data pictures --recipes recipes.json \
        --null-figures fingerprints-null.json -o fingerprints
      """)

  @Option(
    help:
      "Folder of training pictures: index.csv with path, label, generator, source, repo, split, width and height."
  )
  var data: String

  @Option(help: ArgumentHelp("What to estimate from which pictures.", valueName: "json"))
  var recipes: String

  @Option(help: "Follow only the recipes whose names begin so.")
  var beginning: String?

  @Option(
    name: .customLong("null-figures"),
    help: ArgumentHelp("What real pictures answered, for the cards.", valueName: "json"))
  var null: String?

  @Option(
    name: .customLong("training-run"),
    help: ArgumentHelp(
      "Folder of the training run: the card, and the templates without each owner.", valueName: "folder"))
  var folder = "fingerprint-run"

  @Option(name: .shortAndLong, help: "Folder to write the fingerprints into.")
  var output: String

  @Flag(help: "Overwrite what exists.")
  var force = false

  @Flag(help: "Print one JSON object a line: file and bytes.")
  var json = false

  /// What of the null's figures goes into cards.
  private struct NullFigures: Decodable {
    struct Template: Decodable {
      var name: String
      var readings: Int
      var largestDeviation: Double
      var largest: Double
    }
    var templates: [Template]
  }

  func run() throws {
    let wanted = try JSONDecoder().decode(
      [FingerprintRecipe].self, from: Data(contentsOf: URL(filePath: recipes))
    )
    .filter { beginning.map($0.name.hasPrefix) ?? true }
    guard !wanted.isEmpty else { throw ValidationError("no recipe is left to follow") }
    var training = try FingerprintTraining(index: "\(data)/index.csv")
    if let null {
      let figures = try JSONDecoder().decode(NullFigures.self, from: Data(contentsOf: URL(filePath: null)))
      for row in figures.templates {
        training.nulls[row.name] = .init(
          pictures: row.readings, deviation: row.largestDeviation, largest: row.largest)
      }
    }
    let files = FileManager.default
    try files.createDirectory(atPath: output, withIntermediateDirectories: true)
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var outcomes: [FingerprintTraining.Outcome] = []
    for recipe in wanted {
      let outcome = try training.run(recipe) { Terminal.error($0 + "\n") }
      for (owner, fingerprint) in outcome.without {
        let place = "\(folder)/without/\(owner)"
        try files.createDirectory(atPath: place, withIntermediateDirectories: true)
        try writeAtomically(
          fingerprint.fileBytes(), to: "\(place)/\(fingerprint.id).fingerprint", overwrite: true)
      }
      let bytes = try outcome.fingerprint.fileBytes()
      let file = "\(output)/\(outcome.fingerprint.id).fingerprint"
      try writeAtomically(bytes, to: file, overwrite: force)
      try reportWeights(file, bytes: bytes.count, json: json)
      outcomes.append(outcome)
    }
    try writeAtomically(
      Array(FingerprintCard.markdown(outcomes).utf8), to: "\(folder)/card.md", overwrite: true)
    Terminal.error("the card is \(folder)/card.md\n")
  }
}

/// The card of fingerprints, for people.
enum FingerprintCard {
  static func markdown(_ outcomes: [FingerprintTraining.Outcome]) -> String {
    func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    var text =
      "| template | pictures (left out) | null: readings, deviation, largest T | repositories | SHA-256 of the pictures |\n|---|---|---|---|---|\n"
    for outcome in outcomes {
      let card = outcome.fingerprint.card
      let null =
        card.null.pictures == 0
        ? "not measured"
        : String(format: "%d, %.2f, %.2f", card.null.pictures, card.null.deviation, card.null.largest)
      text += row([
        "`\(card.name)`", "\(card.trainingPictures) (\(card.leftOut))", null,
        card.sources.joined(separator: ", "), "`\(card.picturesDigest.prefix(16))…`",
      ])
    }
    text +=
      "\nEach repository against a template estimated without its owner; found is p ≤ 1e-8 for this one template, as found.\n\n"
    text +=
      "| template | repository | candidates | of them in the template | found without them | median T |\n|---|---|---|---|---|---|\n"
    for outcome in outcomes {
      for held in outcome.held {
        let share = held.found.map {
          "\($0) (\(Int((100 * Double($0) / Double(max(1, held.candidates))).rounded())) %)"
        }
        text += row([
          "`\(outcome.fingerprint.id)`", held.repository, "\(held.candidates)", "\(held.members)",
          share ?? "nothing left to estimate from", held.median.map { String(format: "%.1f", $0) } ?? "–",
        ])
      }
    }
    return text
  }
}
