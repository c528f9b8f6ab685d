internal import Images

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Looks for a white shape at a constant opacity near the bottom right corner.
///
/// A coarse search over places and sizes with a mark of 12 samples, then a fine one around its best candidates with a
/// mark of 24. The score is the correlation of the fields of differences; candidates of another opacity are left out.
struct OverlayFilter: MarkFilter {
  /// Where a maker puts the mark.
  struct Place: Sendable {
    /// The distance of its middle from the right and the bottom border, in widths of the mark.
    var distance: Double
    /// The mark's width as a share of the picture's longer side.
    var share: ClosedRange<Double>
  }

  /// Levels of luminance added to the room up to white.
  static let softening: Float = 6
  /// Differences of logarithms that count as noise of the picture even where it has none.
  static let noise: Float = 0.008

  /// How far a channel's opacity may be from the darkest one's, and the levels up to white that it needs to count.
  ///
  /// It is much, since JPEG keeps colours at half the resolution and takes from the opacity of a faint channel.
  static let tint = 0.3
  static let leastRoom: Float = 50
  /// Picture pixels of the smallest mark that has moved. Where nothing but its look speaks for it, fewer do not tell
  /// it from a drawn ornament.
  static let leastMoved = 20.0

  let places: [Place]
  /// Widths of a mark that has moved, as shares of the longer side.
  let movedShares: ClosedRange<Double>
  let opacity: Double
  /// Opacities that still count.
  let opacities: ClosedRange<Double>
  let nulls: [MarkPlacement: MarkNull]
  let coarse: OverlayTemplate
  let fine: OverlayTemplate

  /// - Parameter covers: whether a point is in the shape, from −1 to 1; the shape is its own mirror image.
  init(
    places: [Place], movedShares: ClosedRange<Double>, opacity: Double, opacities: ClosedRange<Double>,
    nulls: [MarkPlacement: MarkNull], covers: (_ x: Double, _ y: Double) -> Bool
  ) {
    self.places = places
    self.movedShares = movedShares
    self.opacity = opacity
    self.opacities = opacities
    self.nulls = nulls
    coarse = OverlayTemplate(width: 12, margin: 2, opacity: opacity, covers: covers)
    fine = OverlayTemplate(width: 24, margin: 3, opacity: opacity, covers: covers)
  }

  func null(of placement: MarkPlacement) -> MarkNull? { nulls[placement] }

  /// Two differences at each sample.
  var samples: Double { Double(2 * (fine.side - 1) * (fine.side - 1)) }

  func candidates(in scene: MarkScene) -> [MarkCandidate] {
    let spots = search(scene).compactMap { refined($0, in: scene) }
      .sorted { $0.spot.correlation > $1.spot.correlation }
    return MarkPlacement.allCases.compactMap { placement in
      spots.first { spot, opacity in
        self.placement(of: spot, in: scene) == placement
          && (placement == .expected || canHaveMoved(width: spot.width, in: scene))
          && isWhite(spot, opacity: opacity, in: scene)
      }.map { candidate(placement, $0, opacity: $1, in: scene) }
    }
  }

  /// A mark's middle, as distances from the right and the bottom border, and its width, all in picture pixels.
  struct Spot: Sendable {
    var right: Double
    var bottom: Double
    var width: Double
    var correlation: Float
  }

  // MARK: Coarse

  /// The best spots, at most six where the maker puts the mark and four elsewhere.
  private func search(_ scene: MarkScene) -> [Spot] {
    var (expected, moved) = ([Spot](), [Spot]())
    let shares = places.map(\.share) + [movedShares]
    let smallest = max(8, shares.map(\.lowerBound).min()! * scene.length)
    let largest = min(
      shares.map(\.upperBound).max()! * scene.length, Double(min(scene.width, scene.height)) / 2.2)
    var width = smallest
    while width <= largest {
      let map = CorrelationMap(scene, template: coarse, width: width, opacities: opacities, opacity: opacity)
      for place in places
      where (place.share.lowerBound * 0.9...place.share.upperBound * 1.1)
        .contains(width / scene.length)
      {
        if let spot = map.best(near: place.distance * width, reach: 2) { expected.append(spot) }
      }
      if canHaveMoved(width: width, in: scene), let spot = map.best() { moved.append(spot) }
      width *= 1.1
    }
    return Self.distinct(expected, count: 6) + Self.distinct(moved, count: 4)
  }

