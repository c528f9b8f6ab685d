import Diagnostics
import Foundation
package import Images
package import NeuralNetworks
import Spectra
package import Tensors

/// What the detector reads off a picture before it judges: numbers that survive resizing and compression.
package struct PictureFeatures: Sendable {
  /// The class token of the whole picture after each of the encoder's blocks, [blocks, width].
  package var tokens: Tensor
  /// The mean spectral features of its most textured crops at native resolution; empty where it is too small or flat.
  package var spectra: [Float]

  package init(tokens: Tensor, spectra: [Float]) {
    self.tokens = tokens
    self.spectra = spectra
  }
}

/// The frozen encoder that the detector looks through: CLIP's ViT-B/16.
///
/// Source: Radford et al. 2021, arXiv:2103.00020.
package struct PictureEncoder: Sendable {
  package let transformer: VisionTransformer
  /// Where its files lie.
  package let folder: String
  /// Of its files, in order.
  package let checksums: [UInt64]

  /// How many numbers ``PictureFeatures/tokens`` holds.
  package var inputs: Int { transformer.configuration.blocks * transformer.configuration.width }

  /// How many spectral features there are.
  package static let spectralCount = SpectralFeatures.count

  private static let names = ["clip-vit-b16-1", "clip-vit-b16-2"]

  /// The encoder that ships with Assay, its weights mapped, or why it can't be used.
  package static let installed: Result<PictureEncoder, DetectorError> = Result { () throws(DetectorError) in
    let paths = names.compactMap {
      Bundle.module.url(forResource: $0, withExtension: "safetensors", subdirectory: "Resources/encoder")?
        .path
    }
    guard paths.count == names.count else {
      throw DetectorError(
        code: "detector.encoder",
        message: "the trained detector is not installed: its encoder's weights are missing",
        remedy: "install the package assay-detector, or the program with its resources")
    }
    return try PictureEncoder(paths: paths)
  }

  private init(paths: [String]) throws(DetectorError) {
    do {
      transformer = try VisionTransformer(paths: paths)
    } catch {
      throw DetectorError(
        code: "detector.encoder", location: error.location, message: error.message, remedy: error.remedy)
    }
    checksums = transformer.checksums
    folder = URL(filePath: paths[0]).deletingLastPathComponent().path
  }

  /// - Parameter luminance: the picture's, 0...255.
  package func features(of image: Image, luminance: Plane) -> PictureFeatures {
    PictureFeatures(tokens: tokens(of: image), spectra: Self.spectra(of: image, luminance: luminance))
  }

  /// The class token of the whole picture after each block, [blocks, width].
  package func tokens(of image: Image) -> Tensor { transformer.classTokens(of: image) }

  /// The mean of the spectral features of the most textured crops; empty where there is none.
  private static func spectra(of image: Image, luminance: Plane) -> [Float] {
    var sums = [Float](repeating: 0, count: SpectralFeatures.count)
    var count: Float = 0
    for crop in CropSelection.of(luminance) {
      let cut = image.cropped(x: crop.x, y: crop.y, width: crop.width, height: crop.height)
      guard let features = try? SpectralFeatures(of: cut) else { continue }
      for (place, value) in features.values.enumerated() { sums[place] += value }
      count += 1
    }
    return count > 0 ? sums.map { $0 / count } : []
  }
}
