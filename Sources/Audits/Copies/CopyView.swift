import Foundation
public import Images

/// What is kept of a picture to know its copies by.
public struct CopyMark: Sendable, Hashable {
  /// The signs of the 64 lowest frequencies, without the mean, of the picture's middle.
  public let bits: UInt64
  /// Mean luminance of 16×16 blocks of the same middle, row by row.
  public let blocks: [UInt8]

  public init(bits: UInt64, blocks: [UInt8]) {
    self.bits = bits
    self.blocks = blocks
  }
}

/// A part of a picture, in shares of its sides; the middle that marks are made of is 0.1...0.9 both ways.
public struct CopyWindow: Sendable, Hashable {
  public var x: Double
  public var y: Double
  public var width: Double
  public var height: Double

  public init(x: Double, y: Double, width: Double, height: Double) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  /// What marks are made of.
  public static let middle = CopyWindow(x: 0.1, y: 0.1, width: 0.8, height: 0.8)

  /// The whole picture in the frame of another one, whose middle this window shows: 0...1 is that frame, and what lies
  /// outside is not in the other picture.
  public var frame: CopyWindow {
    let (across, down) = (0.8 / width, 0.8 / height)
    return CopyWindow(x: 0.1 - x * across, y: 0.1 - y * down, width: across, height: down)
  }

  /// Whether both pictures show the same up to what no eye sees.
  public var isWhole: Bool {
    abs(frame.x) < 0.012 && abs(frame.y) < 0.012 && abs(frame.width - 1) < 0.02
      && abs(frame.height - 1) < 0.02
  }
}

/// A picture as the search for copies sees it: luminance on a square grid, with running sums, so that every window of it
/// is averaged at the same small cost.
///
/// Cropping moves low frequencies little, and a hash of the middle not at all once the window is right: so pictures are
/// kept by a hash of their middle, and the picture in question is hashed in all windows that may be another's middle,
/// for cuts of up to a twentieth a side on either picture. Sources: DCT hash after C. Zauner 2010, section 3.2.1; block
/// means after B. Yang et al. 2006, doi:10.1109/IIH-MSP.2006.265125.
public struct CopyView: Sendable {
  private static let side = 256
  private static let cells = 32
  private static let blockCount = 16
  /// [side + 1, side + 1]: sums over all above and to the left.
  private let sums: [Double]

  /// - Parameter luminance: upright, 0...255.
  public init(_ luminance: Plane) {
    let side = Self.side
    let plane = luminance.resized(width: side, height: side, filter: .box)
    var sums = [Double](repeating: 0, count: (side + 1) * (side + 1))
    for y in 0..<side {
      var row = 0.0
      for x in 0..<side {
        row += Double(plane.values[y * side + x])
        sums[(y + 1) * (side + 1) + x + 1] = sums[y * (side + 1) + x + 1] + row
      }
    }
    self.sums = sums
  }

  /// Nil for a picture that is too flat to be told from others.
  public var mark: CopyMark? {
    let blocks = means(.middle, count: Self.blockCount)
    guard Self.detail(blocks) != nil else { return nil }
    return CopyMark(
      bits: Self.bits(means(.middle, count: Self.cells)),
      blocks: blocks.map { UInt8(min(max($0.rounded(), 0), 255)) })
  }

  /// Every window that is tried, with its hash; the middle first.
  public var windows: [(window: CopyWindow, bits: UInt64)] {
    var result: [(CopyWindow, UInt64)] = []
    for (y, height) in Self.spans {
      for (x, width) in Self.spans {
        let window = CopyWindow(x: x, y: y, width: width, height: height)
        result.append((window, Self.bits(means(window, count: Self.cells))))
      }
    }
    return result
  }

  /// The hash of any window.
  public func bits(of window: CopyWindow) -> UInt64 { Self.bits(means(window, count: Self.cells)) }

  /// How many windows there are.
  public static var windowCount: Int { spans.count * spans.count }

  /// Start and length along one side of what may be another picture's middle: steps of a fortieth, for cuts from the
  /// picture in question (longer windows) and from the one that is kept (shorter ones).
  static let spans: [(Double, Double)] = [
    (0.1, 0.8),
    (0.1 - 0.025, 0.82), (0.1, 0.82),
    (0.0526, 0.842), (0.0789, 0.842), (0.1052, 0.842),
    (0.0556, 0.889),
    (0.0975, 0.78), (0.1225, 0.78),
    (0.095, 0.76), (0.12, 0.76), (0.145, 0.76),
  ]

