import Images

/// Adds a tile to a picture, pixel by pixel.
struct MarkWriter {
  var tile: Plane
  /// The tile's sample at the picture's upper left corner.
  var offset: (x: Int, y: Int)
  var mask: PerceptualMask

  /// The marked picture, of the same size, depth and colour model.
  func write(on image: Image) -> Image {
    switch image.samples {
    case .eight(let pixels):
      Image(
        width: image.width, height: image.height, colorModel: image.colorModel,
        pixels: add(to: pixels, of: image, unit: 1, top: 255))
    case .sixteen(let pixels):
      Image(
        width: image.width, height: image.height, colorModel: image.colorModel,
        pixels16: add(to: pixels, of: image, unit: 257, top: 65535))
    }
  }

  /// The marked luminance within a region, [region.y, region.x], in whole levels as a picture of 8 bits has them.
  func write(on luminance: Plane, region: TileFolding.Region) -> Plane {
    var part = Plane(width: region.x.count, height: region.y.count)
    var delta = [Float](repeating: 0, count: luminance.width)
    for y in region.y {
      mask.row(y, into: &delta)
      let tileRow = (y + offset.y) % tile.height * tile.width
      var column = (region.x.lowerBound + offset.x) % tile.width
      let (source, target) = (
        y * luminance.width, (y - region.y.lowerBound) * part.width - region.x.lowerBound
      )
      for x in region.x {
        let value = luminance.values[source + x] + delta[x] * tile.values[tileRow + column]
        part.values[target + x] = min(max(value.rounded(), 0), 255)
        column += 1
        if column == tile.width { column = 0 }
      }
    }
    return part
  }

  /// The same amount goes to every colour of a pixel, so hue stays.
  private func add<Sample: FixedWidthInteger & UnsignedInteger>(
    to pixels: [Sample], of image: Image, unit: Float, top: Int32
  ) -> [Sample] {
    var result = pixels
    let (width, channels) = (image.width, image.channels)
    let colors = image.colorModel.hasAlpha ? channels - 1 : channels
    var delta = [Float](repeating: 0, count: width)
    var steps = [Int32](repeating: 0, count: width)
    for y in 0..<image.height {
      mask.row(y, into: &delta)
      let tileRow = (y + offset.y) % tile.height * tile.width
      var column = offset.x
      for x in 0..<width {
        steps[x] = Int32((delta[x] * unit * tile.values[tileRow + column]).rounded(.toNearestOrEven))
        column += 1
        if column == tile.width { column = 0 }
      }
      result.withUnsafeMutableBufferPointer { result in
        steps.withUnsafeBufferPointer { steps in
          let line = result.baseAddress! + y * width * channels
          for x in 0..<width {
            let pixel = line + x * channels
            if colors < channels, pixel[colors] == 0 { continue }
            for c in 0..<colors {
              pixel[c] = Sample(truncatingIfNeeded: min(max(Int32(pixel[c]) &+ steps[x], 0), top))
            }
          }
        }
      }
    }
    return result
  }
}
