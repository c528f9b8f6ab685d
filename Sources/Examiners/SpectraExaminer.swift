import ImageFormats
public import Scanning
import Spectra

/// Measures the picture's spectrum. It reports numbers and decides nothing.
public struct SpectraExaminer: Examiner {
  public init() {}

  public var kind: ExaminerKind { .spectra }

  public func examine(_ examination: Examination) throws -> Findings {
    let measured: SpectralMeasurement
    do {
      measured = try Self.measurement(examination)
    } catch let error as SpectrumError {
      return Findings(evidence: [
        Evidence(
          method: "spectra", class: .context, result: .notEvaluated, summary: "the spectrum was not measured",
          reason: error.message)
      ])
    }
    return Findings(
      evidence: [Self.evidence(measured)], drawings: try drawings(examination.wishes, of: examination))
  }

  public func drawings(_ kinds: Set<Drawing.Kind>, of examination: Examination) throws -> [Drawing] {
    guard kinds.contains(.spectrum) else { return [] }
    let measured = try Self.measurement(examination)
    let image = SpectrumDrawing.image(of: measured.residualSpectrum, peaks: measured.peaks.peaks)
    return [Drawing(kind: .spectrum, image: image)]
  }

  private static func measurement(_ examination: Examination) throws -> SpectralMeasurement {
    try examination.shared(SpectralMeasurement.self) {
      let decoded = try examination.decoded()
      return try SpectralMeasurement(
        of: try examination.fineImage(), luminance: try examination.fineLuminance(),
        lumaCoefficients: lumaCoefficients(examination.file, decoded))
    }
  }

  /// Coefficients of the luma plane, where the file is a JPEG whose histograms tell something.
  private static func lumaCoefficients(_ file: ImageFile, _ decoded: DecodedImage) -> [Int16]? {
    // Reading coefficients of a progressive file costs a second pass over all its scans, of a giant more memory than it may.
    guard let jpeg = decoded.jpeg, !jpeg.isProgressive, decoded.reduction == nil else { return nil }
    return try? JPEGCoefficients.read(file.bytes).components.first?.values
  }

  private static func evidence(_ measured: SpectralMeasurement) -> Evidence {
    var detail = Evidence.Detail.Spectrum()
    detail.tileSide = measured.tileSide
    detail.tiles = measured.tiles
    detail.radialSlope = measured.radial.slope.tenThousandths
    detail.highFrequencyExcess = measured.radial.highFrequencyExcess.tenThousandths
    detail.radialLogPower = measured.radial.logPower.map(\.tenThousandths)
    detail.axisExcess = measured.angular.axisExcess.tenThousandths
    detail.latticeStrength = [String: Double](
      uniqueKeysWithValues: zip(PeriodicPeaks.lattices, measured.peaks.strength).map {
        ("\($0)", $1.tenThousandths)
      })
    detail.peaks = measured.peaks.peaks.map { peak in
      var known = Evidence.Detail.Spectrum.Peak()
      known.frequencyX = peak.frequencyX.tenThousandths
      known.frequencyY = peak.frequencyY.tenThousandths
      known.height = peak.height.tenThousandths
      known.significance = peak.significance.tenThousandths
      known.lattice = peak.lattice
      return known
    }
    detail.blockGrid = measured.grid.map {
      .init(strength: $0.strength.tenThousandths, x: $0.phaseX, y: $0.phaseY)
    }
    detail.channelCorrelation = measured.channelCorrelation.map {
      .init(
        redGreen: $0.redGreen.tenThousandths, greenBlue: $0.greenBlue.tenThousandths,
        redBlue: $0.redBlue.tenThousandths)
    }
    detail.colorFilter = measured.colorFilter.map {
      .init(green: $0.green.tenThousandths, red: $0.red.tenThousandths, blue: $0.blue.tenThousandths)
    }
    detail.doubleCompression = measured.doubleCompression.map {
      .init(periodicity: $0.periodicity.tenThousandths, period: $0.period)
    }
    return Evidence(
      method: "spectra", class: .context, result: .found, strength: .weak, summary: summary(measured),
      detail: .spectrum(detail))
  }

  /// The numbers that a reader can hold against other pictures, in one sentence.
  private static func summary(_ measured: SpectralMeasurement) -> String {
    var text = "the spectrum falls off with slope \(measured.radial.slope.words)"
    if let peak = measured.peaks.peaks.first {
      text += "; its highest peak is at (\(peak.frequencyX.words), "
      text += "\(peak.frequencyY.words)) cycles a pixel"
      if let lattice = peak.lattice { text += ", on a lattice of \(lattice) pixels" }
    } else {
      text += " and shows no periodic peak"
    }
    if let grid = measured.grid, grid.strength > 0.1 {
      text += "; an 8×8 block grid starts at (\(grid.phaseX), \(grid.phaseY))"
    }
    return text
  }
}

extension Float {
  /// A measurement to four decimal places: more would be noise, and would differ between machines.
  var tenThousandths: Double { isFinite ? (Double(self) * 10_000).rounded() / 10_000 : .nan }

  /// Two decimal places, for sentences.
  var words: String {
    let hundredths = Int((Swift.max(-1e6, Swift.min(1e6, self)) * 100).rounded())
    let digits = "\(hundredths.magnitude % 100)"
    return "\(hundredths < 0 ? "−" : "")\(hundredths.magnitude / 100).\(digits.count < 2 ? "0" : "")\(digits)"
  }
}
