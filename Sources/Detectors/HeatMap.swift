public import Images

/// Where in a picture the detector's heads see what.
public struct HeatMap: Sendable {
  /// A window of the grid.
  public struct Cell: Sendable, Hashable {
    public var region: PixelRegion
    /// At even odds, 0...1; nil where the window is too flat to be judged.
    public var probability: Double?

    package init(region: PixelRegion, probability: Double?) {
      (self.region, self.probability) = (region, probability)
    }
  }

  /// Windows on an even grid over the whole picture, row by row, overlapping.
  public var cells: [Cell]
  public var width: Int
  public var height: Int

  package init(cells: [Cell], width: Int, height: Int) {
    (self.cells, self.width, self.height) = (cells, width, height)
  }

  /// The cells of a row.
  var columns: Int { cells.count { $0.region.y == cells[0].region.y } }

  /// The most windows that are judged.
  public static let most = 49

  /// In pixels; the windows of a map show less than a picture that is judged must.
  private static let leastWindow = 64

  /// Squares of half the picture's shorter side, a quarter of their side apart where that is not too many; nil where they
  /// would be too small.
  static func windows(width: Int, height: Int) -> [PixelRegion]? {
    let side = min(width, height) / 2
    guard side >= leastWindow else { return nil }
    func count(_ length: Int, _ step: Double) -> Int { Int((Double(length - side) / step).rounded(.up)) + 1 }
    var step = Double(side) / 4
    while count(width, step) * count(height, step) > most { step *= 1.05 }
    func origins(_ length: Int) -> [Int] {
      let count = count(length, step)
      return (0..<count).map { (length - side) * $0 / max(count - 1, 1) }
    }
    return origins(height).flatMap { y in
      origins(width).map { PixelRegion(x: $0, y: y, width: side, height: side) }
    }
  }

  /// The longer side of a drawing at most, in pixels.
  public static let largestDrawing = 4096

  /// Grey with the tint of -1 (nothing) to 1 (generated).
  private static func tinted(_ grey: Float, _ share: Float) -> (UInt8, UInt8, UInt8) {
    let tint: (Float, Float, Float) = share > 0 ? (255, 140, 0) : (40, 90, 255)
    let mix = abs(share) * 0.6
    let grey = min(max(grey, 0), 255)
    return (
      UInt8(grey * (1 - mix) + tint.0 * mix), UInt8(grey * (1 - mix) + tint.1 * mix),
      UInt8(grey * (1 - mix) + tint.2 * mix)
    )
  }

  /// A drawing with a band below it that tells what its tints stand for.
  ///
  /// - Parameters:
  ///   - drawing: as ``drawing(over:limit:standout:)`` gives it.
  ///   - words: what stands at the band's left, middle and right end; the first of these that fit are taken.
  ///   - least: the share that the left end stands for: -1 for nothing, 0 where nothing speaks against.
  public static func withLegend(_ drawing: Image, words: [[String]], from least: Float = -1) -> Image {
    let width = drawing.width
    let scale = max(1, width / 600)
    let margin = 2 * scale
    func length(_ words: [String]) -> Int {
      words.reduce(0) { $0 + Lettering.width(of: $1, scale: scale) } + (words.count + 1) * 3 * margin
    }
    let chosen = words.first { length($0) <= width } ?? []
    let (bar, text) = (6 * scale, Lettering.height * scale)
    let height = bar + (chosen.isEmpty ? 0 : text + 2 * margin)
    var pixels = [UInt8](repeating: 255, count: width * height * 3)
    for x in 0..<width {
      let share = least + (1 - least) * Float(x) / Float(max(width - 1, 1))
      let (red, green, blue) = tinted(150, share)
      for y in 0..<bar {
        let place = 3 * (y * width + x)
        (pixels[place], pixels[place + 1], pixels[place + 2]) = (red, green, blue)
      }
    }
    for (index, word) in chosen.enumerated() {
      let wide = Lettering.width(of: word, scale: scale)
      let x =
        index == 0
        ? margin : index == chosen.count - 1 ? width - wide - margin : (width - wide) / 2
      Lettering.draw(word, x: x, y: bar + margin, scale: scale, into: &pixels, width: width)
    }
    return Image(
      width: width, height: drawing.height + height, colorModel: .rgb, pixels: drawing.pixels8 + pixels)
  }

  /// The picture in grey, tinted from blue (nothing) over no tint (undecided) to orange (generated).
  ///
  /// Windows called generated are framed as well, so that colour is not the only sign; flat ones stay grey. It is as large as the picture, up to ``largestDrawing``.
  ///
  /// - Parameters:
  ///   - limit: the probability from which a window is framed.
  ///   - standout: a region that is framed twice.
  public func drawing(over luminance: Plane, limit: Double, standout: PixelRegion? = nil) -> Image {
    let scale = min(1, Double(Self.largestDrawing) / Double(max(width, height)))
    let (columns, rows) = (max(1, Int(Double(width) * scale)), max(1, Int(Double(height) * scale)))
    var heat = [Float](repeating: 0, count: columns * rows)
    var weight = heat
    func place(_ value: Int, _ bound: Int) -> Int { min(Int(Double(value) * scale), bound) }
    for cell in cells {
      guard let probability = cell.probability else { continue }
      let region = cell.region
      for y in place(region.y, rows)..<place(region.y + region.height, rows) {
        for x in place(region.x, columns)..<place(region.x + region.width, columns) {
          heat[y * columns + x] += Float(probability)
          weight[y * columns + x] += 1
        }
      }
    }
    let small = luminance.resized(width: columns, height: rows, filter: .box)
    var pixels = [UInt8](repeating: 0, count: columns * rows * 3)
    for index in 0..<columns * rows {
      let share = weight[index] > 0 ? heat[index] / weight[index] * 2 - 1 : 0
      (pixels[3 * index], pixels[3 * index + 1], pixels[3 * index + 2]) = Self.tinted(
        small.values[index], share)
    }
    func mark(_ x: Int, _ y: Int) {
      guard (0..<columns).contains(x), (0..<rows).contains(y) else { return }
      for channel in 0..<3 { pixels[3 * (y * columns + x) + channel] = 255 }
    }
    func frame(_ region: PixelRegion, inset: Int = 0) {
      let (left, top) = (place(region.x, columns) + inset, place(region.y, rows) + inset)
      let (right, bottom) = (
        place(region.x + region.width, columns) - 1 - inset,
        place(region.y + region.height, rows) - 1 - inset
      )
      for x in left...max(left, right) {
        mark(x, top)
        mark(x, bottom)
      }
      for y in top...max(top, bottom) {
        mark(left, y)
        mark(right, y)
      }
    }
    for cell in cells where cell.probability ?? 0 >= limit { frame(cell.region) }
    if let standout {
      frame(standout)
      frame(standout, inset: 3)
    }
    return Image(width: columns, height: rows, colorModel: .rgb, pixels: pixels)
  }
}