  private func canHaveMoved(width: Double, in scene: MarkScene) -> Bool {
    width >= Self.leastMoved && movedShares.contains(width / scene.length)
  }

  /// The strongest spots that are not the same at another size.
  private static func distinct(_ spots: [Spot], count: Int) -> [Spot] {
    var kept: [Spot] = []
    for spot in spots.sorted(by: { $0.correlation > $1.correlation }) where kept.count < count {
      let isNew = kept.allSatisfy {
        abs($0.right - spot.right) + abs($0.bottom - spot.bottom) > 0.3 * spot.width
          || max($0.width, spot.width) > 1.25 * min($0.width, spot.width)
      }
      if isNew { kept.append(spot) }
    }
    return kept
  }

  // MARK: Fine

  /// The best candidate around a spot: sizes in steps of 4 %, then 1.5 %; places to half a sample.
  private func refined(_ spot: Spot, in scene: MarkScene) -> (spot: Spot, opacity: Double)? {
    var best = (spot: spot, correlation: -Float.infinity, opacity: 0.0)
    for (steps, growth, reach, shift) in [(2, 1.04, 2, 0.0), (1, 1.015, 1, 0.0), (0, 1, 1, 0.5)] {
      let centre = best.spot
      for k in -steps...steps {
        let width = centre.width * pow(growth, Double(k))
        let window = FineWindow(scene, template: fine, spot: centre, width: width, reach: reach, shift: shift)
        for answer in window.answers(opacity: opacity, above: best.correlation)
        where answer.spot.correlation > best.correlation {
          best = (answer.spot, answer.spot.correlation, answer.opacity)
        }
      }
    }
    // Only the best place counts: beside it every opacity can be had.
    return best.correlation > 0 && opacities.contains(best.opacity) ? (best.spot, best.opacity) : nil
  }

  private func candidate(
    _ placement: MarkPlacement, _ spot: Spot, opacity: Double, in scene: MarkScene
  ) -> MarkCandidate {
    let side = Int(spot.width.rounded())
    let x = Int((Double(scene.width) - spot.right - spot.width / 2).rounded())
    let y = Int((Double(scene.height) - spot.bottom - spot.width / 2).rounded())
    let region = PixelRegion(
      x: min(max(0, x), scene.width - side), y: min(max(0, y), scene.height - side), width: side, height: side
    )
    return MarkCandidate(
      placement: placement, region: region, score: Double(atanh(min(spot.correlation, 0.9999))),
      opacity: opacity)
  }

  /// Whether each colour channel is covered as much as the darkest one is; a channel that has no room up to white on
  /// this ground is left out.
  private func isWhite(_ spot: Spot, opacity: Double, in scene: MarkScene) -> Bool {
    scene.channels(around: spot, samples: fine.side, width: spot.width * Double(fine.side) / fine.width)
      .allSatisfy { plane in
        let answer = FineWindow(plane, template: fine, spot: spot).answers(opacity: self.opacity)[0]
        return answer.ground < Self.leastRoom || abs(answer.opacity - opacity) <= Self.tint
      }
  }

  private func placement(of spot: Spot, in scene: MarkScene) -> MarkPlacement {
    let isExpected = places.contains { place in
      place.share.contains(spot.width / scene.length)
        && abs(spot.right - place.distance * spot.width) <= 0.1 * spot.width
        // The distance is known better than the width.
        && abs(spot.right - spot.bottom) <= 0.05 * spot.width
    }
    return isExpected ? .expected : .moved
  }
}
