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
    return [Drawing(kind: .spectrum, png: try ImageEncoder.png(image))]
  }

  private static func measurement(_ examination: Examination) throws -> SpectralMeasurement {
    try examination.shared(SpectralMeasurement.self) {
      let decoded = try examination.decoded()
      return try SpectralMeasurement(
        of: decoded.image, luminance: try examination.luminance(),
        lumaCoefficients: lumaCoefficients(examination.file, decoded))
    }
  }

  /// Coefficients of the luma plane, where the file is a JPEG whose histograms tell something.
  private static func lumaCoefficients(_ file: ImageFile, _ decoded: DecodedImage) -> [Int16]? {
    // Reading coefficients of a progressive file costs a second pass over all its scans.
    guard let jpeg = decoded.jpeg, !jpeg.isProgressive else { return nil }
    return try? JPEGCoefficients.read(file.bytes).components.first?.values
  }

  private static func evidence(_ measured: SpectralMeasurement) -> Evidence {
    var detail: [String: DetailValue] = [
      "tileSide": .integer(measured.tileSide),
      "tiles": .integer(measured.tiles),
      "radialSlope": .rounded(measured.radial.slope),
      "highFrequencyExcess": .rounded(measured.radial.highFrequencyExcess),
      "radialLogPower": .array(measured.radial.logPower.map(DetailValue.rounded)),
      "axisExcess": .rounded(measured.angular.axisExcess),
      "latticeStrength": .object(
        [String: DetailValue](
          uniqueKeysWithValues: zip(PeriodicPeaks.lattices, measured.peaks.strength).map {
            ("\($0)", .rounded($1))
          })),
      "peaks": .array(
        measured.peaks.peaks.map { peak in
          .object([
            "frequencyX": .rounded(peak.frequencyX), "frequencyY": .rounded(peak.frequencyY),
            "height": .rounded(peak.height), "significance": .rounded(peak.significance),
            "lattice": peak.lattice.map(DetailValue.integer) ?? .null,
          ])
        }),
    ]
    if let grid = measured.grid {
      detail["blockGrid"] = .object([
        "strength": .rounded(grid.strength), "x": .integer(grid.phaseX), "y": .integer(grid.phaseY),
      ])
    }
    if let correlation = measured.channelCorrelation {
      detail["channelCorrelation"] = .object([
        "redGreen": .rounded(correlation.redGreen), "greenBlue": .rounded(correlation.greenBlue),
        "redBlue": .rounded(correlation.redBlue),
      ])
    }
    if let filter = measured.colorFilter {
      detail["colorFilter"] = .object([
        "green": .rounded(filter.green), "red": .rounded(filter.red), "blue": .rounded(filter.blue),
      ])
    }
    if let double = measured.doubleCompression {
      detail["doubleCompression"] = .object([
        "periodicity": .rounded(double.periodicity),
        "period": double.period.map(DetailValue.integer) ?? .null,
      ])
    }
    return Evidence(
      method: "spectra", class: .context, result: .found, strength: .weak, summary: summary(measured),
      detail: detail)
  }

  /// The numbers that a reader can hold against other pictures, in one sentence.
  private static func summary(_ measured: SpectralMeasurement) -> String {
    var text = "the spectrum falls off with slope \(DetailValue.text(measured.radial.slope))"
    if let peak = measured.peaks.peaks.first {
      text += "; its highest peak is at (\(DetailValue.text(peak.frequencyX)), "
      text += "\(DetailValue.text(peak.frequencyY))) cycles a pixel"
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

extension DetailValue {
  /// A measurement to four decimal places: more would be noise, and would differ between machines.
  static func rounded(_ value: Float) -> DetailValue {
    value.isFinite ? .number((Double(value) * 10_000).rounded() / 10_000) : .null
  }

  /// Two decimal places, for sentences.
  static func text(_ value: Float) -> String {
    let hundredths = Int((max(-1e6, min(1e6, value)) * 100).rounded())
    let digits = "\(hundredths.magnitude % 100)"
    return "\(hundredths < 0 ? "−" : "")\(hundredths.magnitude / 100).\(digits.count < 2 ? "0" : "")\(digits)"
  }
}
