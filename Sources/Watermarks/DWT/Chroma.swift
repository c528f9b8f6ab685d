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
      image.pixels8.withUnsafeBytes { pixels in
        guard let out = out.baseAddress else { return }
        let mask = SIMD4<UInt32>(repeating: 255)
        let (redShift, blueShift) = (UInt32(8 * red), UInt32(8 * blue))
        @inline(__always) func part(_ lanes: SIMD4<UInt32>) -> SIMD4<Float> {
          // Signed, since processors convert that in one step.
          SIMD4<Float>(SIMD4<Int32>(truncatingIfNeeded: lanes & mask))
        }
        var index = 0
        // A load reaches one byte beyond an RGB pixel, so the last ones are left to the plain loop.
        while index + 5 <= count {
          let base = index &* channels
          let lanes = SIMD4<UInt32>(
            pixels.loadUnaligned(fromByteOffset: base, as: UInt32.self).littleEndian,
            pixels.loadUnaligned(fromByteOffset: base &+ channels, as: UInt32.self).littleEndian,
            pixels.loadUnaligned(fromByteOffset: base &+ 2 &* channels, as: UInt32.self).littleEndian,
            pixels.loadUnaligned(fromByteOffset: base &+ 3 &* channels, as: UInt32.self).littleEndian)
          let blues = part(lanes &>> blueShift)
          let luma = part(lanes &>> redShift) * 0.299 + part(lanes &>> 8) * 0.587 + blues * 0.114
          UnsafeMutableRawPointer(out + index).storeBytes(of: (blues - luma) * 0.492, as: SIMD4<Float>.self)
          index &+= 4
        }
        while index < count {
          let at = index * channels
          let luma =
            0.299 * Float(pixels[at + red]) + 0.587 * Float(pixels[at + 1]) + 0.114 * Float(pixels[at + blue])
          out[index] = 0.492 * (Float(pixels[at + blue]) - luma)
          index += 1
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
