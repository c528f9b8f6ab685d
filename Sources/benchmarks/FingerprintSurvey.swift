import ArgumentParser
import Evaluation
import Fingerprints
import Foundation
import ImageFormats
import Images

/// Which generators leave a pattern that holds on a repository it was not estimated from, and which do not.
struct FingerprintSurvey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fingerprint-survey",
    abstract:
      "Tries to estimate a fingerprint of every generator of an index, and reads its pictures for those that ship.",
    discussion: """
      A generator's pictures are parted by repository, or by chance where all are of one; a template is estimated \
      from one part and looked for in the other, each way round. Both starts of the training are tried, the better \
      is told.

      EXAMPLE
        benchmarks fingerprint-survey pictures/index.csv --output reports/evaluation/fingerprints-generators
      """)

  @Argument(help: "An index.csv with path, label, generator, source, repo, split, width and height.")
  var index: String

  @Option(help: "Pictures of a generator, at most.")
  var most = 40

  @Option(help: "The fewest pictures that a generator must have.")
  var least = 10

  @Option(help: "Write NAME.json and NAME.md.")
  var output: String?

  struct Row: Codable {
    var generator: String
    var pictures: Int
    var repositories: Int
    /// Whether the parts are of different repositories.
    var isParted: Bool
    /// Pictures that the templates were estimated from, and shares of the other part above 6 with their median T.
    var members: Int
    var held: Int
    var above6: Int
    var median: Double
    /// By family, how many carry a fingerprint that ships at p ≤ 1e-8.
    var shipped: [String: Int]
  }

  struct Figures: Codable {
    var command: String
    var machine: Machine
    var rows: [Row]
  }

  func run() throws {
    let pictures = try LabelledPictures(path: index)
    let reader = try FingerprintReader.shipped(effort: .whole)
    let groups = Dictionary(grouping: pictures.items.filter { $0.label == "ai" }, by: \.generator)
    var rows: [Row] = []
    for (generator, items) in groups.sorted(by: { $0.key < $1.key }) where items.count >= least {
      let chosen = items.sorted { FingerprintNull.rank($0.path) < FingerprintNull.rank($1.path) }.prefix(most)
      var read: [(repository: String, spectrum: PackedSpectrum)] = []
      var shipped: [String: Int] = [:]
      for item in chosen {
        guard let plane = try? ImageFile(path: pictures.file(of: item)).decode().image.luminance(),
          min(plane.width, plane.height) >= FingerprintReader.leastSide
        else { continue }
        read.append((item.repository, PackedSpectrum(WhitenedSpectrum(of: plane))))
        if let match = reader.read(plane).matches.first, match.log10PValue <= -8 {
          shipped[match.card.family, default: 0] += 1
        }
      }
      rows.append(Self.row(generator, read, shipped))
      print("\(generator): \(rows[rows.count - 1].above6) of \(rows[rows.count - 1].held)")
    }
    let figures = Figures(command: MeasurementFiles.command, machine: .current, rows: rows)
    try MeasurementFiles.write(figures, markdown: Self.markdown(figures), to: output)
  }

  private static func row(
    _ generator: String, _ read: [(repository: String, spectrum: PackedSpectrum)], _ shipped: [String: Int]
  ) -> Row {
    let counts = Dictionary(grouping: read.indices, by: { read[$0].repository })
      .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
    // The largest repository against the others; by turns where the others have too few.
    let largest = counts.first?.value ?? []
    let isParted = read.count - largest.count >= FingerprintEstimator.leastPictures
    let first = isParted ? largest : read.indices.filter { $0 % 2 == 0 }
    let inside = Set(first)
    let second = read.indices.filter { !inside.contains($0) }
    var best = Row(
      generator: generator, pictures: read.count, repositories: counts.count, isParted: isParted, members: 0,
      held: 0, above6: 0, median: 0, shipped: shipped)
    for start in [FingerprintTrainer.Start.alike, .all] {
      var (members, values) = (0, [Double]())
      for (from, to) in [(first, second), (second, first)] {
        guard let trained = try? FingerprintTrainer(start: start).train(from.map { read[$0].spectrum }) else {
          continue
        }
        members += trained.members.count
        let fingerprint = Fingerprint(
          card: .init(name: "survey", family: generator), template: trained.template)
        values += to.map { read[$0].spectrum.spectrum.statistic(of: fingerprint) }
      }
      let above = values.count { $0 > 6 }
      guard !values.isEmpty, best.held == 0 || above > best.above6 else { continue }
      values.sort()
      (best.members, best.held, best.above6, best.median) = (
        members, values.count, above, values[values.count / 2]
      )
    }
    return best
  }

  private static func markdown(_ figures: Figures) -> String {
    var text = "# Fingerprints: every generator of the data\n\n`\(figures.command)`\n\n"
    text +=
      "A template is estimated from a part of a generator's pictures and looked for in the other part, both ways. Parts are repositories where there are two or more, otherwise halves by chance, which share whatever that one repository does to its pictures (a size, a frame, a JPEG table), so that only the first kind shows a generator's own pattern.\n\n"
    text += MeasurementFiles.row([
      "generator as labelled", "pictures", "repositories", "estimated from", "looked for in", "T > 6",
      "median T", "carry a fingerprint that ships",
    ])
    text += MeasurementFiles.row([String](repeating: "---", count: 8))
    for row in figures.rows {
      let shipped = row.shipped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      text += MeasurementFiles.row([
        row.generator, "\(row.pictures)", "\(row.repositories)" + (row.isParted ? "" : " (halves)"),
        row.held == 0 ? "nothing shared" : "\(row.members)", "\(row.held)", "\(row.above6)",
        row.held == 0 ? "–" : String(format: "%.1f", row.median), shipped,
      ])
    }
    return text
      + "\n\(figures.machine.processor), \(figures.machine.cores) cores, \(figures.machine.compiler).\n"
  }
}
