import Crypto
import Diagnostics
public import Images

/// The SHA-256 of decoded pixels: equal for files that hold the same picture losslessly, whatever the format.
///
/// Hashed is the line `assay.pixels/1 WIDTH HEIGHT MODEL BITS` with a line feed (MODEL is `grey`, `greyAlpha`,
/// `rgb` or `rgba`, BITS is 8 or 16), then the samples as the file holds them: row by row, top to bottom,
/// channels interleaved, 16-bit samples with the high byte first. Orientation and profile are not applied.
public enum PixelDigest {
  /// The digest of a picture of 8-bit samples that comes row by row.
  struct Running {
    private var hasher = SHA256()

    init(width: Int, height: Int, colorModel: Image.ColorModel) {
      hasher.update(data: Array("assay.pixels/1 \(width) \(height) \(colorModel.rawValue) 8\n".utf8))
    }

    mutating func update(_ samples: [UInt8]) {
      // SAFETY: the hasher reads the samples during the call and keeps nothing of them.
      unsafe samples.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
    }

    func finish() -> String { hasher.finalize().hexadecimal }
  }

  /// 64 lower-case hexadecimal digits. Cost: about 1 ms a megabyte.
  public static func sha256(of image: Image) -> String {
    var hasher = SHA256()
    func head(_ bits: Int) {
      hasher.update(
        data: Array(
          "assay.pixels/1 \(image.width) \(image.height) \(image.colorModel.rawValue) \(bits)\n".utf8))
    }
    switch image.samples {
    case .eight(let samples):
      head(8)
      // SAFETY: the hasher reads the samples during the call and keeps nothing of them.
      unsafe samples.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
    case .sixteen(let samples):
      head(16)
      var start = 0
      while start < samples.count {
        let end = min(start + 32_768, samples.count)
        var block: [UInt8] = []
        block.reserveCapacity(2 * (end - start))
        for sample in samples[start..<end] {
          block.append(UInt8(sample >> 8))
          block.append(UInt8(truncatingIfNeeded: sample))
        }
        hasher.update(data: block)
        start = end
      }
    }
    return hasher.finalize().hexadecimal
  }
}
