import Detectors
import Foundation
import Images
import Testing

struct StandoutRegionTests {
  /// A map of cells of 64 pixels, whose logits are drawn around a level and raised by `excess` within the columns and rows.
  static func map(
    columns: Int = 8, rows: Int = 6, level: Double = 0,
    raised: (columns: Range<Int>, rows: Range<Int>) = (0..<0, 0..<0),
    excess: Double = 0, spread: Double = 0.5, flat: Set<Int> = []
  ) -> HeatMap {
    var random = SplitMix(state: 9)
    let cells = (0..<columns * rows).map { place in
      let (column, row) = (place % columns, place / columns)
      let isRaised = raised.columns.contains(column) && raised.rows.contains(row)
      let logit = level + spread * random.gaussian() + (isRaised ? excess : 0)
      return HeatMap.Cell(
        region: PixelRegion(x: column * 64, y: row * 64, width: 64, height: 64),
        probability: flat.contains(place) ? nil : 1 / (1 + exp(-logit)))
    }
    return HeatMap(cells: cells, width: columns * 64, height: rows * 64)
  }

  /// Around a logit of −2, so that the rest does not look generated.
  static func map(
    raised: (columns: Range<Int>, rows: Range<Int>), by excess: Double, from level: Double = -2,
    flat: Set<Int> = []
  ) -> HeatMap {
    map(level: level, raised: raised, excess: excess, flat: flat)
  }

  @Test(arguments: [(2..<4, 1..<4), (0..<1, 0..<1), (5..<8, 4..<6)])
  func `the rectangle that was raised is found`(columns: Range<Int>, rows: Range<Int>) throws {
    let map = Self.map(raised: (columns, rows), by: 5)
    let found = try #require(StandoutRegion(in: map))
    #expect(
      found.region
        == PixelRegion(
          x: columns.lowerBound * 64, y: rows.lowerBound * 64, width: columns.count * 64,
          height: rows.count * 64))
    #expect(abs(found.contrast - 5) < 1)
    #expect(found.isOutstanding)
  }

  @Test func `only what looks generated among what does not is outstanding`() throws {
    let region = (columns: 2..<4, rows: 1..<4)
    for (level, excess) in [(-8.0, 5.0), (3, 5), (-2, 2)] {
      let found = try #require(StandoutRegion(in: Self.map(raised: region, by: excess, from: level)))
      #expect(!found.isOutstanding, "\(level), \(excess)")
    }
  }

  @Test func `the region lies above the rest, and an even map has none`() throws {
    let found = try #require(StandoutRegion(in: Self.map(raised: (2..<4, 1..<4), by: -4)))
    #expect(found.contrast > 0)
    #expect(!found.isOutstanding)
    #expect(StandoutRegion(in: Self.map(spread: 0)) == nil)
  }

  @Test func `flat cells are left out, at its borders too, and too few leave nothing to compare`() throws {
    // The two upper rows are sky.
    let sky = Set(0..<16)
    let found = try #require(StandoutRegion(in: Self.map(raised: (2..<4, 2..<4), by: 4, flat: sky)))
    #expect(found.region == PixelRegion(x: 128, y: 128, width: 128, height: 128))
    #expect(StandoutRegion(in: Self.map(raised: (2..<4, 1..<4), by: 4, flat: Set(0..<33))) == nil)
    #expect(StandoutRegion(in: Self.map(columns: 1, rows: 1)) == nil)
    #expect(StandoutRegion(in: HeatMap(cells: [], width: 1, height: 1)) == nil)
  }

  @Test func `certain cells are numbers like others`() throws {
    var map = Self.map(raised: (0..<0, 0..<0), by: 0)
    map.cells[10].probability = 1
    map.cells[11].probability = 0
    let found = try #require(StandoutRegion(in: map))
    #expect(found.region == map.cells[10].region)
    #expect(found.contrast.isFinite && (0...1).contains(found.inside))
  }
}
