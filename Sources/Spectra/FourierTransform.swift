public import Images

/// Two-dimensional Fourier transforms, single precision, through FFTW.
///
/// The forward transform is X[v, u] = Σ x[y, x] e^(−2πi(ux/W + vy/H)), without a factor; the inverse divides
/// by W·H, so inverse(forward(x)) = x. Results are the same bits for the same input, run and thread: plans
/// are made with `FFTW_ESTIMATE`, never by timing. Every size works; products of 2, 3, 5 and 7 are fast, and
/// above 1024 a side tiles cost less than the whole.
public enum FourierTransform {
  /// The non-negative half of a real plane's spectrum.
  ///
  /// - Parameter plane: [H, W].
  /// - Returns: [H, W/2 + 1]; column u is u/W cycles a sample, row v is v/H, rows past H/2 are negative.
  ///   The rest follows from X[−v, −u] = conj X[v, u].
  public static func forward(_ plane: Plane) -> ComplexPlane {
    let plan = FourierPlan.cached(.init(kind: .realForward, width: plane.width, height: plane.height))
    var spectrum = ComplexPlane(width: plane.width / 2 + 1, height: plane.height)
    plan.realForward(plane.values, into: &spectrum.interleaved)
    return spectrum
  }

  /// The real plane that a half spectrum describes.
  ///
  /// - Parameters:
  ///   - half: [H, W/2 + 1], as ``forward(_:)-(Plane)`` gives it.
  ///   - width: W, which the half spectrum alone cannot tell from W − 1.
  /// - Throws: ``SpectrumError`` when `width / 2 + 1` is not the half's width.
  public static func inverse(_ half: ComplexPlane, width: Int) throws(SpectrumError) -> Plane {
    guard width > 0, width / 2 + 1 == half.width else {
      throw .sides(
        half.width, half.height, need: "a half spectrum of a plane \(width) wide has \(width / 2 + 1)")
    }
    let plan = FourierPlan.cached(.init(kind: .realInverse, width: width, height: half.height))
    var plane = Plane(width: width, height: half.height)
    // The transform overwrites its input: it gets its own copy.
    var scratch = half.interleaved
    plan.realInverse(&scratch, into: &plane.values)
    let scale = 1 / Float(width * half.height)
    for index in plane.values.indices { plane.values[index] *= scale }
    return plane
  }

  /// The spectrum of a complex plane, [H, W] → [H, W].
  public static func forward(_ plane: ComplexPlane) -> ComplexPlane {
    let plan = FourierPlan.cached(.init(kind: .complexForward, width: plane.width, height: plane.height))
    var result = ComplexPlane(width: plane.width, height: plane.height)
    plan.complex(plane.interleaved, into: &result.interleaved)
    return result
  }

  /// The complex plane that a full spectrum describes, [H, W] → [H, W].
  public static func inverse(_ spectrum: ComplexPlane) -> ComplexPlane {
    let plan = FourierPlan.cached(
      .init(kind: .complexInverse, width: spectrum.width, height: spectrum.height))
    var result = ComplexPlane(width: spectrum.width, height: spectrum.height)
    plan.complex(spectrum.interleaved, into: &result.interleaved)
    let scale = 1 / Float(spectrum.width * spectrum.height)
    for index in result.interleaved.indices { result.interleaved[index] *= scale }
    return result
  }
}
