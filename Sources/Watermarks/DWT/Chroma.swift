import Images

/// The chroma that the marks live in, without its offset: U = 0.492·(B − Y), −112...112.
///
/// The library rounds U to bytes; for reading the unrounded values are better.
struct Chroma {
  /// Which channel the embedding program took for blue. OpenCV expects BGR, and some programs handed
  /// their RGB over unchanged.
  enum Order: CaseIterable { case bgr, rgb }

  var width: Int
  var height: Int
  var values: [Float]

  init(_ image: Image, order: Order) {
    width = image.width
    height = image.height
    let channels = image.channels
    let (red, blue) = order == .bgr ? (0, 2) : (2, 0)
    guard channels >= 3 else {
      values = [Float](repeating: 0, count: image.pixelCount)
      return
    }
    let count = image.pixelCount
    values = [Float](unsafeUninitializedCapacity: count) { out, used in
      image.pixels8.withUnsafeBufferPointer { pixels in
        for index in 0..<count {
          let at = index * channels
          let luma =
            0.299 * Float(pixels[at + red]) + 0.587 * Float(pixels[at + 1]) + 0.114 * Float(pixels[at + blue])
          out[index] = 0.492 * (Float(pixels[at + blue]) - luma)
        }
      }
      used = count
    }
  }
}

/// Which numbers an embedding program worked with; both the largest coefficient of a block and the
/// place of its quantisation steps depend on it.
enum EmbeddingDomain: CaseIterable {
  /// Bytes: OpenCV centres U on 128, and the library cuts half a level off on the way back.
  case bytes
  /// Floats 0...255 (SDXL, FLUX): OpenCV centres U on 0.5 and nothing is cut off.
  case floats

  /// What is added to the approximation coefficients, which are U times two.
  var centre: Float { self == .bytes ? 257 : 1 }
}
