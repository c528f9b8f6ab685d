import CFFTW

/// The Fourier library in use.
public enum FourierLibrary {
  /// Such as `fftw-3.3.10-sse2-avx`.
  public static var version: String { String(cString: assay_fftw_version()) }
}
