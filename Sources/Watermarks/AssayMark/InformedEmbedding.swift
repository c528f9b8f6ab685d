import Images

/// Chooses how strongly one picture is marked: as weakly as still leaves the reader a margin after damage.
///
/// The mark is tried on luminance: cut to quarters and halves, and after the rounding of a strong JPEG. What counts
/// is the reader's own signal-to-noise ratio of the coded bits. Textured pictures come out weaker than the mask
/// allows, smooth ones stronger, within bounds of PSNR and of SSIM.
///
/// Source: Miller, Doërr and Cox, "Applying informed coding and embedding", 2004, doi:10.1109/TIP.2003.821551.
struct InformedEmbedding {
  /// dB; no picture is marked more strongly, except where the mark could not be read at all.
  private static let leastPSNR: Float = 40.3
  private static let leastSimilarity: Float = 0.968
  /// Where texture hides the mark so well that similarity stays this high, PSNR may fall to the second bound.
  private static let hiddenSimilarity: Float = 0.986
  private static let leastHiddenPSNR: Float = 37
  private static let weakest: Float = 0.7
  /// Signal-to-noise ratios of coded bits that are asked for; the code needs about 0.8.
  private static let quarterTarget: Float = 0.9
  private static let halfTarget: Float = 1.6
  private static let damagedTarget: Float = 1.5
  /// Smaller pictures are not expected to be read from a half, or from a quarter.
  private static let leastHalvedSide = 340
  private static let leastQuarteredSide = 480
  private static let damage = LumaQuantization(quality: 30)
  /// How much better a picture that is larger than its samples is taken to hold after damage. Flat areas lose the same
  /// in every period, so that more of them helps little.
  private static let damagedScale: Float = 2
  /// Pixels a side of the samples that stand for the quarters of a larger picture.
  private static let sampleSide = 320
  private static let trials = 3

  let demodulator: MarkDemodulator
  let word: [Bool]
  let offset: (x: Int, y: Int)
  private let luminance: Plane
  private var mask: PerceptualMask
  private let host: LatticeSpectrum
  private let gains: [Float]

  init(demodulator: MarkDemodulator, word: [Bool], offset: (x: Int, y: Int), luminance: Plane) {
    self.demodulator = demodulator
    self.word = word
    self.offset = offset
    self.luminance = luminance
    mask = PerceptualMask(luminance: luminance)
    let (residual, gains) = MarkResidual.makeWithGains(from: luminance)
    self.gains = gains
    host = LatticeSpectrum(
      folded: TileFolding.fold(
        residual, region: TileFolding.Region(residual), map: .identity, origin: (0, 0),
        cells: MarkPattern.period))
  }

  /// What writes the mark at this strength.
  func writer(at strength: Float) -> MarkWriter {
    var mask = mask
    mask.strength = strength
    let tile = InformedTile(pattern: demodulator.pattern, host: host, gain: max(mask.sum(times: gains), 1e-3))
      .tile(word, offset: offset)
    return MarkWriter(tile: tile, offset: offset, mask: mask)
  }

  /// The strength at which the mark has its margin, or the most that quality allows.
  func strength() -> Float {
    let most = strongest()
    var strength = min(Float(1), most)
    var before: (strength: Float, margin: Float)?
    for _ in 0..<Self.trials {
      let margin = max(margin(at: strength), 0.02)
      var slope: Float = 2
      if let before, abs(before.strength / strength - 1) > 0.02 {
        slope = Float.log(margin / before.margin) / Float.log(strength / before.strength)
        slope = min(max(slope, 1.5), 6)
      }
      before = (strength, margin)
      let next = min(
        max(strength * Float.pow(margin, -1 / slope), Self.weakest, strength / 2), most, strength * 1.6)
      if abs(next / strength - 1) < 0.05 || (strength == most && next >= strength) { return next }
      strength = next
    }
    return strength
  }

  /// The most that the bounds of quality allow.
  private func strongest() -> Float {
    max(
      strongest(psnr: Self.leastPSNR, similarity: Self.leastSimilarity),
      strongest(psnr: Self.leastHiddenPSNR, similarity: Self.hiddenSimilarity))
  }

  private func strongest(psnr: Float, similarity: Float) -> Float {
    let square = 255 * 255 / Float.pow(10, psnr / 10)
    var (low, high) = (Float(0.5), max((square / mask.meanSquare).squareRoot(), 0.5))
    if mask.similarity(at: high) >= similarity { return high }
    for _ in 0..<12 {
      let middle = (low + high) / 2
      if mask.similarity(at: middle) >= similarity { low = middle } else { high = middle }
    }
    return low
  }

  /// The smallest of what the trials leave over what is asked for: 1 where all is well.
  private func margin(at strength: Float) -> Float {
    let writer = writer(at: strength)
    var plain: [LatticeSpectrum] = []
    var damaged: [LatticeSpectrum] = []
    let parts = parts()
    for part in parts.regions {
      let marked = writer.write(on: luminance, region: part)
      plain.append(spectrum(of: marked, at: part))
      damaged.append(spectrum(of: Self.damage.applied(to: marked), at: part))
    }
    func ratio(_ spectra: [LatticeSpectrum], scale: Float) -> Float {
      scale * demodulator.signalToNoise(of: word, at: offset, in: LatticeSpectrum(sum: spectra))
    }
    var margin = ratio(damaged, scale: min(parts.scale, Self.damagedScale)) / Self.damagedTarget
    let side = min(luminance.width, luminance.height)
    if side >= Self.leastQuarteredSide {
      let quarters = plain.map { ratio([$0], scale: parts.scale) }.sorted()
      margin = min(margin, quarters[1] / Self.quarterTarget)
    }
    if side >= Self.leastHalvedSide {
      for (one, other) in [(0, 1), (2, 3), (0, 2), (1, 3)] {
        margin = min(margin, ratio([plain[one], plain[other]], scale: parts.scale) / Self.halfTarget)
      }
    }
    return margin
  }

  /// The picture's quarters, or the middles of those of a large picture, and by how much they are larger.
  private func parts() -> (regions: [TileFolding.Region], scale: Float) {
    let (width, height) = (luminance.width / 16 * 8, luminance.height / 16 * 8)
    let (across, down) = (min(width, Self.sampleSide), min(height, Self.sampleSide))
    let regions = [0, 1].flatMap { row in
      [0, 1].map { column in
        let left = column * width + (width - across) / 16 * 8
        let top = row * height + (height - down) / 16 * 8
        return TileFolding.Region(x: left..<left + across, y: top..<top + down)
      }
    }
    return (regions, min(Float(width * height) / Float(across * down), 8))
  }

  private func spectrum(of plane: Plane, at part: TileFolding.Region) -> LatticeSpectrum {
    let residual = MarkResidual.make(from: plane)
    return LatticeSpectrum(
      folded: TileFolding.fold(
        residual, region: TileFolding.Region(residual), map: .identity,
        origin: (Double(part.x.lowerBound), Double(part.y.lowerBound)), cells: MarkPattern.period))
  }
}
