import Diagnostics
import Foundation
import ImageFormats

/// A log of JSON lines, and the curves drawn from it.
struct TrainingLog {
  private struct Line: Codable {
    var step: Int
    var numbers: [String: Float]
    var imagesPerSecond: Double
    var secondsLeft: Double
  }

  private let path: String
  private var lines: [Line] = []

  /// Opens a log, dropping lines past `step`: those steps will be made again.
  init(path: String, upTo step: Int) throws {
    self.path = path
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return }
    // A line that was cut off does not decode and is dropped.
    lines = text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }.filter { $0.step <= step }
    try rewrite()
  }

  private func encode(_ line: Line) throws -> Data {
    Data(try JSONLine.of(line).utf8)
  }

  private func rewrite() throws {
    let data = try lines.reduce(Data()) { try $0 + encode($1) }
    try writeAtomically(Array(data), to: FilePath(path), overwrite: true)
  }

  mutating func append(
    step: Int, numbers: [String: Float], imagesPerSecond: Double, secondsLeft: Double
  ) throws {
    // JSON has no infinities.
    let line = Line(
      step: step, numbers: numbers.filter { $0.value.isFinite }, imagesPerSecond: imagesPerSecond,
      secondsLeft: secondsLeft)
    lines.append(line)
    guard let file = FileHandle(forWritingAtPath: path) else { return try rewrite() }
    defer { try? file.close() }
    try file.seekToEnd()
    try file.write(contentsOf: encode(line))
  }

  /// Each named number over the steps as an SVG, one panel a name.
  func curves() -> String {
    let names = Set(lines.flatMap { $0.numbers.keys }).sorted()
    let (width, height) = (720, 180)
    var svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(max(1, names.count) * height)\" "
      + "font-family=\"sans-serif\" font-size=\"12\">\n"
    let last = Double(max(1, lines.last?.step ?? 1))
    for (row, name) in names.enumerated() {
      let points = lines.compactMap { line in line.numbers[name].map { (Double(line.step), Double($0)) } }
      let low = points.map(\.1).min() ?? 0
      let high = points.map(\.1).max() ?? 1
      let top = Double(row * height) + 24
      let path = points.map { step, value in
        let x = 60 + step / last * Double(width - 80)
        let y = top + (1 - (value - low) / max(high - low, 1e-12)) * Double(height - 50)
        return String(format: "%.1f,%.1f", x, y)
      }
      svg += "<text x=\"60\" y=\"\(Int(top) - 8)\">\(name)</text>\n"
      svg += "<text x=\"4\" y=\"\(Int(top) + 8)\">\(String(format: "%.4g", high))</text>\n"
      svg += "<text x=\"4\" y=\"\(Int(top) + height - 50)\">\(String(format: "%.4g", low))</text>\n"
      svg += "<polyline fill=\"none\" stroke=\"#1f5fa8\" points=\"\(path.joined(separator: " "))\"/>\n"
    }
    return svg + "</svg>\n"
  }
}
