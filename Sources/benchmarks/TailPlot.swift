import Foundation

/// Shares on a logarithmic axis, as SVG.
struct TailPlot {
  struct Curve {
    var name: String
    var dashed = false
    /// x, and the logarithm of the share.
    var points: [(Double, Double)]
  }

  var title: String
  var x: String
  var xRange: ClosedRange<Double>
  var yRange: ClosedRange<Double>
  var curves: [Curve]

  private static let size = (width: 420.0, height: 320.0)
  private static let margin = (left: 56.0, right: 12.0, top: 28.0, bottom: 44.0)
  private static let colours = ["#666666", "#1b6ca8", "#c0531a", "#3a7d34"]

  /// Several plots side by side.
  static func svg(_ plots: [TailPlot]) -> String {
    let width = size.width * Double(plots.count)
    var text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(width)) \(Int(size.height))\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    for (place, plot) in plots.enumerated() {
      text += "<g transform=\"translate(\(Int(size.width) * place) 0)\">\n\(plot.drawing)</g>\n"
    }
    return text + "</svg>\n"
  }

  private func across(_ value: Double) -> Double {
    let share = (value - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
    return Self.margin.left + share * (Self.size.width - Self.margin.left - Self.margin.right)
  }

  private func down(_ value: Double) -> Double {
    let share = (yRange.upperBound - value) / (yRange.upperBound - yRange.lowerBound)
    return Self.margin.top + share * (Self.size.height - Self.margin.top - Self.margin.bottom)
  }

  private var drawing: String {
    func number(_ value: Double) -> String { String(format: "%.1f", value) }
    func text(_ x: Double, _ y: Double, _ anchor: String, _ content: String) -> String {
      "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(content)</text>\n"
    }
    var result = text(Self.size.width / 2, 18, "middle", title)
    for power in Int(yRange.lowerBound.rounded(.up))...Int(yRange.upperBound) {
      let y = down(Double(power))
      result +=
        "<line x1=\"\(number(across(xRange.lowerBound)))\" x2=\"\(number(across(xRange.upperBound)))\" y1=\"\(number(y))\" y2=\"\(number(y))\" stroke=\"#dddddd\"/>\n"
      result += text(Self.margin.left - 6, y + 4, "end", power == 0 ? "1" : "1e\(power)")
    }
    for tick in Int(xRange.lowerBound.rounded(.up))...Int(xRange.upperBound) {
      result += text(across(Double(tick)), down(yRange.lowerBound) + 16, "middle", "\(tick)")
    }
    result += text(Self.size.width / 2, Self.size.height - 8, "middle", x)
    for (place, curve) in curves.enumerated() {
      let colour = Self.colours[place % Self.colours.count]
      let line = curve.points.filter { xRange.contains($0.0) && yRange.contains($0.1) }
        .map { "\(number(across($0.0))),\(number(down($0.1)))" }.joined(separator: " ")
      let dashes = curve.dashed ? " stroke-dasharray=\"5 4\"" : ""
      result +=
        "<polyline points=\"\(line)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"\(dashes)/>\n"
      let y = Self.margin.top + 14 + 16 * Double(place)
      result +=
        "<line x1=\"\(number(Self.size.width - 150))\" x2=\"\(number(Self.size.width - 126))\" y1=\"\(number(y - 4))\" y2=\"\(number(y - 4))\" stroke=\"\(colour)\" stroke-width=\"2\"\(dashes)/>\n"
      result += text(Self.size.width - 120, y, "start", curve.name)
    }
    return result
  }
}
