import ArgumentParser
import Crypto
import Diagnostics
import Foundation
import ImageFormats
import Images
import Scanning
import VisibleMarks

/// How often visible marks are found in pictures that carry one, and in pictures that do not.
struct VisibleMarkEvaluation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "visible-marks",
    abstract:
      "Looks for visible marks in pictures as found, as sites show them and as social networks send them.",
    discussion: """
      Without --carriers every match is an alarm. With it, recall is counted over the pictures listed there, and \
      alarms over the others.

      EXAMPLE
        benchmarks visible-marks pictures/real --output reports/evaluation/visible-marks-real
        benchmarks visible-marks pictures/real --calibrate
      """)

  @Argument(help: "Folders or files.")
  var paths: [String]

  @Option(help: "A CSV of `sha256,mark`: the pictures that carry a mark, and which.")
  var carriers: String?

  @Option(help: "Read every n-th file only.")
  var every = 1

  @Option(help: "Versions, with commas: found, web, social.")
  var versions = "found,web,social"

  @Flag(help: "Fit what pictures without marks answer, at their other three corners.")
  var calibrate = false

  @Option(help: "Write NAME.json and NAME.md.")
  var output: String?

  private struct Key: Hashable {
    var mark: String
    var version: PictureVersion
  }

  func run() throws {
    let versions = try PictureVersion.list(versions)
    let files = try PictureFiles.all(in: paths).enumerated().filter { $0.offset % every == 0 }.map(\.element)
    if calibrate {
      try fit(files, versions)
    } else {
      try evaluate(files, versions)
    }
  }

  /// Turned and mirrored pictures show their other corners, which no maker marks.
  private func fit(_ files: [String], _ versions: [PictureVersion]) throws {
    let reader = VisibleMarkReader()
    var scores: [String: [Double]] = [:]
    for path in files {
      guard let image = try? ImageFile(path: path).decode().image else { continue }
      for version in versions {
        guard let image = version.apply(to: image) else { continue }
        for corner in [
          image.flippedHorizontally(), image.flippedVertically(), image.rotated(quarterTurns: 2),
        ] {
          let found = reader.candidates(in: corner)
          for mark in reader.marks {
            for placement in mark.placements {
              let score = found.first { $0.mark.id == mark.id && $0.candidate.placement == placement }
              scores["\(mark.id) \(placement.rawValue)", default: []].append(score?.candidate.score ?? 0)
            }
          }
        }
      }
    }
    for (name, scores) in scores.sorted(by: { $0.key < $1.key }) {
      print("\(name): \(scores.count) corners, largest \(scores.sorted().suffix(5))")
      for share in [0.02, 0.005, 0.002] {
        if let null = MarkNull(fitting: scores, share: share) { print("  \(null)") }
      }
    }
  }

  /// Figures of one mark in one version.
  struct Row: Codable {
    var mark: String
    var version: PictureVersion
    var carriers: Int
    var found: Int
    var moved: Int
    var others: Int
    var alarms: Int
  }

  struct Figures: Codable {
    var command: String
    var machine: Machine
    var significance: Double
    var millisecondsAPicture: Double
    var megapixelsAPicture: Double
    var rows: [Row]
    var alarms: [Alarm]
    var missed: [String]
  }

  struct Alarm: Codable {
    var file: String
    var sha256: String
    var version: PictureVersion
    var match: VisibleMarkMatch
  }

  private func evaluate(_ files: [String], _ versions: [PictureVersion]) throws {
    let labels = try readLabels()
    let reader = VisibleMarkReader()
    var rows: [Key: Row] = [:]
    for mark in reader.marks {
      for version in versions {
        rows[Key(mark: mark.id, version: version)] = Row(
          mark: mark.id, version: version, carriers: 0, found: 0, moved: 0, others: 0, alarms: 0)
      }
    }
    var (alarms, missed) = ([Alarm](), [String]())
    var (time, pixels, count) = (Duration.zero, 0, 0)
    for path in files {
      guard let bytes = try? [UInt8](Data(contentsOf: URL(filePath: path))),
        let whole = try? ImageFile(bytes: bytes, name: path).decode().image
      else { continue }
      let digest = SHA256.hash(data: bytes).hexadecimal
      let carried = labels[digest] ?? []
      for version in versions {
        guard let image = version.apply(to: whole) else { continue }
        let start = ContinuousClock.now
        let matches = reader.read(image)
        time += ContinuousClock.now - start
        (pixels, count) = (pixels + image.pixelCount, count + 1)
        for mark in reader.marks {
          let match = matches.first { $0.mark == mark.id }
          let key = Key(mark: mark.id, version: version)
          if carried.contains(mark.id) {
            rows[key]!.carriers += 1
            rows[key]!.found += match == nil ? 0 : 1
            rows[key]!.moved += match?.placement == .moved ? 1 : 0
            if match == nil { missed.append("\(digest) \(mark.id) \(version.rawValue)") }
          } else {
            rows[key]!.others += 1
            rows[key]!.alarms += match == nil ? 0 : 1
            if let match { alarms.append(Alarm(file: path, sha256: digest, version: version, match: match)) }
          }
        }
      }
    }
    let figures = Figures(
      command: MeasurementFiles.command, machine: .current, significance: VisibleMarkReader.significance,
      millisecondsAPicture: time / .milliseconds(1) / Double(max(1, count)),
      megapixelsAPicture: Double(pixels) / 1e6 / Double(max(1, count)),
      rows: reader.marks.flatMap { mark in versions.map { rows[Key(mark: mark.id, version: $0)]! } },
      alarms: alarms, missed: missed)
    try MeasurementFiles.write(figures, markdown: markdown(figures), to: output)
  }

  private func readLabels() throws -> [String: Set<String>] {
    guard let carriers else { return [:] }
    let text = try String(contentsOfFile: carriers, encoding: .utf8)
    return text.split(separator: "\n").dropFirst().reduce(into: [:]) { labels, line in
      let fields = line.split(separator: ",")
      if fields.count >= 2 { labels[String(fields[0]), default: []].insert(String(fields[1])) }
    }
  }

  private func markdown(_ figures: Figures) -> String {
    var text = "# Visible marks\n\n`\(figures.command)`\n\n"
    text += MeasurementFiles.row([
      "mark", "version", "carry it", "found", "95 %", "of them moved", "others", "alarms", "at most (95 %)",
    ])
    text += MeasurementFiles.row([String](repeating: "---", count: 9))
    for row in figures.rows {
      let recall = ProportionInterval.wilson(row.found, of: row.carriers)
      let alarms = ProportionInterval.wilson(row.alarms, of: row.others)
      text += MeasurementFiles.row([
        row.mark, row.version.description, "\(row.carriers)",
        row.carriers == 0 ? "–" : String(format: "%.1f %%", 100 * Double(row.found) / Double(row.carriers)),
        row.carriers == 0 ? "–" : String(format: "%.1f…%.1f %%", 100 * recall.low, 100 * recall.high),
        "\(row.moved)", "\(row.others)", "\(row.alarms)",
        row.others == 0 ? "–" : String(format: "%.2f %%", 100 * alarms.high),
      ])
    }
    text += String(
      format: "\nFound is p ≤ %g. %.1f ms a picture of %.2f megapixels, all marks.\n", figures.significance,
      figures.millisecondsAPicture, figures.megapixelsAPicture)
    if !figures.alarms.isEmpty {
      text += "\nAlarms:\n\n"
      for alarm in figures.alarms {
        text += String(
          format: "- `%@` %@, %@: %@, opacity %.2f, p %.1e\n", String(alarm.sha256.prefix(16)),
          alarm.version.rawValue, alarm.match.mark, alarm.match.placement.rawValue, alarm.match.opacity,
          alarm.match.pValue)
      }
    }
    return text
  }
}
