import Foundation
import Scanning

/// What a robustness run found in the pictures of one folder.
struct RobustnessSet {
  struct Row {
    var survived = 0
    var wrong = 0
    var tried = 0
    /// Processor milliseconds a megapixel.
    var times: [Double] = []
  }

  let name: String
  var pictures = 0
  var refused = 0
  var falseAlarms = 0
  var megapixels: [Double] = []
  var psnr: [Double] = []
  var ssim: [Double] = []
  /// Processor milliseconds a megapixel.
  var embed: [Double] = []
  var ownGrid: [Double] = []
  var search: [Double] = []
  private(set) var rows: [String: Row] = [:]

  init(name: String) { self.name = name }

  mutating func count(_ attack: String, survived: Bool, wrong: Bool, time: Double) {
    rows[attack, default: Row()].tried += 1
    rows[attack, default: Row()].survived += survived ? 1 : 0
    rows[attack, default: Row()].wrong += wrong ? 1 : 0
    rows[attack, default: Row()].times.append(time)
  }
}

/// The sets of one run side by side, and all of their pictures together.
struct RobustnessReport {
  let seed: UInt64
  let attacks: [String]
  let sets: [RobustnessSet]

  private static func median(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.sorted()[values.count / 2]
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }

  private static func number(_ value: Double, _ digits: Int) -> String {
    value.isFinite ? String(format: "%.\(digits)f", value) : "–"
  }

  /// - Parameter command: the arguments, so that a reader can repeat the run.
  func markdown(command: String) -> String {
    var text = """
      # Assay's own mark: robustness, quality, time

      `benchmarks \(command)`

      Seed \(seed); one mark of 64 bits under the open key, of a strength that the writer chooses, read blindly with every \
      bit right or counted as lost. The mean of the sets weighs each set alike. \(Self.machine).


      """
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    func head(_ last: String) -> String {
      line([""] + sets.map(\.name) + [last]) + "|" + String(repeating: "---|", count: sets.count + 2) + "\n"
    }
    func quality(_ name: String, _ digits: Int, _ values: (RobustnessSet) -> [Double]) -> String {
      line(
        ["\(name), mean (worst)"]
          + sets.map {
            "\(Self.number(Self.mean(values($0)), digits)) (\(Self.number(values($0).min() ?? .nan, digits)))"
          } + [Self.number(Self.mean(sets.map { Self.mean(values($0)) }), digits)])
    }
    func time(_ name: String, _ values: (RobustnessSet) -> [Double]) -> String {
      line(
        ["\(name), processor ms/MP, median (slowest)"]
          + sets.map {
            "\(Self.number(Self.median(values($0)), 1)) (\(Self.number(values($0).max() ?? .nan, 1)))"
          } + [Self.number(Self.median(sets.flatMap(values)), 1)])
    }
    text += head("mean of the sets, or median of all")
    text += line(
      ["pictures (refused)"] + sets.map { "\($0.pictures) (\($0.refused))" }
        + ["\(sets.reduce(0) { $0 + $1.pictures }) (\(sets.reduce(0) { $0 + $1.refused }))"])
    text += line(
      ["megapixels, median"] + sets.map { Self.number(Self.median($0.megapixels), 2) }
        + [Self.number(Self.median(sets.flatMap(\.megapixels)), 2)])
    text += quality("PSNR, dB", 2, \.psnr) + quality("SSIM of luminance", 4, \.ssim)
    text += time("embed and read back", \.embed) + time("read, own grid", \.ownGrid)
    text += time("read, whole search, unmarked", \.search)
    text += line(
      ["false alarms, unmarked"] + sets.map { "\($0.falseAlarms)" }
        + ["\(sets.reduce(0) { $0 + $1.falseAlarms })"])
    text += "\n" + head("all, % (95 %, Wilson)")
    for attack in attacks {
      let rows = sets.map { $0.rows[attack] ?? .init() }
      let all = total(attack)
      let interval = ProportionInterval.wilson(all.survived, of: all.tried)
      text += line(
        [attack] + rows.map { "\($0.survived)/\($0.tried)" + ($0.wrong > 0 ? ", \($0.wrong) wrong" : "") }
          + [
            "\(Self.number(100 * Double(all.survived) / Double(all.tried), 1)) "
              + "(\(Self.number(100 * interval.low, 1))–\(Self.number(100 * interval.high, 1)))"
          ])
    }
    return text
  }

  private func total(_ attack: String) -> RobustnessSet.Row {
    sets.reduce(into: RobustnessSet.Row()) { sum, set in
      guard let row = set.rows[attack] else { return }
      sum.survived += row.survived
      sum.wrong += row.wrong
      sum.tried += row.tried
      sum.times += row.times
    }
  }

  func json() throws -> Data {
    let object: [String: Any] = [
      "schema": "assay.watermark-robustness/2", "seed": seed, "machine": Self.machine,
      "sets": sets.map { set in
        [
          "name": set.name, "pictures": set.pictures, "refused": set.refused,
          "falseAlarmsUnmarked": set.falseAlarms,
          "psnr": ["mean": Self.mean(set.psnr), "worst": set.psnr.min() ?? 0],
          "ssim": ["mean": Self.mean(set.ssim), "worst": set.ssim.min() ?? 0],
          "processorMillisecondsPerMegapixel": [
            "embed": Self.median(set.embed), "readOwnGrid": Self.median(set.ownGrid),
            "readUnmarked": Self.median(set.search),
          ],
          "attacks": attacks.compactMap { attack in set.rows[attack].map { Self.object(attack, $0) } },
        ] as [String: Any]
      },
      "all": attacks.map { Self.object($0, total($0)) },
    ]
    return try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
  }

  private static func object(_ attack: String, _ row: RobustnessSet.Row) -> [String: Any] {
    let interval = ProportionInterval.wilson(row.survived, of: row.tried)
    return [
      "name": attack, "survived": row.survived, "tried": row.tried, "wrong": row.wrong,
      "wilson95": [interval.low, interval.high], "readMilliseconds": median(row.times),
    ]
  }

  /// The processor's name and count, and the system's.
  private static var machine: String {
    let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model =
      info.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last ?? "?"
    return
      "\(model.trimmingCharacters(in: .whitespaces)), \(ProcessInfo.processInfo.processorCount) processors, "
      + ProcessInfo.processInfo.operatingSystemVersionString
  }
}
