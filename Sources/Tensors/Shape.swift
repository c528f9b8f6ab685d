/// The extents of a tensor of zero to four dimensions, held without heap memory.
///
/// Images are [N, H, W, C]; weights of a convolution [kH, kW, inC, outC]; a matrix [rows, columns].
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The number of dimensions, 0...4. A scalar has none.
  public let rank: Int
  private let d0: Int
  private let d1: Int
  private let d2: Int
  private let d3: Int

  private init(rank: Int, _ d0: Int, _ d1: Int, _ d2: Int, _ d3: Int) {
    precondition(d0 >= 0 && d1 >= 0 && d2 >= 0 && d3 >= 0, "an extent is negative")
    self.rank = rank
    self.d0 = d0
    self.d1 = d1
    self.d2 = d2
    self.d3 = d3
  }

  /// The shape of a single number.
  public static let scalar = Shape(rank: 0, 1, 1, 1, 1)

  public init(_ d0: Int) { self.init(rank: 1, d0, 1, 1, 1) }
  public init(_ d0: Int, _ d1: Int) { self.init(rank: 2, d0, d1, 1, 1) }
  public init(_ d0: Int, _ d1: Int, _ d2: Int) { self.init(rank: 3, d0, d1, d2, 1) }
  public init(_ d0: Int, _ d1: Int, _ d2: Int, _ d3: Int) { self.init(rank: 4, d0, d1, d2, d3) }

  /// - Precondition: at most four extents, none negative.
  public init(_ extents: [Int]) {
    precondition(extents.count <= 4, "a tensor has at most four dimensions")
    func extent(_ i: Int) -> Int { i < extents.count ? extents[i] : 1 }
    self.init(rank: extents.count, extent(0), extent(1), extent(2), extent(3))
  }

  public init(arrayLiteral extents: Int...) { self.init(extents) }

  /// The extent of one dimension.
  public subscript(dimension: Int) -> Int {
    precondition(dimension >= 0 && dimension < rank, "the shape has fewer dimensions")
    switch dimension {
    case 0: return d0
    case 1: return d1
    case 2: return d2
    default: return d3
    }
  }

  /// The number of elements.
  public var count: Int { d0 * d1 * d2 * d3 }

  public var extents: [Int] { (0..<rank).map { self[$0] } }

  /// The last extent: channels of an image, columns of a matrix; 1 for a scalar.
  public var channels: Int { rank == 0 ? 1 : self[rank - 1] }

  /// `[16, 128, 128, 3]`.
  public var description: String { "[" + extents.map(String.init).joined(separator: ", ") + "]" }

  /// The same extents as [N, H, W, C], ones in front.
  var aligned: (Int, Int, Int, Int) {
    switch rank {
    case 0: (1, 1, 1, 1)
    case 1: (1, 1, 1, d0)
    case 2: (1, 1, d0, d1)
    case 3: (1, d0, d1, d2)
    default: (d0, d1, d2, d3)
    }
  }
}
