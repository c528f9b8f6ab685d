import Evaluation
import Fingerprints
import Foundation
import Scanning

/// The null of fingerprints: false alarms, and T beside the normal law.
struct FingerprintNullFigures: Codable {
  struct Alarms: Codable {
    var readings: String
    var count: Int
    var pictures: Int
    var at1e6: Int
    var at1e8: Int
    /// 95 % upper bound of the share at 1e-8.
    var atMost: Double
    var smallestLog10P: Double
  }

  /// T of one fingerprint over whole pictures, as they are, before any division.
  struct Template: Codable {
    var name: String
    var readings: Int
    var mean: Double
    /// Of the plain weighting, and the largest of the three.
    var deviation: Double
    var largestDeviation: Double
    var largest: Double
  }

  /// How many of all T lie above a bound, beside what the law expects.
  struct Tail: Codable {
    var bound: Double
    var upright: Double
    var turned: Double
    var law: Double
  }

  /// How many crops reach a p-value after all trials; the law expects the p-value itself.
  struct CropTail: Codable {
    var log10P: Double
    var share: Double
  }

  struct Worst: Codable {
    var file: String
    var version: PictureVersion
    var name: String
    var statistic: Double
    var log10P: Double
    var geometry: String
  }

  var command: String
  var machine: Machine
  var pictures: Int
  var ofPictures: Int
  var alarms: [Alarms]
  var templates: [Template]
  var uprightValues: Int
  var turnedValues: Int
  /// T over the card's deviation.
  var tail: [Tail]
  var crops: [CropTail]
  var worst: [Worst]
  var worstCrops: [Worst]

  init(
    _ journal: FingerprintJournal, fingerprints: [Fingerprint], versions: [PictureVersion],
    pictures count: Int
  ) {
    command = MeasurementFiles.command
    machine = .current
    pictures = journal.entries.count { !$0.answers.isEmpty }
    ofPictures = count
    let all = journal.entries.flatMap { entry in entry.answers.map { (file: entry.file, answer: $0) } }
    let whole = all.filter { $0.answer.crop == nil }
    let parts = all.filter { $0.answer.crop != nil }
    alarms = (versions.map { (PictureVersion?.some($0), false) } + versions.map { (.some($0), true) }).map {
      version, isCrop in
      let own = (isCrop ? parts : whole).filter { $0.answer.version == version }
      let strong = own.count { $0.answer.log10PValue <= -8 }
      return Alarms(
        readings: (isCrop ? "crops, " : "") + (version?.description ?? ""), count: own.count,
        pictures: Set(own.map(\.file)).count, at1e6: own.count { $0.answer.log10PValue <= -6 }, at1e8: strong,
        atMost: ProportionInterval.wilson(strong, of: max(1, own.count)).high,
        smallestLog10P: own.map(\.answer.log10PValue).min() ?? 0)
    }
    let weightings = (whole.first?.answer.upright?.count ?? 0) / max(1, fingerprints.count)
    let ways = (whole.first?.answer.turned?.count ?? 0) / max(1, fingerprints.count)
    var (upright, turned) = ([Double](), [Double]())
    templates = fingerprints.enumerated().map { place, fingerprint in
      let divisor = max(Fingerprint.Card.Null.unmeasured.deviation, fingerprint.card.null.deviation)
      var columns = [[Double]](repeating: [], count: weightings)
      for (_, answer) in whole {
        guard let values = answer.upright, let others = answer.turned else { continue }
        for k in 0..<weightings {
          let value = Double(values[place * weightings + k]) / 1000
          columns[k].append(value)
          upright.append(value / divisor)
        }
        turned += others[place * ways..<(place + 1) * ways].map { Double($0) / 1000 / divisor }
      }
      let spreads = columns.map(Self.deviation)
      return Template(
        name: fingerprint.id, readings: columns.first?.count ?? 0, mean: Self.mean(columns.first ?? []),
        deviation: spreads.first ?? 0, largestDeviation: spreads.max() ?? 0,
        largest: columns.joined().max() ?? 0)
    }
    (uprightValues, turnedValues) = (upright.count, turned.count)
    upright.sort()
    turned.sort()
    tail = stride(from: 0.0, through: 6, by: 0.25).map { bound in
      Tail(
        bound: bound, upright: Self.share(of: upright, above: bound),
        turned: Self.share(of: turned, above: bound),
        law: pow(10, NormalLaw.log10Tail(bound)))
    }
    let chances = parts.map(\.answer.log10PValue).sorted()
    crops = stride(from: 0.0, through: -6, by: -0.25).map { bound in
      CropTail(
        log10P: bound, share: Double(chances.count { $0 <= bound }) / Double(max(1, chances.count)))
    }
    worst = Self.worst(whole)
    worstCrops = Self.worst(parts)
  }

  private static func worst(_ answers: [(file: String, answer: FingerprintAnswer)]) -> [Worst] {
    answers.sorted { ($0.answer.log10PValue, $0.file) < ($1.answer.log10PValue, $1.file) }.prefix(10).map {
      Worst(
        file: $0.file, version: $0.answer.version, name: $0.answer.name, statistic: $0.answer.statistic,
        log10P: $0.answer.log10PValue, geometry: $0.answer.geometry)
    }
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(max(1, values.count))
  }

