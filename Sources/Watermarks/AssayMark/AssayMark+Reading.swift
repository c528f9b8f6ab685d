import Foundation
public import Images

extension AssayMark {
  /// Looks for marks under this key.
  ///
  /// The picture's own grid is read first, in its eight orientations; then, as ``effort`` asks, any scale of
  /// 0.33...3 and any turn. A mark counts when the keyed check of its corrected word holds.
  public func read(_ image: Image) -> WatermarkReading {
    guard min(image.width, image.height) >= 64 else {
      return WatermarkReading(notEvaluable: "a side is shorter than 64 pixels")
    }
    var reader = MarkReader(demodulator: demodulator, luminance: image.luminance())
    reader.readOwnGrid()
    switch effort {
    case .ownGrid: break
    case .firstMark: if reader.findings.isEmpty { reader.searchGeometry(stoppingAtFirst: true) }
    case .allMarks: reader.searchGeometry(stoppingAtFirst: false)
    }
    return WatermarkReading(marks: reader.marks())
  }
}

/// One picture being read.
struct MarkReader {
  private static let levels = 3
  /// Guesses of the geometry that are followed at each level.
  private static let guessLimit = 8
  /// A guess whose template energy after the first refinement is below this multiple of noise's is dropped.
  private static let energyLimit = 2.1

  struct Finding {
    var reading: MarkDemodulator.Reading
    /// From the picture's pixels to the marked picture's, up to a shift.
    var map: LinearMap
    /// Where pixel (0, 0) goes under the map and the shift that the reading's offset refers to.
    var origin: (x: Double, y: Double)
  }

  private let demodulator: MarkDemodulator
  private var planes: [Plane]
  private var residuals: [Plane]
  private(set) var findings: [Finding] = []
  /// Words whose check was tried.
  private(set) var trials = 0

  init(demodulator: MarkDemodulator, luminance: Plane) {
    self.demodulator = demodulator
    planes = [luminance]
    residuals = [MarkResidual.make(from: luminance)]
  }

  /// Whether the picture, as it stands, holds this payload.
  func reads(_ payload: Payload) -> Bool {
    var trials = 0
    return demodulator.read(ownSpectrum(), trials: &trials).contains { $0.payload == payload }
  }

  private func ownSpectrum() -> LatticeSpectrum {
    let residual = residuals[0]
    return LatticeSpectrum(
      folded: TileFolding.fold(
        residual, region: TileFolding.Region(residual), map: .identity, origin: (0, 0),
        cells: MarkPattern.period))
  }

  /// Tries the grid of the picture's own pixels.
  mutating func readOwnGrid() {
    let spectrum = ownSpectrum()
    for symmetry in LinearMap.gridSymmetries {
      let view = spectrum.viewed(through: symmetry)
      for reading in demodulator.read(view, trials: &trials) {
        findings.append(Finding(reading: reading, map: symmetry, origin: (0, 0)))
      }
    }
  }

  /// Tries every scale and turn.
  mutating func searchGeometry(stoppingAtFirst: Bool) {
    for level in 0..<Self.levels {
      guard let residual = residual(level), min(residual.width, residual.height) >= 40 else { return }
      let side = max(residual.width, residual.height) > 192 ? 512 : 256
      let search = GeometrySearchCache.search(for: demodulator, side: side)
      let guesses = search.search(PowerSpectrum(residual, side: side), limit: Self.guessLimit)
      for guess in guesses {
        follow(guess, level: level)
        if stoppingAtFirst, !findings.isEmpty { return }
      }
    }
  }

  /// Sharpens a guess and reads what is there.
  private mutating func follow(_ guess: GeometrySearch.Guess, level: Int) {
    // Read where the marked picture's pixels are about as large as the level's.
    let fine = max(level - 1, 0)
    let factor = Double(1 << (level - fine))
    guard let residual = residual(fine) else { return }
    var map = LinearMap(scale: guess.scale * factor, rotation: guess.rotation, mirrored: guess.mirrored)
    let unit = Double(1 << fine)
    if isKnown(map.scaled(by: 1 / unit)) { return }
    let refinement = GeometryRefinement(pattern: demodulator.pattern, residual: residual)
    for (stage, side) in refinement.sides.enumerated() {
      let refined = refinement.refined(map, side: side)
      if stage == 0, refined.energy < Self.energyLimit { return }
      map = refined.map
    }
    if isKnown(map.scaled(by: 1 / unit)) { return }
    let origin = refinement.origin(of: map)
    let tile = TileFolding.fold(
      residual, region: TileFolding.Region(residual), map: map, origin: origin,
      cells: 2 * MarkPattern.period)
    let spectrum = LatticeSpectrum(folded: tile)
    for half in [LinearMap.gridSymmetries[0], LinearMap.gridSymmetries[2]] {
      for reading in demodulator.read(spectrum.viewed(through: half), trials: &trials) {
        let whole = half * map
        let start = half(origin.x, origin.y)
        // A level's pixel covers `unit` of the picture's.
        let shift = whole((unit - 1) / 2 / unit, (unit - 1) / 2 / unit)
        findings.append(
          Finding(
            reading: reading, map: whole.scaled(by: 1 / unit), origin: (start.x - shift.x, start.y - shift.y))
        )
      }
    }
  }

  /// Whether a mark was already found under this map or the map turned by 180°.
  private func isKnown(_ map: LinearMap) -> Bool {
    findings.contains { finding in
      let difference = finding.map * map.inverse
      let size = abs(difference.determinant).squareRoot()
      guard abs(size - 1) < 0.01, difference.determinant > 0 else { return false }
      return abs(difference.xy) < 0.02 && abs(difference.yx) < 0.02
    }
  }

  private mutating func residual(_ level: Int) -> Plane? {
    while residuals.count <= level {
      guard let plane = MarkResidual.halved(planes[planes.count - 1]) else { return nil }
      planes.append(plane)
      residuals.append(MarkResidual.make(from: plane))
    }
    return residuals[level]
  }

  /// The findings as marks, each payload once, the surest first.
  func marks() -> [Mark] {
    var marks: [Mark] = []
    let chance = min(1, Double(trials) * pow(2, -Double(MarkFrame.chanceBits)))
    for finding in findings.sorted(by: { $0.reading.templateScore > $1.reading.templateScore }) {
      guard !marks.contains(where: { $0.payload == finding.reading.payload }) else { continue }
      marks.append(
        Mark(
          scheme: "assay", payload: finding.reading.payload, pValue: chance,
          bitAgreement: finding.reading.agreement, geometry: geometry(of: finding)))
    }
    return marks
  }

  private func geometry(of finding: Finding) -> Mark.Geometry {
    let parts = finding.map.decomposed
    let start = MarkFrame.offset(of: finding.reading.payload, key: demodulator.key)
    // x = map · p + t; the tile shows at x + origin-shift + offset.
    let period = Double(MarkPattern.period)
    func wrapped(_ value: Double) -> Double { value - (value / period).rounded() * period }
    let t = (
      x: wrapped(finding.origin.x + finding.reading.offset.x - Double(start.x)),
      y: wrapped(finding.origin.y + finding.reading.offset.y - Double(start.y))
    )
    let corner = finding.map.inverse(-t.x, -t.y)
    return Mark.Geometry(
      scale: parts.scale, rotation: parts.rotation * 180 / .pi, offset: .init(x: corner.x, y: corner.y),
      mirrored: parts.mirrored)
  }
}
