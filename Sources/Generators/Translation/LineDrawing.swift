import Foundation
import Images
import Tensors

/// A line drawing of a picture: where lightness changes most, black on white.
///
/// Canny's edges: a Gaussian of 1.4 pixels, the gradient, ridges across its direction; then as many of the strongest
/// as `density` of the pixels. The pairs that translation learns from are made this way, so a picture and a sketch can
/// both be given to it.
///
/// Source: Canny 1986, doi:10.1109/TPAMI.1986.4767851
struct LineDrawing: Sendable, Hashable {
  /// The share of pixels on a line.
  var density: Double = 0.09

  /// 1 on lines and 0 beside them, [side · side], of a square picture in 8-bit RGB.
  func callAsFunction(_ image: Image) -> [Float] {
    let (width, height) = (image.width, image.height)
    let smooth = Self.blurred(image.luminance().values, width, height)
    var strength = [Float](repeating: 0, count: width * height)
    var across = [Float](repeating: 0, count: width * height)
    var down = across
    for y in 1..<height - 1 {
      for x in 1..<width - 1 {
        let i = y * width + x
        let (above, below) = (i - width, i + width)
        across[i] =
          smooth[above + 1] + 2 * smooth[i + 1] + smooth[below + 1] - smooth[above - 1] - 2 * smooth[i - 1]
          - smooth[below - 1]
        down[i] =
          smooth[below - 1] + 2 * smooth[below] + smooth[below + 1] - smooth[above - 1] - 2 * smooth[above]
          - smooth[above + 1]
        strength[i] = (across[i] * across[i] + down[i] * down[i]).squareRoot()
      }
    }
    // Ridges: no weaker than the two neighbours along the gradient.
    var ridges = [Float](repeating: 0, count: width * height)
    for y in 1..<height - 1 {
      for x in 1..<width - 1 {
        let i = y * width + x
        let (gx, gy) = (across[i], down[i])
        let step: Int
        if abs(gy) < 0.414 * abs(gx) {
          step = 1
        } else if abs(gx) < 0.414 * abs(gy) {
          step = width
        } else {
          step = gx * gy > 0 ? width + 1 : width - 1
        }
        if strength[i] >= strength[i - step], strength[i] >= strength[i + step] { ridges[i] = strength[i] }
      }
    }
    let ordered = ridges.filter { $0 > 0 }.sorted(by: >)
    let count = min(ordered.count, Int(density * Double(width * height)))
    guard count > 0 else { return ridges.map { _ in 0 } }
    let threshold = ordered[count - 1]
    return ridges.map { $0 >= threshold ? 1 : 0 }
  }

  private static func blurred(_ values: [Float], _ width: Int, _ height: Int) -> [Float] {
    let taps = (-4...4).map { exp(-Float($0 * $0) / (2 * 1.4 * 1.4)) }
    let total = taps.reduce(0, +)
    func pass(_ source: [Float], _ step: Int, _ length: Int) -> [Float] {
      source.indices.map { i in
        let place = i / step % length
        var sum: Float = 0
        for (k, tap) in taps.enumerated() {
          sum += tap * source[i + (min(max(place + k - 4, 0), length - 1) - place) * step]
        }
        return sum / total
      }
    }
    return pass(pass(values, 1, width), width, height)
  }
}
