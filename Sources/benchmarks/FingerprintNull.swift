import ArgumentParser
import Evaluation
import Fingerprints
import Foundation
import ImageFormats
import Images
import Spectra

/// What fingerprints answer to pictures that no generator made.
struct FingerprintNull: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fingerprint-null",
    abstract: "Reads real pictures and crops of them for fingerprints, and holds T against the normal law.",
    discussion: """
      Pictures are taken in an order that has nothing to do with their names, so that any beginning of it is a fair \
      sample. What was read is kept in the folder of --run: interrupt it, give the same command again, and it goes on.

      EXAMPLE
        benchmarks fingerprint-null pictures/index.csv --run null-run --minutes 20 \
        --output reports/evaluation/fingerprints-null
      """)

  @Argument(help: "An index.csv with path, label, generator, source, repo, split, width and height.")
  var index: String

  @Option(name: .customLong("run"), help: "Folder that keeps what was read.")
  var folder: String

  @Option(help: "Versions, with commas: found, web, social.")
  var versions = "found,web,social"

  @Option(help: "Crops of each picture, of one of its versions each, read with the search of crops; 0 to 10.")
  var crops = 1

  @Option(help: "Pictures, at most.")
  var most = Int.max

  @Option(help: "Pictures of more megapixels are left out.")
  var megapixels = 8.0

  @Option(help: "Minutes of processor time after which this run ends.")
  var minutes = Double.infinity

  @Option(help: "Folder of fingerprints; those that ship by default.")
  var fingerprints: String?

  @Option(help: "Write NAME.json, NAME.md and NAME.svg.")
  var output: String?

  func validate() throws {
    guard (0...10).contains(crops) else { throw ValidationError("--crops must be 0...10") }
  }

  func run() throws {
    let versions = try PictureVersion.list(versions)
    let prints = try fingerprints.map { try Fingerprint.folder(URL(filePath: $0)) } ?? Fingerprint.shipped()
    let pictures = try LabelledPictures(path: index)
    let chosen = pictures.items.filter {
      $0.label == "real" && Double($0.width * $0.height) <= megapixels * 1e6
    }.sorted { Self.rank($0.path) < Self.rank($1.path) }.prefix(most)
    var journal = try FingerprintJournal(
      folder: folder, names: prints.map(\.id), settings: "\(self.versions) \(crops)")
    let study = FingerprintStudy(prints, crops: crops)
    let start = ProcessorTime.milliseconds
    for item in chosen where !journal.done.contains(item.path) {
      guard ProcessorTime.milliseconds - start < minutes * 60_000 else { break }
      let readings = study.readings(of: pictures.file(of: item), named: item.path, versions: versions)
      try journal.enter(item.path, readings)
    }
    print(
      "\(journal.done.count) of \(chosen.count) pictures, \(Int((ProcessorTime.milliseconds - start) / 1000)) s of processor time"
    )
    let figures = FingerprintNullFigures(
      journal, fingerprints: prints, versions: versions, pictures: chosen.count)
    guard let output else { return }
    try figures.write(to: output)
  }

  /// A number that a picture's name decides and nothing else.
  static func rank(_ path: String) -> UInt64 {
    // FNV-1a, and a last mixing so that its upper bits count.
    var value = path.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    value ^= value >> 31
    value = value &* 0x9E37_79B9_7F4A_7C15
    return value ^ (value >> 29)
  }
}

extension PictureVersion {
  /// `found,web` as versions.
  static func list(_ text: String) throws -> [PictureVersion] {
    try text.split(separator: ",").map { name in
      guard let version = PictureVersion(rawValue: String(name)) else {
        throw ValidationError("no version is called \(name)")
      }
      return version
    }
  }
}

/// One version of a picture, or one crop of it, as the fingerprints answered.
struct FingerprintAnswer: Codable {
  var version: PictureVersion
  /// Of a whole picture, in thousandths: [fingerprint × weighting], and [fingerprint × (7 ways × weighting)].
  var upright: [Int]?
  var turned: [Int]?
  /// Of a crop: x, y, width and height in pixels.
  var crop: [Int]?
  /// The best fingerprint after all trials.
  var name: String
  var statistic: Double
  var log10PValue: Double
  var geometry: String
}

/// Reads pictures for every fingerprint.
struct FingerprintStudy {
  let whole: FingerprintReader
  let search: FingerprintReader
  let crops: Int

