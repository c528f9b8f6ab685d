import CKernels

/// The numeric back ends in use, for reports and for `assay doctor`.
public enum NumericLibraries {
  /// OpenBLAS's own words: version, build options and the processor kind that it serves.
  public static var openBLAS: String { OpenBLAS.loaded?.configuration ?? "not installed: products are slow" }

  /// The processor kind whose kernels OpenBLAS chose, such as `Zen` or `SkylakeX`.
  public static var openBLASCore: String { OpenBLAS.loaded?.core ?? "none" }

  /// The instruction set of the vector kernels: `amx`, `avx512vnni`, `avx512`, `avx2`, `neon` or `base`; or `reference`.
  public static var kernels: String {
    if Kernels.usesReference { return "reference" }
    return ck_instruction_set_name(ck_instruction_set()).map { String(cString: $0) } ?? "base"
  }

  /// Whether a matrix product of OpenBLAS gives what a plain loop gives.
  ///
  /// Some builds compute wrong results on processors that they do not know. Cost: about a millisecond.
  public static func openBLASIsRight() -> Bool {
    let side = 96
    // Small whole numbers: every sum is exact in Float, so the comparison is too.
    let a = (0..<side * side).map { Float(($0 * 7 + $0 / side * 3) % 17 - 8) }
    let b = (0..<side * side).map { Float(($0 * 5 + $0 / side * 11) % 13 - 6) }
    var product = [Float](repeating: 0, count: side * side)
    var expected = product
    BLAS.multiply(
      transposeA: false, transposeB: false, m: side, n: side, k: side, alpha: 1, a: a, lda: side, b: b,
      ldb: side, beta: 0, c: &product, ldc: side)
    BLAS.plainProduct(false, false, side, side, side, 1, a, side, b, side, 0, &expected, side)
    return product == expected
  }
}
