public import Images

/// A picture of a spectrum for people: bright is much power, peaks are ringed.
public enum SpectrumDrawing {
  /// Draws the whole plane of frequencies, zero in the middle, ±0.5 cycles a sample at the edges.
  ///
  /// Brightness runs from the 1st to the 99.5th percentile of log power. Peaks get a ring each, thicker for
  /// stronger ones, so that colour isn't the only cue.
  ///
  /// - Returns: a picture of N·scale pixels a side, RGB.
  public static func image(of spectrum: LogSpectrum, peaks: [SpectralPeak], scale: Int = 2) -> Image {
    let side = spectrum.side
    let scale = max(1, min(scale, 8))
    let sorted = spectrum.values.sorted()
    let low = sorted[sorted.count / 100]
    let high = max(sorted[min(sorted.count - 1, sorted.count * 995 / 1000)], low + 1e-3)
    let size = side * scale
    var pixels = [UInt8](repeating: 0, count: size * size * 3)
    for y in 0..<size {
      for x in 0..<size {
        let value = spectrum.value(u: x / scale - side / 2, v: y / scale - side / 2)
        let grey = UInt8(max(0, min(1, (value - low) / (high - low))) * 255)
        let at = (y * size + x) * 3
        (pixels[at], pixels[at + 1], pixels[at + 2]) = (grey, grey, grey)
      }
    }
    for peak in peaks {
      let thickness = peak.significance > 10 ? 2 : 1
      for sign in [Float(1), -1] {
        let x = Int((sign * peak.frequencyX + 0.5) * Float(size))
        let y = Int((sign * peak.frequencyY + 0.5) * Float(size))
        ring(&pixels, size: size, x: x, y: y, radius: 4 * scale, thickness: thickness)
      }
    }
    return Image(width: size, height: size, colorModel: .rgb, pixels: pixels)
  }

  private static func ring(_ pixels: inout [UInt8], size: Int, x: Int, y: Int, radius: Int, thickness: Int) {
    let reach = radius + thickness
    for dy in -reach...reach {
      for dx in -reach...reach {
        let distance = Float(dx * dx + dy * dy).squareRoot()
        guard distance >= Float(radius) - 0.5, distance < Float(radius + thickness) - 0.5 else { continue }
        let (px, py) = (x + dx, y + dy)
        guard (0..<size).contains(px), (0..<size).contains(py) else { continue }
        let at = (py * size + px) * 3
        (pixels[at], pixels[at + 1], pixels[at + 2]) = (255, 170, 0)
      }
    }
  }
}
