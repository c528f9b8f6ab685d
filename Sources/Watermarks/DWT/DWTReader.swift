public import Images

/// Reads `dwtDct` and `dwtDctSvd` without knowing method, payload, length, byte or float embedding, channel
/// order, or what was cut off.
///
/// 1. On the grid as it was written: the published payloads by matched filter.
/// 2. On the same grid: any payload of 8...256 bits, by its repetition.
/// 3. After a cut: the published payloads over 64 offsets, row strides and phases, where the clustering of
///    the quantised numbers points to.
///
/// A mark is called found when chance explains neither the filter's output nor the bits' agreement:
/// ``Mark/pValue`` is the larger of the two tails times the number of trials.
public struct DWTReader: Sendable {
  /// The largest corrected p-value that counts as found.
  public static let significance = 1e-5

  /// The published payloads may be looked for after a cut; costs most of the time on unmarked pictures.
  var searchesCrops: Bool

  public init(searchesCrops: Bool = true) {
    self.searchesCrops = searchesCrops
  }

  public func read(_ image: Image) -> WatermarkReading {
    if let reason = Self.obstacle(in: image) { return WatermarkReading(notEvaluable: reason) }
    let planes = Chroma.Order.allCases.map { Chroma(image, order: $0) }
    let views = planes.indices.flatMap { plane in
      let blocks = BlockApproximations(planes[plane])
      return EmbeddingDomain.allCases.flatMap { domain in
        DWTMethod.allCases.map { method in
          View(
            method: method, domain: domain, plane: plane,
            grid: VoteGrid(blocks, method: method, domain: domain))
        }
      }
    }
    var nearMiss: Mark?
    if let finding = AlignedSearch(views: views, planes: planes).run(nearMiss: &nearMiss) {
      return WatermarkReading(marks: [finding])
    }
    if searchesCrops, let finding = CropSearch(planes: planes).run(nearMiss: &nearMiss) {
      return WatermarkReading(marks: [finding])
    }
    return WatermarkReading(nearMiss: nearMiss)
  }

  /// A way of embedding and the votes under it.
  struct View {
    var method: DWTMethod
    var domain: EmbeddingDomain
    var plane: Int
    var grid: VoteGrid
    var variance: Double

    init(method: DWTMethod, domain: EmbeddingDomain, plane: Int, grid: VoteGrid) {
      self.method = method
      self.domain = domain
      self.plane = plane
      self.grid = grid
      variance = grid.votes.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, grid.count))
    }
  }

  /// Why no mark of these schemes could be seen in the picture; nil if one could.
  static func obstacle(in image: Image) -> String? {
    guard image.width >= 64, image.height >= 64 else {
      return "\(image.width)×\(image.height) pixels hold too few blocks of 8×8 for a mark to show"
    }
    guard image.channels >= 3 else { return "the picture is grey, and these marks live in colour" }
    let pixels = image.pixels8
    let channels = image.channels
    var coloured = false
    var carrying = 0
    var looked = 0
    // Every pixel of every fourth row: enough to tell a share of one in twenty.
    for y in stride(from: 0, to: image.height, by: 4) {
      for x in 0..<image.width {
        let at = (y * image.width + x) * channels
        let (r, g, b) = (Int(pixels[at]), Int(pixels[at + 1]), Int(pixels[at + 2]))
        if r != g || g != b { coloured = true }
        let sum = r + 2 * g + b
        if sum > 20, sum < 1000 { carrying += 1 }
        looked += 1
      }
    }
    guard coloured else { return "the picture is grey, and these marks live in colour" }
    guard carrying * 20 >= looked else {
      return "nearly all of the picture is white or black, where these marks are clipped away"
    }
    return nil
  }
}