  init(_ fingerprints: [Fingerprint], crops: Int) {
    whole = FingerprintReader(fingerprints: fingerprints, effort: .whole)
    search = FingerprintReader(fingerprints: fingerprints)
    self.crops = crops
  }

  /// Empty where the picture cannot be read.
  func readings(of path: String, named name: String, versions: [PictureVersion]) -> [FingerprintAnswer] {
    guard let image = try? ImageFile(path: path).decode().image else { return [] }
    var random = SplitMix(state: FingerprintNull.rank(name))
    var answers: [FingerprintAnswer] = []
    let planes = versions.compactMap { version in
      version.apply(to: image).map { (version: version, plane: $0.luminance()) }
    }
    for (version, plane) in planes {
      if let answer = answer(plane, version) { answers.append(answer) }
    }
    for _ in 0..<crops where !planes.isEmpty {
      let (version, plane) = planes[Int(random.next() % UInt64(planes.count))]
      if let answer = crop(of: plane, version, &random) { answers.append(answer) }
    }
    return answers
  }

  private func answer(_ plane: Plane, _ version: PictureVersion) -> FingerprintAnswer? {
    guard let all = whole.answers(to: plane),
      let best = all.reading.matches.first ?? all.reading.nearest
    else { return nil }
    func thousandths(_ values: [[Double]]) -> [Int] { values.joined().map { Int(($0 * 1000).rounded()) } }
    return FingerprintAnswer(
      version: version, upright: thousandths(all.upright), turned: thousandths(all.turned), crop: nil,
      name: best.card.name, statistic: best.statistic, log10PValue: best.log10PValue,
      geometry: best.geometry.title)
  }

  /// A part with 55 to 98 % of each side at a place by chance.
  private func crop(
    of plane: Plane, _ version: PictureVersion, _ random: inout SplitMix
  ) -> FingerprintAnswer? {
    let share = 0.55 + 0.43 * random.unit()
    let other = min(0.98, max(0.55, share + 0.1 * (random.unit() - 0.5)))
    let (width, height) = (Int(Double(plane.width) * share), Int(Double(plane.height) * other))
    guard min(width, height) >= FingerprintReader.leastSide else { return nil }
    let (x, y) = (
      Int(random.unit() * Double(plane.width - width + 1)),
      Int(random.unit() * Double(plane.height - height + 1))
    )
    let reading = search.read(plane.cropped(x: x, y: y, width: width, height: height))
    guard let best = reading.matches.first ?? reading.nearest else { return nil }
    return FingerprintAnswer(
      version: version, upright: nil, turned: nil, crop: [x, y, width, height], name: best.card.name,
      statistic: best.statistic, log10PValue: best.log10PValue, geometry: best.geometry.title)
  }
}

/// What was read so far, a line a picture.
struct FingerprintJournal {
  struct Entry: Codable {
    var file: String
    var answers: [FingerprintAnswer]
  }

  private struct Head: Codable, Equatable {
    var fingerprints: [String]
    var settings: String
  }

  private(set) var done: Set<String> = []
  private(set) var entries: [Entry] = []
  private let handle: FileHandle
  private let encoder = JSONEncoder()

  /// - Throws: when the folder holds a run with other fingerprints or settings.
  init(folder: String, names: [String], settings: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let url = URL(filePath: folder).appending(path: "answers.jsonl")
    let head = Head(fingerprints: names, settings: settings)
    if let data = try? Data(contentsOf: url), let end = data.firstIndex(of: 0x0A) {
      guard try JSONDecoder().decode(Head.self, from: data[..<end]) == head else {
        throw ValidationError("\(url.path) is of a run with other fingerprints or settings")
      }
      // A line that an interruption cut is read again.
      for line in data[(end + 1)...].split(separator: 0x0A) {
        guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line)) else { continue }
        entries.append(entry)
        done.insert(entry.file)
      }
    } else {
      try (try encoder.encode(head) + Data([0x0A])).write(to: url)
    }
    handle = try FileHandle(forUpdating: url)
    try handle.seekToEnd()
    if let last = try? Data(contentsOf: url).last, last != 0x0A {
      try handle.write(contentsOf: Data([0x0A]))
    }
  }

  mutating func enter(_ file: String, _ answers: [FingerprintAnswer]) throws {
    let entry = Entry(file: file, answers: answers)
    try handle.write(contentsOf: try encoder.encode(entry) + Data([0x0A]))
    entries.append(entry)
    done.insert(file)
  }
}
