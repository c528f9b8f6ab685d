public import Images

/// The orthonormal type-II DCT of 8×8 blocks.
///
/// Source: Ahmed et al. 1974, doi:10.1109/T-C.1974.223784
public enum BlockTransform {
  /// - Parameter plane: [H, W].
  /// - Returns: [H/8, W/8, 8, 8]; [0, 0] is DC (8 times the block's mean), [v, u] has u half-periods across
  ///   and v down.
  /// - Throws: ``SpectrumError`` naming a side not divisible by 8.
  public static func forward(_ plane: Plane) throws(SpectrumError) -> [Float] {
    guard plane.width % 8 == 0, plane.height % 8 == 0 else {
      throw .sides(plane.width, plane.height, need: "8×8 blocks need sides divisible by 8")
    }
    let (columns, rows) = (plane.width / 8, plane.height / 8)
    return [Float](unsafeUninitializedCapacity: plane.values.count) { out, used in
      plane.values.withUnsafeBufferPointer { source in
        for by in 0..<rows {
          for bx in 0..<columns {
            let block = DCTBlock(source.baseAddress! + by * 8 * plane.width + bx * 8, stride: plane.width)
            block.transformed().store(out.baseAddress! + (by * columns + bx) * 64)
          }
        }
      }
      used = plane.values.count
    }
  }

  /// The plane whose blocks have these coefficients.
  ///
  /// - Throws: ``SpectrumError`` when the sides aren't divisible by 8 or don't match the count.
  public static func inverse(_ coefficients: [Float], width: Int, height: Int) throws(SpectrumError) -> Plane
  {
    guard width > 0, height > 0, width % 8 == 0, height % 8 == 0, coefficients.count == width * height else {
      throw .sides(width, height, need: "\(coefficients.count) coefficients make whole 8×8 blocks")
    }
    var plane = Plane(width: width, height: height)
    coefficients.withUnsafeBufferPointer { source in
      plane.values.withUnsafeMutableBufferPointer { target in
        for by in 0..<height / 8 {
          for bx in 0..<width / 8 {
            let block = DCTBlock(source.baseAddress! + (by * (width / 8) + bx) * 64, stride: 8).restored()
            let place = target.baseAddress! + by * 8 * width + bx * 8
            for (index, row) in block.rows.enumerated() {
              UnsafeMutableRawPointer(place + index * width).storeBytes(of: row, as: SIMD8<Float>.self)
            }
          }
        }
      }
    }
    return plane
  }
}

/// How a picture's 8×8 block coefficients are distributed, frequency by frequency.
///
/// Generators get the falling-off of the 63 AC frequencies wrong in a pattern that depends on their
/// upsampling; the tails (kurtosis) tell quantised from continuous coefficients.
///
/// Source: Frank et al. 2020, arXiv:2003.08685
public struct BlockStatistics: Sendable, Hashable {
  /// Mean |c| of each frequency, [8, 8], in the plane's units.
  let meanAbsolute: [Float]
  /// Mean c² of each frequency, [8, 8].
  public let meanSquare: [Float]
  public let blocks: Int

  /// Mean c² over squared mean |c|, [8, 8]: π/2 for a Gaussian, 2 for a Laplacian, more for sparse ones.
  public var tailRatio: [Float] {
    zip(meanSquare, meanAbsolute).map { $1 > 1e-3 ? $0 / ($1 * $1) : 2 }
  }

  /// Measures the blocks of a rectangle, on a grid that starts at its corner.
  ///
  /// - Precondition: the tiles lie within the plane and their side is a multiple of 8.
  public init(of plane: Plane, tiling: Tiling) {
    precondition(tiling.side % 8 == 0)
    var absolute = DCTBlock()
    var square = DCTBlock()
    let perSide = tiling.side / 8
    plane.values.withUnsafeBufferPointer { source in
      for origin in tiling.origins {
        for by in 0..<perSide {
          let row = source.baseAddress! + (origin.y + by * 8) * plane.width + origin.x
          for bx in 0..<perSide {
            let block = DCTBlock(row + bx * 8, stride: plane.width).transformed()
            absolute.add(block) { $0.replacing(with: -$0, where: $0 .< 0) }
            square.add(block) { $0 * $0 }
          }
        }
      }
    }
    blocks = perSide * perSide * tiling.origins.count
    let share = 1 / Float(max(blocks, 1))
    meanAbsolute = absolute.values.map { $0 * share }
    meanSquare = square.values.map { $0 * share }
  }
}

/// Eight rows of eight samples in vector registers.
struct DCTBlock {
  typealias Row = SIMD8<Float>
  private var r0 = Row(), r1 = Row(), r2 = Row(), r3 = Row(), r4 = Row(), r5 = Row(), r6 = Row(), r7 = Row()

  init() {}

  @inline(__always)
  init(_ samples: UnsafePointer<Float>, stride: Int) {
    func load(_ row: Int) -> Row { UnsafeRawPointer(samples + row * stride).loadUnaligned(as: Row.self) }
    (r0, r1, r2, r3, r4, r5, r6, r7) = (
      load(0), load(1), load(2), load(3), load(4), load(5), load(6), load(7)
    )
  }

  var rows: [Row] { [r0, r1, r2, r3, r4, r5, r6, r7] }
  var values: [Float] { rows.flatMap { row in (0..<8).map { row[$0] } } }

