import COpenBLAS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// OpenBLAS, loaded when the first product is asked for.
///
/// A program that is linked with it starts its thread pool before main, and the idle threads spin: that was
/// a third of the time of scanning the metadata of 200 files. It is held to one thread: Assay parallelises
/// above it, over slices that do not depend on the threads.
struct OpenBLAS: Sendable {
  typealias MatrixProduct =
    @convention(c) @Sendable (
      CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, blasint, blasint, blasint, Float, UnsafePointer<Float>?,
      blasint, UnsafePointer<Float>?, blasint, Float, UnsafeMutablePointer<Float>?, blasint
    ) -> Void
  private typealias SetThreads = @convention(c) (Int32) -> Void
  private typealias Text = @convention(c) () -> UnsafePointer<CChar>?

  let product: MatrixProduct
  /// OpenBLAS's own words: version, build options and the processor kind that it serves.
  let configuration: String
  /// The processor kind whose kernels it chose.
  let core: String

  /// Nil where the library cannot be found.
  static let loaded = OpenBLAS()

  private init?() {
    let names = [
      "libopenblas.so.0", "libopenblas.so", "libopenblas.dylib",
      "/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "/usr/local/opt/openblas/lib/libopenblas.dylib",
    ]
    guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first,
      let product = dlsym(library, "cblas_sgemm"),
      let setThreads = dlsym(library, "openblas_set_num_threads"),
      let configuration = dlsym(library, "openblas_get_config"),
      let core = dlsym(library, "openblas_get_corename")
    else { return nil }
    // SAFETY: the types are those of cblas.h; the library is never unloaded.
    unsafeBitCast(setThreads, to: SetThreads.self)(1)
    self.product = unsafeBitCast(product, to: MatrixProduct.self)
    func text(_ symbol: UnsafeMutableRawPointer) -> String {
      unsafeBitCast(symbol, to: Text.self)().map { String(cString: $0) } ?? "unknown"
    }
    self.configuration = text(configuration)
    self.core = text(core)
  }
}

/// Matrix products in memory.
enum BLAS {
  /// C = αAB + βC on row-major memory, either factor transposed; single-threaded.
  ///
  /// OpenBLAS computes it; where that is not installed, a plain loop does, some fifty times slower.
  static func multiply(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Float,
    a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int, beta: Float,
    c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    guard let library = OpenBLAS.loaded else {
      plainProduct(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
      return
    }
    library.product(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a, blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
  }

  /// The same by its definition.
  static func plainProduct(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float,
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float,
    _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    for row in 0..<m {
      for column in 0..<n {
        var sum: Float = 0
        for inner in 0..<k {
          let left = transposeA ? a[inner * lda + row] : a[row * lda + inner]
          let right = transposeB ? b[column * ldb + inner] : b[inner * ldb + column]
          sum += left * right
        }
        let old = beta == 0 ? 0 : beta * c[row * ldc + column]
        c[row * ldc + column] = alpha * sum + old
      }
    }
  }
}
