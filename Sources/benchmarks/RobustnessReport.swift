import Foundation

/// Counts of one robustness run.
struct RobustnessReport {
  struct Row {
    var name: String
    var survived = 0
    var wrong = 0
    var tried = 0
    var times: [Double] = []
  }

  var seed: UInt64
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
  private var rows: [Row] = []

  init(seed: UInt64) { self.seed = seed }

  mutating func count(_ name: String, survived: Bool, wrong: Bool, time: Double) {
    let index =
      rows.firstIndex { $0.name == name }
      ?? {
        rows.append(Row(name: name))
        return rows.count - 1
      }()
    rows[index].tried += 1
    rows[index].survived += survived ? 1 : 0
    rows[index].wrong += wrong ? 1 : 0
    rows[index].times.append(time)
  }

  /// Wilson's 95 % interval.
  static func wilson(_ hits: Int, of tried: Int) -> (low: Double, high: Double) {
    guard tried > 0 else { return (0, 1) }
    let (n, p, z) = (Double(tried), Double(hits) / Double(tried), 1.959964)
    let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return (max(middle - half, 0), min(middle + half, 1))
  }

  private static func median(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.sorted()[values.count / 2]
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }

  private static func number(_ value: Double, _ digits: Int) -> String {
    value.isFinite ? String(format: "%.\(digits)f", value) : "–"
  }

  func markdown(command: String) -> String {
    var text = """
      # Assay's own mark: robustness, quality, time

      `benchmarks \(command)`

      \(pictures) pictures (\(refused) refused), median \(Self.number(Self.median(megapixels), 2)) megapixels; \
      seed \(seed); one mark of 64 bits under the open key, read with every bit right or counted as lost.

      | | mean | worst |
      |---|---|---|
      | PSNR, dB | \(Self.number(Self.mean(psnr), 2)) | \(Self.number(psnr.min() ?? .nan, 2)) |
      | SSIM of luminance | \(Self.number(Self.mean(ssim), 4)) | \(Self.number(ssim.min() ?? .nan, 4)) |

      | processor ms a megapixel | median | slowest |
      |---|---|---|
      | embed and read back | \(Self.number(Self.median(embed), 1)) | \(Self.number(embed.max() ?? .nan, 1)) |
      | read, own grid | \(Self.number(Self.median(ownGrid), 1)) | \(Self.number(ownGrid.max() ?? .nan, 1)) |
      | read, whole search, unmarked | \(Self.number(Self.median(search), 1)) | \
      \(Self.number(search.max() ?? .nan, 1)) |

      False alarms on the unmarked pictures: \(falseAlarms) of \(pictures).

      | attack | survived | % | 95 % interval | wrong payload | read, ms a megapixel |
      |---|---|---|---|---|---|

      """
    for row in rows {
      let interval = Self.wilson(row.survived, of: row.tried)
      text +=
        "| \(row.name) | \(row.survived)/\(row.tried) "
        + "| \(Self.number(100 * Double(row.survived) / Double(row.tried), 1)) "
        + "| \(Self.number(100 * interval.low, 1))–\(Self.number(100 * interval.high, 1)) "
        + "| \(row.wrong) | \(Self.number(Self.median(row.times), 1)) |\n"
    }
    return text
  }

  func json() throws -> Data {
    let object: [String: Any] = [
      "schema": "assay.watermark-robustness/1", "seed": seed, "pictures": pictures, "refused": refused,
      "falseAlarmsUnmarked": falseAlarms, "machine": Self.machine,
      "psnr": ["mean": Self.mean(psnr), "worst": psnr.min() ?? 0],
      "ssim": ["mean": Self.mean(ssim), "worst": ssim.min() ?? 0],
      "processorMillisecondsPerMegapixel": [
        "embed": Self.median(embed), "readOwnGrid": Self.median(ownGrid), "readUnmarked": Self.median(search),
      ],
      "attacks": rows.map { row in
        let interval = Self.wilson(row.survived, of: row.tried)
        return [
          "name": row.name, "survived": row.survived, "tried": row.tried, "wrong": row.wrong,
          "wilson95": [interval.low, interval.high], "readMilliseconds": Self.median(row.times),
        ] as [String: Any]
      },
    ]
    return try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
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
