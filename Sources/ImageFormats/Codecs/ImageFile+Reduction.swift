import CCodecs
import Images

/// A picture that is too large to be held, as it was read in one pass over its rows.
public struct Reduction: Sendable {
  /// Its size.
  public var width: Int
  public var height: Int
  /// Each pixel of the reduced picture is the mean of so many by so many; what is left over at the right and at the
  /// bottom is left out.
  public var factor: Int
  /// The first rows as they are, for what reduction wipes out.
  public var firstRows: Image
}

extension ImageFile {
  /// As ``decode(allowingDamage:metadata:)``, of a JPEG file of more pixels than are held: reduced, with
  /// ``DecodedImage/reduction``. Memory: 3 bytes a pixel of the reduced picture and of the rows that are kept; of a
  /// progressive file libjpeg holds all coefficients as well, 3 to 6 bytes a pixel.
  ///
  /// - Parameter see: gets the samples of the whole picture, some rows at a time.
  /// - Returns: nil for a picture that is smaller, of another kind, or damaged.
  public func decodeReduced(_ see: (ImageHeader, [UInt8]) -> Void) throws(ImageFormatError) -> DecodedImage? {
    guard format == .jpeg, let header = try? header(), header.width * header.height > limits.maxHeldPixels,
      header.colorModel == .rgb || header.colorModel == .grey
    else { return nil }
    ReadingTally.current?.count(\.decodings)
    var factor = 2
    while header.width / factor * (header.height / factor) > limits.maxHeldPixels / 8 { factor += 1 }
    let (width, height) = (header.width / factor, header.height / factor)
    // Whole blocks of JPEG and of the marks that live in them.
    let rows = min(header.height, max(64, limits.maxHeldPixels / 12 / header.width / 16 * 16))
    guard width > 0, height > 0,
      let (reduced, kept, warnings) = JPEGReduction.run(
        self, channels: header.colorModel.channels, width: header.width, factor: factor,
        reducedBytes: width * height * header.colorModel.channels, rows: rows, see: { see(header, $0) })
    else { return nil }
    let known = try metadata()
    return DecodedImage(
      image: Image(width: width, height: height, colorModel: header.colorModel, pixels: reduced),
      orientation: known.orientation,
      iccProfile: known.iccProfile?.content(in: bytes, limit: limits.maxTextBytes), jpeg: known.jpeg,
      warnings: warnings,
      reduction: Reduction(
        width: header.width, height: header.height, factor: factor,
        firstRows: Image(width: header.width, height: rows, colorModel: header.colorModel, pixels: kept)))
  }
}

/// One pass of libjpeg over a picture's rows.
private enum JPEGReduction {
  private final class Listener {
    let see: ([UInt8]) -> Void
    init(_ see: @escaping ([UInt8]) -> Void) { self.see = see }
  }

  static func run(
    _ file: ImageFile, channels: Int, width: Int, factor: Int, reducedBytes: Int, rows: Int,
    see: ([UInt8]) -> Void
  ) -> (reduced: [UInt8], kept: [UInt8], warnings: [String])? {
    withoutActuallyEscaping(see) { see in
      let listener = Listener(see)
      var info = assay_image_info()
      var limits = assay_limits(file.limits)
      var status = ASSAY_BAD
      var reduced: [UInt8] = []
      // SAFETY: the function initialises both buffers, calls back during the call only, with rows that it owns, and keeps
      // none of the pointers; the listener lives until it is over.
      let kept = unsafe [UInt8](unsafeUninitializedCapacity: rows * width * channels) { first, used in
        reduced = unsafe [UInt8](unsafeUninitializedCapacity: reducedBytes) { small, usedSmall in
          status = unsafe file.bytes.withUnsafeBufferPointer { bytes in
            unsafe assay_jpeg_reduce(
              bytes.baseAddress, bytes.count, &limits, UInt32(factor), small.baseAddress, reducedBytes,
              UInt32(rows), first.baseAddress, rows * width * channels,
              { context, samples, count in
                guard let context = unsafe context else { return }
                let listener = unsafe Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue()
                listener.see(unsafe Array(UnsafeBufferPointer(start: samples, count: count)))
              }, Unmanaged.passUnretained(listener).toOpaque(), &info)
          }
          usedSmall = reducedBytes
        }
        used = rows * width * channels
      }
      guard status == ASSAY_OK else { return nil }
      return (reduced, kept, info.warnings == 0 ? [] : ["the decoder had \(info.warnings) complaint(s)"])
    }
  }
}
