/// Stage 4: crops.
extension FingerprintReader {
  /// Lengths in pixels that the longer side of a whole picture often has on the web, beside the originals' own.
  static let webSides = [1024, 1200, 1280, 1080, 2048, 1536, 1600, 1920, 900, 800, 720, 680, 640, 512]
  /// The least share of a side that a crop may have kept.
  static let leastShare = 0.55
  /// A canvas of more than this share on both sides is the whole picture, which was looked at.
  static let mostShare = 0.985

  /// A shape that the whole may have had: the crop's shares of it.
  struct Hypothesis: Hashable {
    var width: Double
    var height: Double
  }

  /// Looks for each template in the wholes of which this picture may be a crop.
  func crops(_ spectrum: WhitenedSpectrum, width: Int, height: Int, _ ranking: inout Ranking) {
    let wholes = hypotheses(width: width, height: height)
    guard !wholes.isEmpty else { return }
    let search = CropSearch(of: spectrum)
    let filters = searchFilters
    for (whole, members) in wholes {
      let canvas = search.canvas(width: whole.width, height: whole.height)
      ranking.trials += Double(members.count * canvas.places)
      for member in members {
        let peak = search.peak(of: canvas, filters[member].pattern)
        let side = Double(CropSearch.side)
        ranking.offer(
          prepared[member], peak.statistic,
          FingerprintGeometry(
            ofOriginal: .init(
              x: Double(peak.column) / side, y: Double(peak.row) / side, width: whole.width,
              height: whole.height)))
      }
      if ranking.found { return }
    }
  }

  /// The wholes to try, the likeliest first, each with the templates whose pictures have its shape.
  func hypotheses(width: Int, height: Int) -> [(Hypothesis, [Int])] {
    var order: [Hypothesis] = []
    var members: [Hypothesis: [Int]] = [:]
    func add(_ index: Int, wholeWidth: Double, wholeHeight: Double) {
      let share = Hypothesis(
        width: Self.rounded(Double(width) / wholeWidth), height: Self.rounded(Double(height) / wholeHeight))
      guard share.width <= 1.001, share.height <= 1.001, min(share.width, share.height) >= Self.leastShare,
        min(share.width, share.height) <= Self.mostShare
      else { return }
      let bounded = Hypothesis(width: min(1, share.width), height: min(1, share.height))
      if members[bounded] == nil { order.append(bounded) }
      if members[bounded]?.contains(index) != true { members[bounded, default: []].append(index) }
    }
    for (index, item) in prepared.enumerated() {
      for size in item.card.nativeSizes.compactMap(Self.sides) {
        add(index, wholeWidth: size.width, wholeHeight: size.height)
      }
    }
    for longer in Self.webSides.map(Double.init) {
      for (index, item) in prepared.enumerated() {
        for aspect in item.card.aspects {
          add(
            index, wholeWidth: aspect >= 1 ? longer : (longer * aspect).rounded(),
            wholeHeight: aspect >= 1 ? (longer / aspect).rounded() : longer)
        }
      }
    }
    return order.map { ($0, members[$0] ?? []) }
  }

  /// Wholes that lie within half a sample of the canvas are one.
  private static func rounded(_ share: Double) -> Double { (share * 1024).rounded() / 1024 }

  /// `1024x1536` → 1024 and 1536.
  static func sides(_ text: String) -> (width: Double, height: Double)? {
    let parts = text.split(separator: "x").compactMap { Double($0) }
    guard parts.count == 2, parts.allSatisfy({ $0 >= 16 && $0 <= 65536 }) else { return nil }
    return (parts[0], parts[1])
  }
}
