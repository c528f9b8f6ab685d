import ArgumentParser
import ContentCredentials
import Foundation

/// Damage at every byte of every store: a report each time, in bounded time and memory.
///
/// Every byte is changed; those outside embedded files (thumbnails), which are only hashed, take four values, and
/// the store is cut there too. Stores of up to 20 kB are changed inside their files, larger ones beside an empty
/// file, so that megabytes are not hashed for each change.
struct CredentialsMutation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credentials-mutation",
    abstract:
      "Change every byte of the stores in files and report the slowest verdict and the memory it took.")

  @Argument(help: "Folders or files with Content Credentials.")
  var paths: [String]

  private struct Tally {
    var reports = 0
    var slowest = 0.0
    var memory = 0.0
    var lies: [String] = []
  }

  func run() throws {
    var total = Tally()
    var files = 0
    var bytes = 0
    for path in listed() {
      guard let data = FileManager.default.contents(atPath: path) else { continue }
      let file = Array(data)
      guard let located = AssetLayout(of: file).stores.first else { continue }
      let before = Memory.reset()
      var tally = Tally()
      mutate(file, Array(located.bytes), located.container, &tally)
      tally.memory = Memory.peak() - before
      files += 1
      bytes += located.bytes.count
      total.reports += tally.reports
      total.slowest = max(total.slowest, tally.slowest)
      total.memory = max(total.memory, tally.memory)
      total.lies += tally.lies.map { "\(path): \($0)" }
      print(
        "\(path): \(located.bytes.count) bytes, \(tally.reports) reports, slowest "
          + String(format: "%.1f ms, %.1f MiB", tally.slowest * 1_000, tally.memory))
      fflush(nil)
    }
    for lie in total.lies { print("LIE \(lie)") }
    print(
      "\(files) files, \(bytes) bytes of stores, \(total.reports) reports, slowest "
        + String(format: "%.1f ms", total.slowest * 1_000)
        + String(format: ", memory %.1f MiB above the start, ", total.memory) + "\(total.lies.count) lies")
    guard total.lies.isEmpty, total.slowest < 1, total.memory < 64 else { throw ExitCode(1) }
  }

  private func listed() -> [String] {
    let endings = ["png", "jpg", "webp", "heic", "avif", "c2pa"]
    return paths.flatMap { path -> [String] in
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue,
        let names = FileManager.default.enumerator(atPath: path)
      else { return [path] }
      return names.compactMap { $0 as? String }.filter { endings.contains(URL(filePath: $0).pathExtension) }
        .sorted().map { "\(path)/\($0)" }
    }
  }

  private func mutate(_ file: [UInt8], _ store: [UInt8], _ container: Range<Int>, _ tally: inout Tally) {
    let reader = CredentialsReader()
    let isSmall = store.count <= 20_000
    // In its file the container's own headers are changed too.
    let base = isSmall ? file : store
    let range = isSmall && !container.isEmpty ? container : 0..<base.count
    let interior = isSmall ? [] : Self.embedded(store)
    func report(_ bytes: [UInt8]) -> CredentialsReport {
      isSmall ? reader.report(on: bytes) : reader.report(on: [], sidecar: bytes)
    }
    let original = report(base)
    func judge(_ bytes: [UInt8], _ what: @autoclosure () -> String) {
      let start = Self.processor()
      let verdict = report(bytes)
      tally.slowest = max(tally.slowest, Self.processor() - start)
      tally.reports += 1
      guard verdict.state == .valid || verdict.state == .trusted else { return }
      let isSame =
        verdict.origin.kind == original.origin.kind
        && verdict.origin.digitalSourceType == original.origin.digitalSourceType
        && verdict.active?.actions == original.active?.actions
      if !isSame { tally.lies.append(what()) }
    }
    var changed = base
    for index in range {
      let value = base[index]
      let isInside = interior.contains { $0.contains(index) }
      for other in isInside ? [value ^ 0xFF] : [value ^ 0xFF, value ^ 0x01, 0x00, 0x7F] where other != value {
        changed[index] = other
        judge(changed, "byte \(index) set to \(other)")
      }
      changed[index] = value
      if !isInside || index % 256 == 0 { judge(Array(base[..<index]), "cut at \(index)") }
    }
  }

  /// Contents of embedded files.
  private static func embedded(_ store: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    func walk(_ boxes: [JUMBFBox]) {
      for box in boxes {
        if box.type == "bidb" { ranges.append(box.payload) }
        walk(box.children)
      }
    }
    walk(JUMBFParser.parse(store[...]).boxes)
    return ranges
  }

  private static func processor() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// Resident memory of this process in MiB, as Linux counts it.
private enum Memory {
  /// Sets the peak back to what is resident now, and gives that.
  static func reset() -> Double {
    try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    return status("VmRSS:")
  }

  static func peak() -> Double { status("VmHWM:") }

  private static func status(_ name: String) -> Double {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
    return (line.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1_024
  }
}
