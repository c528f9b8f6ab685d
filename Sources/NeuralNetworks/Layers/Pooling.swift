import Tensors

extension Variable {
  /// The mean over pixels: [N, H, W, C] gives [N, C].
  public func globalAverage() -> Variable {
    mean(to: [shape[0], 1, 1, shape[3]]).reshaped(to: [shape[0], shape[3]])
  }

  /// The largest element of each window, PyTorch's `MaxPool2d`; padding never wins.
  public func maxPooled(kernel: Int, stride: Int, padding: Int = 0) -> Variable {
    let (y, source) = Spatial.maxPool(tensor, kernel: kernel, stride: stride, padding: padding)
    let shape = self.shape
    return tape.record("max pooling", y, inputs: [self]) { dy in [Spatial.scatter(dy, source, shape)] }
  }

  /// The mean of each window without padding, PyTorch's `AvgPool2d`.
  public func averagePooled(kernel: Int, stride: Int) -> Variable {
    let shape = self.shape
    let y = Spatial.averagePool(tensor, kernel: kernel, stride: stride)
    return tape.record("average pooling", y, inputs: [self]) { dy in
      [Spatial.averagePoolBackward(dy, kernel: kernel, stride: stride, shape)]
    }
  }

  /// Each pixel repeated `factor` times both ways.
  public func upsampledNearest(_ factor: Int) -> Variable {
    let shape = self.shape
    let rows = Spatial.nearest(shape[1], factor)
    let cols = Spatial.nearest(shape[2], factor)
    return resampled("nearest upsampling", rows, cols)
  }

  /// Bilinear resizing with half-pixel centres, PyTorch's `align_corners=False`, without antialiasing.
  public func resizedBilinear(height: Int, width: Int) -> Variable {
    resampled(
      "bilinear resizing", Spatial.bilinear(shape[1], height), Spatial.bilinear(shape[2], width))
  }

  /// Mirrored at the borders without repeating them.
  public func reflectionPadded(_ pad: Int) -> Variable {
    precondition(pad < shape[1] && pad < shape[2], "\(shape) cannot be mirrored by \(pad)")
    return resampled("reflection padding", Spatial.reflection(shape[1], pad), Spatial.reflection(shape[2], pad))
  }

  private func resampled(_ name: String, _ rows: [Spatial.Taps], _ cols: [Spatial.Taps]) -> Variable {
    let shape = self.shape
    return tape.record(name, Spatial.resample(tensor, rows, cols), inputs: [self]) { dy in
      [Spatial.resampleBackward(dy, rows, cols, shape)]
    }
  }

  /// [N, H, W, C·r²] gives [N, H·r, W·r, C], channels ordered as PyTorch's `PixelShuffle`.
  public func pixelShuffled(_ factor: Int) -> Variable {
    tape.record("pixel shuffle", Spatial.pixelShuffle(tensor, factor), inputs: [self]) { dy in
      [Spatial.pixelUnshuffle(dy, factor)]
    }
  }

  /// While training, zeroes each element with the probability given and scales the rest up.
  public func droppedOut(_ probability: Float) -> Variable {
    guard tape.mode == .training, probability > 0 else { return self }
    var mask = Tensor(shape)
    let scale = 1 / (1 - probability)
    mask.withMutableSpan { span in
      for i in span.indices { span[i] = tape.random.chance(probability) ? 0 : scale }
    }
    return self * tape.constant(mask)
  }
}

/// Layers without parameters.
public enum Reshaping: Layer, Hashable {
  case flatten
  case globalAverage
  case maxPool(kernel: Int, stride: Int, padding: Int)
  case averagePool(kernel: Int, stride: Int)
  case nearestUpsample(Int)
  case reflectionPad(Int)
  case pixelShuffle(Int)
  case dropout(Float)

  public func callAsFunction(_ x: Variable) -> Variable {
    switch self {
    case .flatten: x.flattened()
    case .globalAverage: x.globalAverage()
    case .maxPool(let kernel, let stride, let padding):
      x.maxPooled(kernel: kernel, stride: stride, padding: padding)
    case .averagePool(let kernel, let stride): x.averagePooled(kernel: kernel, stride: stride)
    case .nearestUpsample(let factor): x.upsampledNearest(factor)
    case .reflectionPad(let pad): x.reflectionPadded(pad)
    case .pixelShuffle(let factor): x.pixelShuffled(factor)
    case .dropout(let probability): x.droppedOut(probability)
    }
  }

  public func visitParameters(_ visitor: ParameterVisitor) {}
}