  private static func deviation(_ values: [Double]) -> Double {
    let middle = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
    return (squares / Double(max(1, values.count - 1))).squareRoot()
  }

  /// - Parameter sorted: ascending.
  private static func share(of sorted: [Double], above bound: Double) -> Double {
    guard !sorted.isEmpty else { return 0 }
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] > bound { high = middle } else { low = middle + 1 }
    }
    return Double(sorted.count - low) / Double(sorted.count)
  }

  func write(to name: String) throws {
    try MeasurementFiles.write(
      self, markdown: markdown(plot: URL(filePath: name).lastPathComponent), to: name)
    try Data(plot.utf8).write(to: URL(filePath: name + ".svg"))
  }

  private func markdown(plot: String) -> String {
    var text = "# Fingerprints: the null\n\n`\(command)`\n\n"
    text +=
      "\(pictures) real pictures of \(ofPictures) were read, in an order of chance. Whole pictures are compared as they are; crops keep 55 to 98 % of each side at any place, are not saved anew, and are searched with every stage.\n\n"
    text += MeasurementFiles.row([
      "readings", "count", "p ≤ 1e-6", "p ≤ 1e-8", "at most (95 %)", "smallest p",
    ])
    text += MeasurementFiles.row([String](repeating: "---", count: 6))
    for row in alarms {
      text += MeasurementFiles.row([
        row.readings, "\(row.count)", "\(row.at1e6)", "\(row.at1e8)",
        String(format: "%.3f %%", 100 * row.atMost), String(format: "%.1e", pow(10, row.smallestLog10P)),
      ])
    }
    text +=
      "\n## T beside the normal law\n\n![T beside the normal law](\(plot).svg)\n\nShare of all T above a bound: every template in three weightings over whole pictures as they are (\(uprightValues) values), and the same turned and mirrored (\(turnedValues)), each divided as results are, by the card's deviation or 1.07. Values of one picture hang together.\n\n"
    text += MeasurementFiles.row(["T above", "as they are", "turned, mirrored", "normal law"])
    text += MeasurementFiles.row([String](repeating: "---", count: 4))
    for row in tail where row.bound == row.bound.rounded() || row.bound >= 3.5 && row.bound <= 5 {
      text += MeasurementFiles.row(
        [String(format: "%.2f", row.bound)]
          + [row.upright, row.turned, row.law].map { String(format: "%.1e", $0) })
    }
    text += "\nCrops whose p-value after all trials is at most p:\n\n"
    text += MeasurementFiles.row(["p", "share of crops"])
    text += MeasurementFiles.row(["---", "---"])
    for row in crops where row.log10P == row.log10P.rounded() {
      text += MeasurementFiles.row([
        String(format: "1e%.0f", row.log10P), String(format: "%.1e", row.share),
      ])
    }
    text +=
      "\n## Each template\n\nBefore any division; the deviation of the plain weighting, and the largest of the three.\n\n"
    text += MeasurementFiles.row([
      "template", "readings", "mean", "deviation", "largest deviation", "largest T",
    ])
    text += MeasurementFiles.row([String](repeating: "---", count: 6))
    for row in templates {
      text += MeasurementFiles.row(
        ["`\(row.name)`", "\(row.readings)"]
          + [row.mean, row.deviation, row.largestDeviation, row.largest].map { String(format: "%.3f", $0) })
    }
    for (title, rows) in [("whole pictures", worst), ("crops", worstCrops)] where !rows.isEmpty {
      text += "\n## The worst ten: \(title)\n\n"
      text += MeasurementFiles.row(["T", "p after all trials", "picture", "version", "template", "as"])
      text += MeasurementFiles.row([String](repeating: "---", count: 6))
      for row in rows {
        text += MeasurementFiles.row([
          String(format: "%.2f", row.statistic), String(format: "%.1e", pow(10, row.log10P)), row.file,
          row.version.rawValue, "`\(row.name)`", row.geometry,
        ])
      }
    }
    let load = String(format: "%.1f", machine.load)
    text += "\n\(machine.processor), \(machine.cores) cores, \(machine.compiler); load \(load).\n"
    return text
  }

  /// Both tails on logarithmic axes.
  private var plot: String {
    let floor = -6.5
    func place(_ share: Double) -> Double? { share > 0 ? max(floor, log10(share)) : nil }
    let left = TailPlot(
      title: "T of whole pictures", x: "T", xRange: 0...6, yRange: floor...0,
      curves: [
        .init(
          name: "normal law", dashed: true,
          points: tail.compactMap { row in place(row.law).map { (row.bound, $0) } }),
        .init(
          name: "as they are", points: tail.compactMap { row in place(row.upright).map { (row.bound, $0) } }),
        .init(
          name: "turned, mirrored",
          points: tail.compactMap { row in place(row.turned).map { (row.bound, $0) } }),
      ])
    let right = TailPlot(
      title: "crops, after all trials", x: "−log₁₀ p", xRange: 0...6, yRange: floor...0,
      curves: [
        .init(name: "p itself", dashed: true, points: crops.map { (-$0.log10P, $0.log10P) }),
        .init(name: "crops", points: crops.compactMap { row in place(row.share).map { (-row.log10P, $0) } }),
      ])
    return TailPlot.svg([left, right])
  }
}
