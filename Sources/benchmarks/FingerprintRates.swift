import ArgumentParser
import Evaluation
import Fingerprints
import Foundation
import ImageFormats
import Images
import Spectra

/// How often fingerprints are found in pictures by generators, none of them by an owner that they were estimated from.
struct FingerprintRates: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fingerprint-rates",
    abstract: "Looks for fingerprints in pictures of owners that the templates were estimated without.",
    discussion: """
      The folder of --run is that of `assay-lab train fingerprint`, whose folder `without` holds the templates without \
      each owner. Crops keep 90 or 70 % of each side of the second version, at a place by chance, and are searched \
      where the whole was recognised.

      EXAMPLE
        benchmarks fingerprint-rates pictures/index.csv --run fingerprint-run --every 3 \
        --output reports/evaluation/fingerprints-rates
      """)

  @Argument(help: "An index.csv with path, label, generator, source, repo, split, width and height.")
  var index: String

  @Option(name: .customLong("run"), help: "Folder of the training run.")
  var folder: String

  @Option(help: "Folder of fingerprints; those that ship by default.")
  var fingerprints: String?

  @Option(help: "Generators whose pictures are read, with commas.")
  var generators: String

  @Option(help: "Read every n-th picture only.")
  var every = 1

  @Option(help: "Write NAME.json and NAME.md.")
  var output: String?

  struct Row: Codable {
    var generator: String
    var repository: String
    var pictures = 0
    /// p ≤ 1e-8: as found, ≤ 1024 px JPEG 85, ≤ 720 px JPEG 70.
    var found = 0
    var web = 0
    var social = 0
    /// Of `web`, after a crop.
    var crop10 = 0
    var crop30 = 0
    var families: [String: Int] = [:]
    var medians: [Double] = []
  }

  struct Figures: Codable {
    var command: String
    var machine: Machine
    var rows: [Row]
  }

  func run() throws {
    let prints = try fingerprints.map { try Fingerprint.folder(URL(filePath: $0)) } ?? Fingerprint.shipped()
    let wanted = Set(generators.split(separator: ",").map(String.init))
    let pictures = try LabelledPictures(path: index)
    let chosen = pictures.items.filter { $0.label == "ai" && wanted.contains($0.generator) }
      .sorted { FingerprintNull.rank($0.path) < FingerprintNull.rank($1.path) }
    let owners = Dictionary(grouping: chosen, by: \.owner)
    var rows: [Row] = []
    for (owner, items) in owners.sorted(by: { $0.key < $1.key }) {
      let own = try Self.templates(prints, without: owner, run: folder)
      guard !own.isEmpty else { continue }
      let whole = FingerprintReader(fingerprints: own, effort: .whole)
      let search = FingerprintReader(fingerprints: own)
      for (key, group) in Dictionary(grouping: items, by: { [$0.generator, $0.repository] }).sorted(by: {
        $0.key.joined(separator: "\n") < $1.key.joined(separator: "\n")
      }) {
        var row = Row(generator: key[0], repository: key[1])
        var values = [[Double]](repeating: [], count: 3)
        for item in group.enumerated().filter({ $0.offset % every == 0 }).map(\.element) {
          guard let image = try? ImageFile(path: pictures.file(of: item)).decode().image else { continue }
          row.pictures += 1
          var random = SplitMix(state: FingerprintNull.rank(item.path))
          for (place, version) in PictureVersion.allCases.enumerated() {
            guard let plane = version.apply(to: image)?.luminance() else { continue }
            let reading = whole.read(plane)
            values[place].append((reading.matches.first ?? reading.nearest)?.statistic ?? 0)
            guard let match = reading.matches.first, match.log10PValue <= -8 else { continue }
            switch version {
            case .found:
              row.found += 1
              row.families[match.card.family, default: 0] += 1
            case .web:
              row.web += 1
              row.crop10 += Self.isFound(plane, keeping: 0.9, search, &random) ? 1 : 0
              row.crop30 += Self.isFound(plane, keeping: 0.7, search, &random) ? 1 : 0
            case .social: row.social += 1
            }
          }
        }
        row.medians = values.map { $0.isEmpty ? 0 : $0.sorted()[$0.count / 2] }
        rows.append(row)
      }
    }
    let figures = Figures(command: MeasurementFiles.command, machine: .current, rows: rows)
    try MeasurementFiles.write(figures, markdown: Self.markdown(figures), to: output)
  }

  /// Those without the owner, and of the others those that have nothing from it.
  static func templates(_ prints: [Fingerprint], without owner: String, run: String) throws -> [Fingerprint] {
    let folder = URL(filePath: run).appending(path: "without/\(owner)")
    let replaced = FileManager.default.fileExists(atPath: folder.path) ? try Fingerprint.folder(folder) : []
    return prints.compactMap { fingerprint in
      if let other = replaced.first(where: { $0.id == fingerprint.id }) { return other }
      return fingerprint.card.sources.contains { $0.hasPrefix(owner + "/") } ? nil : fingerprint
    }
  }

  private static func isFound(
    _ plane: Plane, keeping share: Double, _ reader: FingerprintReader, _ random: inout SplitMix
  ) -> Bool {
    let (width, height) = (Int(Double(plane.width) * share), Int(Double(plane.height) * share))
    let (x, y) = (
      Int(random.unit() * Double(plane.width - width + 1)),
      Int(random.unit() * Double(plane.height - height + 1))
    )
    let reading = reader.read(plane.cropped(x: x, y: y, width: width, height: height))
    return (reading.matches.first?.log10PValue ?? 0) <= -8
  }

  private static func markdown(_ figures: Figures) -> String {
    var text = "# Fingerprints: found in pictures of held-out owners\n\n`\(figures.command)`\n\n"
    text +=
      "Found is p ≤ 1e-8 after all trials, by templates that were estimated without the owner. Versions: as found; at most 1024 px, JPEG 85 (web); at most 720 px, JPEG 70 (social). Crops keep 90 and 70 % of each side of the web version; shares of those found whole.\n\n"
    text += MeasurementFiles.row([
      "generator as labelled", "repository", "pictures", "as found", "web", "social", "crop to 90 %",
      "to 70 %",
      "median T", "named",
    ])
    text += MeasurementFiles.row([String](repeating: "---", count: 10))
    func share(_ count: Int, _ total: Int) -> String {
      total == 0 ? "–" : String(format: "%.0f %%", 100 * Double(count) / Double(total))
    }
    for row in figures.rows {
      let names = row.families.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      text += MeasurementFiles.row([
        row.generator, row.repository, "\(row.pictures)", share(row.found, row.pictures),
        share(row.web, row.pictures), share(row.social, row.pictures), share(row.crop10, row.web),
        share(row.crop30, row.web),
        row.medians.map { String(format: "%.1f", $0) }.joined(separator: " / "), names,
      ])
    }
    let total = figures.rows
    func sum(_ value: (Row) -> Int) -> Int { total.reduce(0) { $0 + value($1) } }
    let (pictures, web) = (sum(\.pictures), sum(\.web))
    text += MeasurementFiles.row([
      "all", "", "\(pictures)", share(sum(\.found), pictures), share(web, pictures),
      share(sum(\.social), pictures), share(sum(\.crop10), web), share(sum(\.crop30), web), "", "",
    ])
    return text
      + "\n\(figures.machine.processor), \(figures.machine.cores) cores, \(figures.machine.compiler).\n"
  }
}
