internal import Images

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A white shape at a constant opacity, as the matched filter sees it at one size.
///
/// White at opacity a over a picture I leaves 255 − I′ = (255 − I)(1 − a m), m being the shape's coverage. In
/// u = log(255 − I) the mark is therefore added, a log(1 − a m) that is the same on any ground, and the texture under
/// it keeps its strength. Pictures have spectra like 1/f², which differences make white; so fields of differences are
/// compared.
struct OverlayTemplate: Sendable {
  /// Samples to the neighbour in ``steps``.
  static let lag = 3
  /// See ``DifferenceField/init(_:lag:bend:)``; half of the mark's own logarithm.
  static let bend: Float = 0.5

  /// Samples a side of the square window.
  let side: Int
  /// The shape's width in samples.
  let width: Double
  /// Differences of log(1 − a m) to the next sample: straight ones for the coarse search, bent ones for the score.
  let straight: DifferenceField
  let bent: DifferenceField
  /// Differences over ``lag`` samples, which tell the opacity.
  let steps: DifferenceField
  /// Σ of the squares of each.
  let straightEnergy: Float
  let bentEnergy: Float
  let stepEnergy: Float
  /// 1 everywhere, [side, side].
  let ones: [Float]
  /// Samples of the window that the shape leaves alone.
  let ground: [Int]
  /// Where the shape is: row, column and log(1 − a m).
  let support: [(row: Int, column: Int, value: Float)]

  /// - Parameters:
  ///   - width: samples across the shape.
  ///   - margin: samples on each side of it.
  ///   - covers: whether a point is in the shape; from −1 to 1, the right and the bottom positive.
  init(width: Int, margin: Int, opacity: Double, covers: (_ x: Double, _ y: Double) -> Bool) {
    let side = width + 2 * margin
    let fine = 8
    var plane = Plane(width: side, height: side)
    func place(_ sample: Int, _ part: Int) -> Double {
      2 * (Double(sample - margin) + (Double(part) + 0.5) / Double(fine)) / Double(width) - 1
    }
    for y in margin..<margin + width {
      for x in margin..<margin + width {
        var count = 0
        for v in 0..<fine {
          for u in 0..<fine where covers(place(x, u), place(y, v)) { count += 1 }
        }
        plane[x, y] = Float(log(1 - opacity * Double(count) / Double(fine * fine)))
      }
    }
    self.side = side
    self.width = Double(width)
    straight = DifferenceField(plane)
    bent = DifferenceField(plane, bend: Self.bend)
    steps = DifferenceField(plane, lag: Self.lag)
    straightEnergy = straight.energies.reduce(0, +)
    bentEnergy = bent.energies.reduce(0, +)
    stepEnergy = steps.energies.reduce(0, +)
    ones = [Float](repeating: 1, count: side * side)
    ground = plane.values.indices.filter { plane.values[$0] == 0 }
    support = plane.values.indices.filter { plane.values[$0] != 0 }
      .map { (row: $0 / side, column: $0 % side, value: plane.values[$0]) }
  }
}

extension Plane {
  /// log(255 + softening − I) of samples 0...255, to a sixteenth of a level.
  ///
  /// The softening keeps noise in white from counting.
  func logarithmicRoom() -> Plane {
    var result = self
    roomTable.withUnsafeBufferPointer { table in
      result.values.withUnsafeMutableBufferPointer { values in
        for i in values.indices { values[i] = table[Int(min(255, max(0, values[i])) * 16 + 0.5)] }
      }
    }
    return result
  }
}

private let roomTable = (0...255 * 16).map { log(255 + OverlayFilter.softening - Float($0) / 16) }
