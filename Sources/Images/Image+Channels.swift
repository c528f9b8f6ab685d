import Foundation

extension Image {
  /// The picture without its alpha channel; the colours stay as they are.
  public func withoutAlpha() -> Image {
    guard colorModel.hasAlpha else { return self }
    let model: ColorModel = colorModel == .rgba ? .rgb : .grey
    let (source, target) = (channels, model.channels)
    func drop<Sample>(_ samples: [Sample]) -> [Sample] {
      [Sample](unsafeUninitializedCapacity: pixelCount * target) { out, used in
        samples.withUnsafeBufferPointer { samples in
          for pixel in 0..<pixelCount {
            for c in 0..<target { out[pixel * target + c] = samples[pixel * source + c] }
          }
        }
        used = pixelCount * target
      }
    }
    return switch samples {
    case .eight(let pixels): Image(width: width, height: height, colorModel: model, pixels: drop(pixels))
    case .sixteen(let pixels): Image(width: width, height: height, colorModel: model, pixels16: drop(pixels))
    }
  }

  /// The picture with three colour channels (and alpha, where it has one); grey is repeated.
  public func inColor() -> Image {
    guard colorModel == .grey || colorModel == .greyAlpha else { return self }
    let model: ColorModel = colorModel == .grey ? .rgb : .rgba
    let (source, target) = (channels, model.channels)
    func spread<Sample>(_ samples: [Sample]) -> [Sample] {
      [Sample](unsafeUninitializedCapacity: pixelCount * target) { out, used in
        samples.withUnsafeBufferPointer { samples in
          for pixel in 0..<pixelCount {
            let grey = samples[pixel * source]
            for c in 0..<3 { out[pixel * target + c] = grey }
            if target == 4 { out[pixel * target + 3] = samples[pixel * source + 1] }
          }
        }
        used = pixelCount * target
      }
    }
    return switch samples {
    case .eight(let pixels): Image(width: width, height: height, colorModel: model, pixels: spread(pixels))
    case .sixteen(let pixels):
      Image(width: width, height: height, colorModel: model, pixels16: spread(pixels))
    }
  }

  /// Each 8-bit level replaced by another.
  package func mappingLevels(_ transform: (UInt8) -> UInt8) -> Image {
    Image(width: width, height: height, colorModel: colorModel, pixels: pixels8.map(transform))
  }

  /// Each level, as a share of 255, raised to a power.
  package func withGamma(_ exponent: Float) -> Image {
    let table = (0..<256).map { UInt8((pow(Float($0) / 255, exponent) * 255).rounded()) }
    return mappingLevels { table[Int($0)] }
  }
}