  /// How alike this picture is to one that is kept, from −1 to 1, in the window near this one where that is most.
  ///
  /// Compared are second differences of block means: slow gradients, which all skies share, do not count.
  public func likeness(to mark: CopyMark, near start: CopyWindow) -> (value: Double, window: CopyWindow) {
    guard let other = Self.detail(mark.blocks.map(Double.init)) else { return (-1, start) }
    func value(_ window: CopyWindow) -> Double {
      guard window.x >= 0, window.y >= 0, window.x + window.width <= 1, window.y + window.height <= 1,
        let own = Self.detail(means(window, count: Self.blockCount))
      else { return -1 }
      return zip(own, other).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var best = (value: value(start), window: start)
    // Ever smaller steps along each of the four sides.
    for step in [0.0125, 0.00625, 0.003125] {
      var isBetter = true
      var rounds = 0
      while isBetter, rounds < 4 {
        isBetter = false
        rounds += 1
        for (dx, dy, dw, dh) in Self.moves {
          var window = best.window
          window.x += dx * step
          window.y += dy * step
          window.width += dw * step
          window.height += dh * step
          let found = value(window)
          if found > best.value {
            best = (found, window)
            isBetter = true
          }
        }
      }
    }
    return best
  }

  /// Moved, and grown at either end.
  private static let moves: [(Double, Double, Double, Double)] = [
    (1, 0, 0, 0), (-1, 0, 0, 0), (0, 1, 0, 0), (0, -1, 0, 0),
    (0, 0, 1, 0), (0, 0, -1, 0), (0, 0, 0, 1), (0, 0, 0, -1),
    (-1, 0, 1, 0), (1, 0, -1, 0), (0, -1, 0, 1), (0, 1, 0, -1),
  ]

  // MARK: Numbers

  /// Means of count × count equal cells of a window, row by row.
  private func means(_ window: CopyWindow, count: Int) -> [Double] {
    let stride = Self.side + 1
    func edges(_ start: Double, _ length: Double) -> [(Int, Double)] {
      (0...count).map { index in
        let place = min(
          max((start + length * Double(index) / Double(count)) * Double(Self.side), 0), Double(Self.side))
        let whole = min(Int(place), Self.side - 1)
        return (whole, place - Double(whole))
      }
    }
    let (columns, rows) = (edges(window.x, window.width), edges(window.y, window.height))
    let area =
      window.width * window.height * Double(Self.side * Self.side) / Double(count * count)
    var above = [Double](repeating: 0, count: count + 1)
    var result: [Double] = []
    result.reserveCapacity(count * count)
    for (index, (y, down)) in rows.enumerated() {
      let (upper, lower) = (y * stride, (y + 1) * stride)
      let line = columns.map { x, across in
        let first = sums[upper + x] * (1 - across) + sums[upper + x + 1] * across
        let second = sums[lower + x] * (1 - across) + sums[lower + x + 1] * across
        return first * (1 - down) + second * down
      }
      if index > 0 {
        for x in 0..<count {
          result.append((line[x + 1] - line[x] - above[x + 1] + above[x]) / area)
        }
      }
      above = line
    }
    return result
  }

  private static let cosines: [Double] = (1...8).flatMap { frequency in
    (0..<cells).map { cos(Double.pi * Double(frequency) * (Double($0) + 0.5) / Double(cells)) }
  }

  /// Which of the 8×8 lowest frequencies, the mean of rows and of columns left out, are above their median.
  private static func bits(_ means: [Double]) -> UInt64 {
    var rows = [Double](repeating: 0, count: cells * 8)
    for y in 0..<cells {
      for u in 0..<8 {
        var sum = 0.0
        for x in 0..<cells { sum += means[y * cells + x] * cosines[u * cells + x] }
        rows[y * 8 + u] = sum
      }
    }
    var low = [Double](repeating: 0, count: 64)
    for v in 0..<8 {
      for u in 0..<8 {
        var sum = 0.0
        for y in 0..<cells { sum += rows[y * 8 + u] * cosines[v * cells + y] }
        low[v * 8 + u] = sum
      }
    }
    let sorted = low.sorted()
    let median = (sorted[31] + sorted[32]) / 2
    return low.reduce(0) { $0 << 1 | ($1 > median ? 1 : 0) }
  }

  /// Second differences of 16×16 block means, of unit length; nil where they are no more than noise.
  private static func detail(_ blocks: [Double]) -> [Double]? {
    let side = blockCount
    guard blocks.count == side * side else { return nil }
    var result: [Double] = []
    result.reserveCapacity((side - 2) * (side - 2))
    for y in 1..<(side - 1) {
      for x in 1..<(side - 1) {
        let place = y * side + x
        result.append(
          4 * blocks[place] - blocks[place - 1] - blocks[place + 1] - blocks[place - side]
            - blocks[place + side])
      }
    }
    let length = result.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // Rounding to whole levels alone leaves about one and a half a block.
    guard length > 3 * Double(side - 2) else { return nil }
    return result.map { $0 / length }
  }
}
