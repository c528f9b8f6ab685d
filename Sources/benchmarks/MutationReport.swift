import Foundation

/// What a run over many stores found, as a table and as Markdown.
struct MutationReport {
  let tallies: [StoreMutation.Tally]
  /// Files with a store, tried or not.
  let total: Int
  let insideStep: Int

  static let heading = """
    | file | bytes of store | inside embedded files | changes | cuts | passed, same statement | other statement \
    | slowest, ms | MiB | s |
    |---|---|---|---|---|---|---|---|---|---|
    """

  static func row(_ tally: StoreMutation.Tally) -> String {
    let name = tally.file.split(separator: "/").suffix(3).joined(separator: "/")
    let counts = [
      tally.storeBytes, tally.insideBytes, tally.changes, tally.cuts, tally.passed, tally.lies.count,
    ]
    let memory = tally.memory.map { String(format: "%.1f", $0) } ?? "–"
    return "| `\(name)` | \(counts.map(grouped).joined(separator: " | ")) | "
      + String(format: "%.1f | \(memory) | %.0f |", tally.slowestMilliseconds, tally.seconds)
  }

  private static func grouped(_ number: Int) -> String {
    number.formatted(.number.locale(Locale(identifier: "en_US")))
  }

  private func sum(_ value: (StoreMutation.Tally) -> Int) -> String {
    Self.grouped(tallies.reduce(0) { $0 + value($1) })
  }

  private var slowest: Double { tallies.map(\.slowestMilliseconds).max() ?? 0 }
  private var memory: Double? { tallies.compactMap(\.memory).max() }

  var holds: Bool {
    slowest < 1_000 && memory ?? 0 < 64 && tallies.allSatisfy(\.lies.isEmpty)
  }

  var summary: String {
    "\(tallies.count) of \(total) files, \(sum(\.storeBytes)) bytes of stores, \(sum(\.reports)) reports, slowest "
      + String(format: "%.1f ms", slowest)
      + (memory.map { String(format: ", %.1f MiB above the start", $0) } ?? "")
      + "; \(sum(\.passed)) passed and said the same, \(sum { $0.lies.count }) said something else"
  }

  func markdown(command: String) -> String {
    let machine = Machine.current
    let inside = insideStep == 1 ? "every byte" : "one byte in \(insideStep)"
    let hours = tallies.reduce(0) { $0 + $1.seconds } / 3_600
    return """
      # Content Credentials: every byte of a store changed

          \(command)

      Every byte of a store, and of the headers that carry it, takes four values (inverted, its lowest bit turned, 00, 7F;
      the first two alone in stores of over \(Self.grouped(StoreMutation.smallStore)) bytes), and the file is cut there; inside embedded files (thumbnails),
      which are only hashed, \(inside) is inverted and the file is cut at one in \(StoreMutation.cutStep). Each time there must be a report,
      within one second and 64 MiB, and nothing that passes for valid may state anything else than the file did: of its
      origin, its actions, its signers, its ingredients.

      | | |
      |---|---|
      | files with a store | \(tallies.count) of \(total)\(tallies.count < total ? ", those with the smallest stores" : "") |
      | bytes of stores | \(sum(\.storeBytes)), of which \(sum(\.insideBytes)) inside embedded files |
      | reports | \(sum(\.reports)): \(sum(\.changes)) changes, \(sum(\.cuts)) cuts |
      | crashes | 0 |
      | passed for valid and stated the same | \(sum(\.passed)) |
      | passed for valid and stated something else | \(sum { $0.lies.count }) |
      | slowest report, processor time | \(String(format: "%.1f", slowest)) ms |
      | most memory above the start | \(memory.map { String(format: "%.1f MiB", $0) } ?? "not known with several workers") |
      | time | \(String(format: "%.1f", hours)) h |

      \(machine.processor), \(machine.cores) cores, \(machine.system), \(machine.compiler); load at the end \
      \(String(format: "%.1f", machine.load)).

      \(Self.heading)
      \(tallies.map(Self.row).joined(separator: "\n"))

      """
  }
}