  @inline(__always)
  func store(_ target: UnsafeMutablePointer<Float>) {
    func put(_ row: Row, _ index: Int) {
      UnsafeMutableRawPointer(target + 8 * index).storeBytes(of: row, as: Row.self)
    }
    put(r0, 0)
    put(r1, 1)
    put(r2, 2)
    put(r3, 3)
    put(r4, 4)
    put(r5, 5)
    put(r6, 6)
    put(r7, 7)
  }

  @inline(__always)
  mutating func add(_ other: DCTBlock, _ map: (Row) -> Row) {
    r0 += map(other.r0)
    r1 += map(other.r1)
    r2 += map(other.r2)
    r3 += map(other.r3)
    r4 += map(other.r4)
    r5 += map(other.r5)
    r6 += map(other.r6)
    r7 += map(other.r7)
  }

  /// Both directions: down, across by way of the transpose, and back.
  @inline(__always)
  func transformed() -> DCTBlock { down().transposed().down().transposed() }

  func restored() -> DCTBlock { up().transposed().up().transposed() }

  /// cos(kπ/16)/2, the orthonormal matrix's entries.
  private static let c1: Float = 0.490_392_64, c2: Float = 0.461_939_77, c3: Float = 0.415_734_81
  private static let c4: Float = 0.353_553_39, c5: Float = 0.277_785_12, c6: Float = 0.191_341_72
  private static let c7: Float = 0.097_545_16

  /// The transform along columns, even and odd halves apart: 22 products instead of 64.
  @inline(__always)
  private func down() -> DCTBlock {
    let (s0, s1, s2, s3) = (r0 + r7, r1 + r6, r2 + r5, r3 + r4)
    let (d0, d1, d2, d3) = (r0 - r7, r1 - r6, r2 - r5, r3 - r4)
    let (e0, e1, f0, f1) = (s0 + s3, s1 + s2, s0 - s3, s1 - s2)
    let (c1, c2, c3, c4) = (Self.c1, Self.c2, Self.c3, Self.c4)
    let (c5, c6, c7) = (Self.c5, Self.c6, Self.c7)
    var out = DCTBlock()
    out.r0 = (e0 + e1) * c4
    out.r4 = (e0 - e1) * c4
    out.r2 = f0 * c2 + f1 * c6
    out.r6 = f0 * c6 - f1 * c2
    out.r1 = d0 * c1 + d1 * c3 + d2 * c5 + d3 * c7
    out.r3 = d0 * c3 - d1 * c7 - d2 * c1 - d3 * c5
    out.r5 = d0 * c5 - d1 * c1 + d2 * c7 + d3 * c3
    out.r7 = d0 * c7 - d1 * c5 + d2 * c3 - d3 * c1
    return out
  }

  /// The transpose of ``down()``, which is its inverse.
  private func up() -> DCTBlock {
    let (c1, c2, c3, c4) = (Self.c1, Self.c2, Self.c3, Self.c4)
    let (c5, c6, c7) = (Self.c5, Self.c6, Self.c7)
    let (a, b) = ((r0 + r4) * c4, (r0 - r4) * c4)
    let (f0, f1) = (r2 * c2 + r6 * c6, r2 * c6 - r6 * c2)
    let (s0, s1, s2, s3) = (a + f0, b + f1, b - f1, a - f0)
    let d0 = r1 * c1 + r3 * c3 + r5 * c5 + r7 * c7
    let d1 = r1 * c3 - r3 * c7 - r5 * c1 - r7 * c5
    let d2 = r1 * c5 - r3 * c1 + r5 * c7 + r7 * c3
    let d3 = r1 * c7 - r3 * c5 + r5 * c3 - r7 * c1
    var out = DCTBlock()
    (out.r0, out.r1, out.r2, out.r3) = (s0 + d0, s1 + d1, s2 + d2, s3 + d3)
    (out.r4, out.r5, out.r6, out.r7) = (s3 - d3, s2 - d2, s1 - d1, s0 - d0)
    return out
  }

  @inline(__always)
  private func transposed() -> DCTBlock {
    func low(_ a: Row, _ b: Row) -> Row {
      Row(lowHalf: Self.zip(a.lowHalf, b.lowHalf).0, highHalf: Self.zip(a.lowHalf, b.lowHalf).1)
    }
    func high(_ a: Row, _ b: Row) -> Row {
      Row(lowHalf: Self.zip(a.highHalf, b.highHalf).0, highHalf: Self.zip(a.highHalf, b.highHalf).1)
    }
    // Three rounds of perfect shuffles of rows i and i + 4 transpose an 8×8 matrix.
    func round(_ m: DCTBlock) -> DCTBlock {
      var out = DCTBlock()
      (out.r0, out.r1) = (low(m.r0, m.r4), high(m.r0, m.r4))
      (out.r2, out.r3) = (low(m.r1, m.r5), high(m.r1, m.r5))
      (out.r4, out.r5) = (low(m.r2, m.r6), high(m.r2, m.r6))
      (out.r6, out.r7) = (low(m.r3, m.r7), high(m.r3, m.r7))
      return out
    }
    return round(round(round(self)))
  }

  @inline(__always)
  private static func zip(_ a: SIMD4<Float>, _ b: SIMD4<Float>) -> (SIMD4<Float>, SIMD4<Float>) {
    (SIMD4(a[0], b[0], a[1], b[1]), SIMD4(a[2], b[2], a[3], b[3]))
  }
}
