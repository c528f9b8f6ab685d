extension Image {
  /// The part within a rectangle.
  ///
  /// - Precondition: the rectangle is not empty and lies within the picture.
  public func cropped(x: Int, y: Int, width: Int, height: Int) -> Image {
    precondition(
      x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= self.width && y + height <= self.height)
    return rearranged(width: width, height: height, originX: x, originY: y, stepX: (1, 0), stepY: (0, 1))
  }

  /// The largest centred part of at most this size.
  public func centerCropped(width: Int, height: Int) -> Image {
    let (w, h) = (Swift.min(width, self.width), Swift.min(height, self.height))
    return cropped(x: (self.width - w) / 2, y: (self.height - h) / 2, width: w, height: h)
  }

  /// Left and right exchanged.
  public func flippedHorizontally() -> Image {
    rearranged(width: width, height: height, originX: width - 1, originY: 0, stepX: (-1, 0), stepY: (0, 1))
  }

  /// Top and bottom exchanged.
  public func flippedVertically() -> Image {
    rearranged(width: width, height: height, originX: 0, originY: height - 1, stepX: (1, 0), stepY: (0, -1))
  }

  /// Turned clockwise by a number of quarter turns; negative ones turn the other way.
  public func rotated(quarterTurns: Int) -> Image {
    switch ((quarterTurns % 4) + 4) % 4 {
    case 1:
      rearranged(
        width: height, height: width, originX: 0, originY: height - 1, stepX: (0, -1), stepY: (1, 0))
    case 2:
      rearranged(
        width: width, height: height, originX: width - 1, originY: height - 1, stepX: (-1, 0), stepY: (0, -1))
    case 3:
      rearranged(width: height, height: width, originX: width - 1, originY: 0, stepX: (0, 1), stepY: (-1, 0))
    default: self
    }
  }

  /// Rows and columns exchanged.
  public func transposed() -> Image {
    rearranged(width: height, height: width, originX: 0, originY: 0, stepX: (0, 1), stepY: (1, 0))
  }

  /// The picture as it is meant to be seen.
  ///
  /// - Parameter orientation: the EXIF value 1...8 (Exif 2.32, tag 274); others leave the picture alone.
  public func oriented(_ orientation: Int) -> Image {
    switch orientation {
    case 2: flippedHorizontally()
    case 3: rotated(quarterTurns: 2)
    case 4: flippedVertically()
    case 5: transposed()
    case 6: rotated(quarterTurns: 1)
    case 7: transposed().rotated(quarterTurns: 2)
    case 8: rotated(quarterTurns: 3)
    default: self
    }
  }

  /// Walks the source from an origin, by one step a target column and one a target row.
  private func rearranged(
    width: Int, height: Int, originX: Int, originY: Int, stepX: (Int, Int), stepY: (Int, Int)
  ) -> Image {
    let channels = self.channels
    let (stride, count) = (self.width * channels, width * height * channels)
    let columnStep = stepX.0 * channels + stepX.1 * stride
    let rowStep = stepY.0 * channels + stepY.1 * stride
    let origin = originX * channels + originY * stride
    func walk<Sample>(_ samples: [Sample]) -> [Sample] {
      [Sample](unsafeUninitializedCapacity: count) { out, used in
        samples.withUnsafeBufferPointer { samples in
          var target = out.baseAddress!
          for y in 0..<height {
            var source = samples.baseAddress! + (origin + y * rowStep)
            if columnStep == channels {
              target.initialize(from: source, count: width * channels)
              target += width * channels
              continue
            }
            for _ in 0..<width {
              for c in 0..<channels { target[c] = source[c] }
              target += channels
              source += columnStep
            }
          }
        }
        used = count
      }
    }
    return switch samples {
    case .eight(let pixels): Image(width: width, height: height, colorModel: colorModel, pixels: walk(pixels))
    case .sixteen(let pixels):
      Image(width: width, height: height, colorModel: colorModel, pixels16: walk(pixels))
    }
  }
}
