import ArgumentParser
import Audits
import Evaluation
import Foundation
import ImageFormats
import Images
import Synchronization
import Tensors

/// How well copies are found, how often pictures are taken for copies that are none, and what a look-up costs.
struct CopySearchBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find-copies",
    abstract:
      "Measures the search for copies: recall after changes, false matches of real pictures, time of a look-up.",
    discussion: """
      Every real picture of the index is kept as 'find-copies' keeps it. Some are changed and looked for; all of them are \
      looked for among the others. Pairs of one source are listed apart: bursts and series are copies that nobody \
      labelled. Pairs of two sources are named one by one, so that somebody can look at them.

      EXAMPLE
        benchmarks find-copies pictures/index.csv --most 3000 --output reports/evaluation/find-copies
      """)

  @Argument(help: "An index.csv with path, label, generator, source, repo, split, width and height.")
  var index: String

  @Option(help: "Pictures, at most.")
  var most = Int.max

  @Option(help: "Pictures that are changed and looked for.")
  var changed = 500

  @Option(help: "Pictures of more megapixels are left out.")
  var megapixels = 12.0

  @Option(help: "Hashes that a look-up goes through.")
  var hashes = 100_000

  @Option(help: "Seed of the cuts.")
  var seed: UInt64 = 1

  @Option(help: "Write NAME.json and NAME.md.")
  var output: String?

  func run() throws {
    let list = try LabelledPictures(path: index)
    let items = list.items.filter {
      $0.label == "real" && Double($0.width * $0.height) <= megapixels * 1e6 && min($0.width, $0.height) >= 64
    }.sorted { FingerprintNull.rank($0.path) < FingerprintNull.rank($1.path) }.prefix(most)
    let done = Mutex(0)
    let pictures = try Array(items.enumerated()).mapConcurrently { one, _ -> Picture? in
      let (number, item) = one
      let place = list.folder.appending(path: item.path).path
      let count = done.withLock {
        $0 += 1
        return $0
      }
      if count % 200 == 0 { FileHandle.standardError.write(Data("\(count) of \(items.count)\n".utf8)) }
      guard let decoded = try? ImageFile(path: place).decode() else { return nil }
      let image = decoded.image.oriented(decoded.orientation)
      let view = CopyView(image.luminance())
      let changes =
        number < changed && view.mark != nil ? try Self.changes(of: image, seed &+ UInt64(number)) : []
      return Picture(
        path: item.path, source: item.source, view: view, more: Self.others(view), changes: changes)
    }.compactMap { $0 }
    let comparable = pictures.filter { $0.mark != nil }
    var figures = Figures(
      machine: .current, command: MeasurementFiles.command, pictures: pictures.count,
      flat: pictures.count - comparable.count, leastLikeness: CopyIndex.leastLikeness)
    let lookup = CopyLookup(comparable.map { $0.mark?.bits ?? 0 })
    figures.recall = Self.recall(comparable, lookup)
    try compare(comparable, lookup, list.folder, &figures)
    try time(comparable, list.folder, &figures)
    try MeasurementFiles.write(figures, markdown: figures.markdown, to: output)
  }

  /// What is kept of a picture here: views are large.
  private struct Picture: Sendable {
    var path: String
    var source: String
    var mark: CopyMark?
    var windows: [UInt64]
    /// Hashes of other windows of it, which fill the table of the timing with real pictures' hashes.
    var more: [UInt64]
    var changes: [(name: String, view: CopyView)]

    init(
      path: String, source: String, view: CopyView, more: [UInt64], changes: [(name: String, view: CopyView)]
    ) {
      (self.path, self.source, self.more, self.changes) = (path, source, more, changes)
      mark = view.mark
      windows = mark == nil ? [] : view.windows.map(\.bits)
    }
  }

  private static func others(_ view: CopyView) -> [UInt64] {
    let places = [0.0, 0.13, 0.26, 0.39, 0.52]
    return places.flatMap { y in
      places.map { x in view.bits(of: CopyWindow(x: x, y: y, width: 0.45, height: 0.45)) }
    }
  }

  // MARK: Recall

  private static func changes(of image: Image, _ seed: UInt64) throws -> [(name: String, view: CopyView)] {
    var random = SplitMix(state: seed)
    let image = image.withoutAlpha()
    func jpeg(_ image: Image, _ quality: Int) throws -> Image {
      try ImageFile(bytes: ImageEncoder.jpeg(image, quality: quality)).decode().image
    }
    func half(_ image: Image) -> Image {
      image.resized(width: max(1, image.width / 2), height: max(1, image.height / 2), filter: .bicubic)
    }
    func cut(_ across: Double, _ down: Double) -> Image {
      let width = max(1, Int((Double(image.width) * across).rounded()))
      let height = max(1, Int((Double(image.height) * down).rounded()))
      return image.cropped(
        x: Int.random(in: 0...(image.width - width), using: &random),
        y: Int.random(in: 0...(image.height - height), using: &random), width: width, height: height)
    }
    let cropped = cut(0.95, 0.95)
    let versions: [(String, Image)] = [
      ("JPEG 50", try jpeg(image, 50)),
      ("half size", half(image)),
      ("5 % off both sides' lengths, anywhere, JPEG 90", try jpeg(cropped, 90)),
      ("5 % off one side's length, JPEG 90", try jpeg(cut(0.95, 1), 90)),
      ("5 % off the area, JPEG 90", try jpeg(cut(0.975, 0.975), 90)),
      (
        "5 % off every edge, JPEG 90",
        try jpeg(
          image.centerCropped(
            width: max(1, image.width * 9 / 10), height: max(1, image.height * 9 / 10)), 90)
      ),
      ("all three: 5 % off, half size, JPEG 50", try jpeg(half(cropped), 50)),
    ]
    return versions.map { ($0.0, CopyView($0.1.luminance())) }
  }

  private static func recall(_ pictures: [Picture], _ lookup: CopyLookup) -> [Figures.Recall] {
    var rows: [Figures.Recall] = []
    for (number, picture) in pictures.enumerated() {
      guard let mark = picture.mark else { continue }
      for (name, view) in picture.changes {
        let place =
          rows.firstIndex { $0.change == name }
          ?? {
            rows.append(.init(change: name))
            return rows.count - 1
          }()
        rows[place].tried += 1
        let windows = view.windows
        guard let near = lookup.near(windows.map(\.bits))[number] else { continue }
        rows[place].hashed += 1
        let value = view.likeness(to: mark, near: windows[near.query].window).value
        rows[place].likenesses.append(value)
        if value >= CopyIndex.leastLikeness { rows[place].found += 1 }
      }
    }
    return rows
  }

  // MARK: False matches

  private func compare(
    _ pictures: [Picture], _ lookup: CopyLookup, _ folder: URL, _ figures: inout Figures
  ) throws {
    let answers = try Array(pictures.enumerated()).mapConcurrently { one, _ -> [Figures.Pair] in
      let (number, picture) = one
      let near = lookup.near(picture.windows).filter { $0.key != number }
      guard !near.isEmpty,
        let decoded = try? ImageFile(path: folder.appending(path: picture.path).path).decode()
      else { return [] }
      let view = CopyView(decoded.image.oriented(decoded.orientation).luminance())
      let windows = view.windows
      return near.sorted { $0.key < $1.key }.compactMap { other, found in
        guard let mark = pictures[other].mark else { return nil }
        return Figures.Pair(
          picture: picture.path, other: pictures[other].path,
          isOneSource: picture.source == pictures[other].source,
          likeness: view.likeness(to: mark, near: windows[found.query].window).value)
      }
    }.flatMap { $0 }
    var bySource: [String: Int] = [:]
    for picture in pictures { bySource[picture.source, default: 0] += 1 }
    let within = bySource.values.reduce(0) { $0 + $1 * ($1 - 1) }
    figures.pairsOfTwoSources = pictures.count * (pictures.count - 1) - within
    figures.pairsOfOneSource = within
    figures.hashesNear = answers.count { !$0.isOneSource }
    figures.matchesOfOneSource = answers.count { $0.isOneSource && $0.likeness >= CopyIndex.leastLikeness }
    figures.matchesOfTwoSources = answers.filter { !$0.isOneSource && $0.likeness >= CopyIndex.leastLikeness }
      .sorted { $0.likeness > $1.likeness }
    figures.nearestTurnedDown = answers.filter { !$0.isOneSource && $0.likeness < CopyIndex.leastLikeness }
      .sorted { $0.likeness > $1.likeness }.prefix(10).map { $0 }
  }

  // MARK: Time

  private func time(_ pictures: [Picture], _ folder: URL, _ figures: inout Figures) throws {
    var table = pictures.compactMap { $0.mark?.bits }
    table += pictures.flatMap(\.more)
    guard table.count >= hashes else {
      throw ValidationError("\(pictures.count) pictures give \(table.count) hashes; lower --hashes")
    }
    table = Array(table.prefix(hashes))
    figures.hashes = hashes
    let lookup = CopyLookup(table)
    let clock = ContinuousClock()
    func milliseconds(_ body: () throws -> Void) rethrows -> Double {
      let start = clock.now
      try body()
      return start.duration(to: clock.now) / .milliseconds(1)
    }
    var (fast, plain, scanned, shared): ([Double], [Double], Int, Int) = ([], [], 0, 0)
    for picture in pictures.prefix(60) {
      var (first, second): ([Int: (query: Int, distance: Int)], [Int: (query: Int, distance: Int)]) = (
        [:], [:]
      )
      fast.append(milliseconds { first = lookup.near(picture.windows) })
      plain.append(milliseconds { second = lookup.nearByScan(picture.windows) })
      scanned += second.count
      shared += second.keys.count { first[$0] != nil }
      guard first.allSatisfy({ second[$0.key]?.distance == $0.value.distance || second[$0.key] != nil })
      else {
        throw BenchmarkError("the tables give what is not near")
      }
    }
    figures.lookup = .init(fast)
    figures.scan = .init(plain)
    figures.sharedOfScan = Double(shared) / Double(max(1, scanned))
    // The whole of what the command does behind reading the picture, on an index in a file.
    let path = try Scratch.folder("copies").appending(path: "index.sqlite").path
    let index = try CopyIndex(path: path)
    let blocks = pictures.compactMap { $0.mark?.blocks }
    figures.building = try milliseconds {
      try index.update(
        adding: table.enumerated().map { number, bits in
          CopyIndex.Entry(
            key: Data("\(number)".utf8), file: "\(number).jpg", sha256: "\(number)",
            mark: CopyMark(bits: bits, blocks: blocks[number % blocks.count]))
        })
      _ = try index.load()
    }
    var (loading, searching): ([Double], [Double]) = ([], [])
    for picture in pictures.prefix(30) {
      guard let decoded = try? ImageFile(path: folder.appending(path: picture.path).path).decode() else {
        continue
      }
      let view = CopyView(decoded.image.oriented(decoded.orientation).luminance())
      var loaded: CopyIndex.Loaded?
      loading.append(try milliseconds { loaded = try CopyIndex(path: path).load() })
      guard let loaded else { continue }
      searching.append(try milliseconds { _ = try index.copies(of: "none", view, in: loaded) })
    }
    figures.loading = .init(loading)
    figures.searching = .init(searching)
    Scratch.remove()
  }

  struct Figures: Encodable {
    struct Recall: Encodable {
      var change: String
      var tried = 0
      /// Given by the tables of hashes.
      var hashed = 0
      var found = 0
      var likenesses: [Double] = []

      private enum CodingKeys: CodingKey { case change, tried, hashed, found }

      /// The likeness that all but a share of those that the hashes gave reach.
      func likeness(below share: Double) -> Double? {
        let sorted = likenesses.sorted()
        return sorted.isEmpty ? nil : sorted[Int(share * Double(sorted.count))]
      }
    }

    struct Pair: Encodable, Sendable {
      var picture: String
      var other: String
      var isOneSource: Bool
      var likeness: Double
    }

    struct Times: Encodable {
      var median = 0.0
      var p90 = 0.0

      init() {}

      init(_ values: [Double]) {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return }
        median = sorted[sorted.count / 2]
        p90 = sorted[min(sorted.count - 1, sorted.count * 9 / 10)]
      }

      var text: String { String(format: "%.2f ms (p90 %.2f)", median, p90) }
    }

    var schema = "assay.copies-benchmark/1"
    var machine: Machine
    var command: String
    var pictures: Int
    var flat: Int
    var leastLikeness: Double
    var recall: [Recall] = []
    var pairsOfTwoSources = 0
    var pairsOfOneSource = 0
    /// Pairs of two sources that the tables of hashes gave.
    var hashesNear = 0
    var matchesOfTwoSources: [Pair] = []
    var matchesOfOneSource = 0
    var nearestTurnedDown: [Pair] = []
    var hashes = 0
    var lookup = Times()
    var scan = Times()
    /// Of what the plain scan gives, the share that the tables give.
    var sharedOfScan = 0.0
    var building = 0.0
    var loading = Times()
    var searching = Times()

    init(machine: Machine, command: String, pictures: Int, flat: Int, leastLikeness: Double) {
      (self.machine, self.command) = (machine, command)
      (self.pictures, self.flat, self.leastLikeness) = (pictures, flat, leastLikeness)
    }

    var markdown: String {
      func percent(_ part: Int, _ all: Int) -> String {
        String(format: "%.1f %%", 100 * Double(part) / Double(max(1, all)))
      }
      var text = """
        # Copies: what is found, what is taken for one, what it costs

        `\(command)`; \(machine.processor), \(machine.cores) cores, \(machine.compiler), load \(machine.load).
        \(pictures) real pictures, of which \(flat) are too flat to be told from others and take no part.
        A pair is a match when its hashes are near and its likeness is at least \(leastLikeness).

        | change | looked for | hashes near | found | likeness of all but 2 % |
        |---|---|---|---|---|

        """
      for row in recall {
        text += MeasurementFiles.row([
          row.change, "\(row.tried)", percent(row.hashed, row.tried), percent(row.found, row.tried),
          row.likeness(below: 0.02).map { String(format: "%.2f", $0) } ?? "–",
        ])
      }
      let rate = Double(matchesOfTwoSources.count) / Double(max(1, pairsOfTwoSources)) * 1e6
      text += """

        Of \(pairsOfTwoSources) pairs of pictures of two sources the hashes of \(hashesNear) are near, and \
        \(matchesOfTwoSources.count) match, \(String(format: "%.2f", rate)) in a million; they are listed below. Of \
        \(pairsOfOneSource) pairs of one source \(matchesOfOneSource) match: series, bursts and copies, which nobody \
        labelled.

        | of \(hashes) hashes, \(CopyView.windowCount) windows of a picture | median |
        |---|---|
        | look-up by the tables | \(lookup.text) |
        | every hash compared, same hashes, same run | \(scan.text) |
        | times as fast | \(String(format: "%.0f", scan.median / max(1e-6, lookup.median))) |
        | of what the plain scan finds, found by the tables | \(String(format: "%.1f %%", 100 * sharedOfScan)) |
        | the index in SQLite opened, and its tables read | \(loading.text) |
        | looked up in it: windows hashed, candidates read and compared | \(searching.text) |
        | the index built | \(String(format: "%.0f ms", building)) |

        ## Matches of two sources

        | picture | other | likeness |
        |---|---|---|

        """
      for pair in matchesOfTwoSources {
        text += MeasurementFiles.row([pair.picture, pair.other, String(format: "%.2f", pair.likeness)])
      }
      text += "\n## The most alike that were turned down\n\n| picture | other | likeness |\n|---|---|---|\n"
      for pair in nearestTurnedDown {
        text += MeasurementFiles.row([pair.picture, pair.other, String(format: "%.2f", pair.likeness)])
      }
      return text
    }
  }
}
