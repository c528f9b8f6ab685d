extension Image {
  /// Luminance in 0...255: ITU-R BT.601 weights 0.299, 0.587, 0.114 on the stored (gamma-encoded) samples.
  ///
  /// Grey samples are taken as they are, alpha is left out, 16-bit samples are divided by 257.
  public func luminance() -> Plane {
    switch samples {
    case .eight(let pixels) where channels >= 3: luminance(pixels)
    case .eight(let pixels): plane(pixels, 0, scale: 1)
    case .sixteen(let pixels): luminance(pixels, scale: 1 / 257)
    }
  }

  /// One channel's samples as floats in 0...255; 16-bit samples are divided by 257.
  ///
  /// - Precondition: `index` is within `0..<channels`.
  public func plane(channel index: Int) -> Plane {
    precondition((0..<channels).contains(index))
    return switch samples {
    case .eight(let pixels): plane(pixels, index, scale: 1)
    case .sixteen(let pixels): plane(pixels, index, scale: 1 / 257)
    }
  }

  /// Every channel's samples, in the order of the colour model, 0...255.
  public func planes() -> [Plane] { (0..<channels).map(plane(channel:)) }

  /// A picture from planes of 0...255 in the model's order, rounded to the nearest and clamped.
  ///
  /// - Precondition: there is one plane a channel, all of one size.
  public init(planes: [Plane], colorModel: ColorModel) {
    precondition(planes.count == colorModel.channels)
    let (width, height) = (planes[0].width, planes[0].height)
    precondition(planes.allSatisfy { $0.width == width && $0.height == height })
    let (count, channels) = (width * height, planes.count)
    let pixels = [UInt8](unsafeUninitializedCapacity: count * channels) { out, used in
      for (c, plane) in planes.enumerated() {
        plane.values.withUnsafeBufferPointer { values in
          for i in 0..<count {
            // Not a number becomes 0; the comparison order of max decides that.
            out[i * channels + c] = UInt8(Swift.min(Swift.max(0, values[i] + 0.5), 255))
          }
        }
      }
      used = count * channels
    }
    self.init(width: width, height: height, colorModel: colorModel, pixels: pixels)
  }

  /// Four pixels at a time: one 32-bit load each, whose bytes are then parted in all lanes at once.
  private func luminance(_ pixels: [UInt8]) -> Plane {
    let (count, step) = (pixelCount, channels)
    let values = [Float](unsafeUninitializedCapacity: count) { out, used in
      pixels.withUnsafeBytes { pixels in
        let target = out.baseAddress!
        let mask = SIMD4<UInt32>(repeating: 255)
        func part(_ lanes: SIMD4<UInt32>) -> SIMD4<Float> {
          // Signed, since processors convert that in one step.
          SIMD4<Float>(SIMD4<Int32>(truncatingIfNeeded: lanes & mask))
        }
        var i = 0
        // A load reaches one byte beyond an RGB pixel, so the last ones are left to the plain loop.
        while i + 5 <= count {
          let base = i &* step
          let lanes = SIMD4<UInt32>(
            pixels.loadUnaligned(fromByteOffset: base, as: UInt32.self).littleEndian,
            pixels.loadUnaligned(fromByteOffset: base &+ step, as: UInt32.self).littleEndian,
            pixels.loadUnaligned(fromByteOffset: base &+ 2 &* step, as: UInt32.self).littleEndian,
            pixels.loadUnaligned(fromByteOffset: base &+ 3 &* step, as: UInt32.self).littleEndian)
          let sum = part(lanes) * 0.299 + part(lanes &>> 8) * 0.587 + part(lanes &>> 16) * 0.114
          UnsafeMutableRawPointer(target + i).storeBytes(of: sum, as: SIMD4<Float>.self)
          i &+= 4
        }
        while i < count {
          let base = i * step
          target[i] =
            0.299 * Float(pixels[base]) + 0.587 * Float(pixels[base + 1]) + 0.114 * Float(pixels[base + 2])
          i += 1
        }
      }
      used = count
    }
    return Plane(width: width, height: height, values: values)
  }

  private func luminance<Sample: FixedWidthInteger & UnsignedInteger>(
    _ pixels: [Sample], scale: Float
  ) -> Plane {
    guard channels >= 3 else { return plane(pixels, 0, scale: scale) }
    let (count, step) = (pixelCount, channels)
    let values = [Float](unsafeUninitializedCapacity: count) { out, used in
      pixels.withUnsafeBufferPointer { pixels in
        let (source, target) = (pixels.baseAddress!, out.baseAddress!)
        let (red, green, blue) = (0.299 * scale, 0.587 * scale, 0.114 * scale)
        if step == 3 {
          for i in 0..<count {
            let p = source + 3 * i
            target[i] = red * Float(p[0]) + green * Float(p[1]) + blue * Float(p[2])
          }
        } else {
          for i in 0..<count {
            let p = source + 4 * i
            target[i] = red * Float(p[0]) + green * Float(p[1]) + blue * Float(p[2])
          }
        }
      }
      used = count
    }
    return Plane(width: width, height: height, values: values)
  }

  private func plane<Sample: FixedWidthInteger & UnsignedInteger>(
    _ pixels: [Sample], _ index: Int, scale: Float
  ) -> Plane {
    let (count, step) = (pixelCount, channels)
    let values = [Float](unsafeUninitializedCapacity: count) { out, used in
      pixels.withUnsafeBufferPointer { pixels in
        let (source, target) = (pixels.baseAddress! + index, out.baseAddress!)
        for i in 0..<count { target[i] = Float(source[i &* step]) * scale }
      }
      used = count
    }
    return Plane(width: width, height: height, values: values)
  }
}
