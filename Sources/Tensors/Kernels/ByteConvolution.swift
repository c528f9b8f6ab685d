import CKernels

/// How numbers are held as bytes: value = step · (byte − centre).
package struct ByteScale: Sendable, Hashable {
  package let step: Float
  /// The whole number nearest to the centre: what zeros around an image are held as.
  package let zero: UInt8
  package let centre: Float

  /// Bytes for the numbers between two bounds and 0; those beyond are held as the bounds.
  package init(_ bounds: ClosedRange<Float>) {
    let (low, high) = (min(bounds.lowerBound, 0), max(bounds.upperBound, 0))
    // One step less than there are, for the zero point is whole.
    step = max(high - low, 1e-20) / 254
    zero = UInt8((-low / step).rounded())
    centre = Float(zero)
  }

  private init(step: Float, zero: UInt8, centre: Float) {
    self.step = step
    self.zero = zero
    self.centre = centre
  }

  /// Of pictures in −1...1: their own 255 steps.
  package static let pixels = ByteScale(step: 2 / 255, zero: 128, centre: 127.5)
}

/// An image of bytes [height, width, channels].
///
/// `@unchecked Sendable`: slices write rows of their own, and nobody reads a row before its slice is done.
package final class ByteImage: @unchecked Sendable {
  package let height: Int
  package let width: Int
  package let channels: Int
  package let scale: ByteScale
  private let storage: Storage

  /// An image whose bytes have still to be written.
  package init(height: Int, width: Int, channels: Int, scale: ByteScale) {
    precondition(channels % 4 == 0)
    self.height = height
    self.width = width
    self.channels = channels
    self.scale = scale
    storage = Storage(count: (height * width * channels + 3) / 4)
  }

  /// An image in the same memory, for maps of which one takes the place of the other.
  package init(over other: ByteImage, scale: ByteScale) {
    (height, width, channels) = (other.height, other.width, other.channels)
    self.scale = scale
    storage = other.storage
  }

  var base: UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(storage.base).assumingMemoryBound(to: UInt8.self)
  }

  /// A picture [1, H, W, C], with channels of zeros to a multiple of 4.
  package init(_ picture: Tensor, scale: ByteScale) {
    let (height, width, given) = (picture.shape[1], picture.shape[2], picture.shape[3])
    self.height = height
    self.width = width
    channels = (given + 3) / 4 * 4
    self.scale = scale
    storage = Storage(count: height * width * channels / 4)
    let (inverse, centre) = (1 / scale.step, scale.centre)
    let (source, target) = (picture.pointer, base)
    for pixel in 0..<height * width {
      for c in 0..<channels {
        target[pixel * channels + c] =
          c < given
          ? UInt8(min(max(source[pixel * given + c] * inverse + centre, 0), 255).rounded()) : scale.zero
      }
    }
    withExtendedLifetime(picture) {}
  }
}

/// An image of floats [height, width, channels] that several layers write by turns.
///
/// `@unchecked Sendable`: as ``ByteImage``.
package final class NumberImage: @unchecked Sendable {
  private let shape: Shape
  private let storage: Storage

  /// An image whose numbers have still to be written.
  package init(height: Int, width: Int, channels: Int) {
    shape = [1, height, width, channels]
    storage = Storage(count: shape.count)
  }

  /// A copy of a picture [1, H, W, C].
  package init(_ picture: Tensor) {
    shape = picture.shape
    storage = Storage(count: shape.count)
    picture.withBuffer { buffer in
      if let base = buffer.baseAddress { storage.base.update(from: base, count: buffer.count) }
    }
  }

  /// A copy of the numbers, [1, H, W, C].
  package var tensor: Tensor {
    let result = Tensor(uninitialized: shape)
    result.freshPointer.update(from: storage.base, count: shape.count)
    return result
  }

  fileprivate var base: UnsafeMutablePointer<Float> { storage.base }
}

/// A convolution of three rows whose input is bytes and whose weights are rounded to int8, each output with its own step.
///
/// Sums are exact and each result is made alone, so every number of threads and every cut into tiles gives the same bits.
package struct ByteConvolution: Sendable {
  /// Which part of an enlarged image a convolution makes: of each two by two results the one at (`y`, `x`).
  package struct Phase: Sendable, Hashable, CaseIterable {
    package let y: Int
    package let x: Int

    package static let allCases = [
      Phase(y: 0, x: 0), Phase(y: 0, x: 1), Phase(y: 1, x: 0), Phase(y: 1, x: 1),
    ]
  }

  package let inputs: Int
  package let outputs: Int
  private let columns: Int
  private let left: Int
  private let pixels: Int
  private let phase: Phase?
  private let activation: Activation
  private let source: ByteScale
  private let values: [Int8]
  private let scale: [Float]
  private let bias: [Float]

  /// Whether the processor has products of bytes that outrun floats.
  package static var pays: Bool { ck_byte_convolution_pays() }

  /// A convolution 3 × 3 with zeros around the image.
  ///
  /// - Parameters:
  ///   - weight: [3, 3, in, out].
  ///   - bias: [out].
  ///   - source: of the input.
  ///   - pixels: neighbouring results that share a product; more than 1 where outputs are few.
  ///   - phase: where given, the convolution is of the input's pixels repeated two by two, and this makes a quarter of
  ///     the results.
  package init(
    weight: Tensor, bias: Tensor, source: ByteScale, activation: Activation = .identity, pixels: Int = 1,
    phase: Phase? = nil
  ) {
    precondition(weight.shape[0] == 3 && weight.shape[1] == 3 && (phase == nil || pixels == 1))
    let layout = Layout(weight, pixels: pixels, phase: phase)
    let (lanes, depth, inputs, outputs) = (layout.lanes, layout.depth, layout.inputs, layout.outputs)
    let exact = layout.exact(weight)
    var values = [Int8](repeating: 0, count: lanes * depth)
    var scale = [Float](repeating: 0, count: lanes)
    var shift = scale
    let biases = bias.values
    // The steps of all four phases are the same, or an even colour would come out as a pattern of squares.
    let others =
      phase == nil
      ? [exact]
      : Phase.allCases.map {
        $0 == phase ? exact : Layout(weight, pixels: pixels, phase: $0).exact(weight)
      }
    for lane in 0..<lanes {
      let place = lane * depth..<(lane + 1) * depth
      let greatest = others.reduce(0) { max($0, $1[place].reduce(0) { max($0, abs($1)) }) }
      let step = max(greatest / 127, 1e-20)
      var rounded = exact[place].map { Int(($0 / step).rounded()) }
      if phase != nil { Self.balance(&rounded, exact[place].map { $0 / step }, inputs: inputs) }
      var sum = 0
      for (k, value) in rounded.enumerated() {
        sum += value
        values[((lane / 16 * (depth / 4) + k / 4) * 16 + lane % 16) * 4 + k % 4] = Int8(value)
      }
      scale[lane] = step * source.step
      shift[lane] =
        (lane < pixels * outputs ? biases[lane % outputs] : 0)
        - source.centre * Float(sum) * scale[lane]
    }
    self.inputs = inputs
    self.outputs = outputs
    columns = layout.columns
    left = layout.left
    self.pixels = pixels
    self.phase = phase
    self.activation = activation
    self.source = source
    self.values = values
    self.scale = scale
    self.bias = shift
  }

  /// Where a convolution's weights lie among those of a product.
  private struct Layout {
    let given: Int
    let inputs: Int
    let outputs: Int
    let pixels: Int
    let phase: Phase?
    /// Neighbouring pixels of the input that a product sees, of which so many lie left of its own.
    let columns: Int
    let left: Int
    let lanes: Int
    var depth: Int { columns * 3 * inputs }

    init(_ weight: Tensor, pixels: Int, phase: Phase?) {
      (given, outputs) = (weight.shape[2], weight.shape[3])
      inputs = (given + 3) / 4 * 4
      (self.pixels, self.phase) = (pixels, phase)
      // The results at odd places of repeated pixels see the pixel's right neighbour, those at even places its left one.
      columns = phase == nil ? 2 + pixels : 2
      left = phase?.x == 1 ? 0 : 1
      lanes = (pixels * outputs + 15) / 16 * 16
    }

    /// The weights as [lanes][columns][3][inputs].
    func exact(_ weight: Tensor) -> [Float] {
      var exact = [Float](repeating: 0, count: lanes * depth)
      weight.withBuffer { w in
        for pixel in 0..<pixels {
          for ky in 0..<3 {
            for kx in 0..<3 {
              let (row, column): (Int, Int)
              if let phase {
                // Place (2 y + phase + k − 1) / 2, rounded down, of the pixels.
                row = (phase.y + ky + 1) / 2
                column = (phase.x + kx + 1) / 2 - 1 + left
              } else {
                (row, column) = (ky, kx + pixel)
              }
              for i in 0..<given {
                for o in 0..<outputs {
                  exact[(pixel * outputs + o) * depth + (column * 3 + row) * inputs + i] +=
                    w[((ky * 3 + kx) * given + i) * outputs + o]
                }
              }
            }
          }
        }
      }
      return exact
    }
  }

  /// Changes the rounding of an output's weights so that each input's weights add up to their rounded sum, whichever phase
  /// it is: what rounds least well is rounded the other way.
  private static func balance(_ rounded: inout [Int], _ exact: [Float], inputs: Int) {
    for input in 0..<inputs {
      let taps = Swift.stride(from: input, to: exact.count, by: inputs)
      // In double precision: four phases add the same weights in other orders.
      let goal = Int(((taps.reduce(0.0) { $0 + Double(exact[$1]) } * 4096).rounded() / 4096).rounded())
      var excess = taps.reduce(0) { $0 + rounded[$1] } - goal
      while excess != 0 {
        let sign = excess > 0 ? 1 : -1
        // The tap that lies farthest on the wrong side; one without a weight stays so.
        let worst = taps.filter { exact[$0] != 0 }
          .max {
            Float(sign) * (Float(rounded[$0]) - exact[$0]) < Float(sign) * (Float(rounded[$1]) - exact[$1])
          }
        guard let worst, abs(rounded[worst] - sign) <= 127 else { break }
        rounded[worst] -= sign
        excess -= sign
      }
    }
  }

  /// Where results go.
  package struct Results: Sendable {
    /// Floats like the results, added to them.
    package var residual: NumberImage?
    /// The results; may be the residual.
    package var numbers: NumberImage?
    /// The results as bytes.
    package var bytes: ByteImage?

    package init(residual: NumberImage? = nil, numbers: NumberImage? = nil, bytes: ByteImage? = nil) {
      self.residual = residual
      self.numbers = numbers
      self.bytes = bytes
    }
  }

  /// The input's rows a slice of work has.
  package static let sliceRows = 8

  /// Makes the results that belong to some rows of the input.
  ///
  /// - Precondition: rows, one above and one below of `x` have been written, as far as there are any.
  package func callAsFunction(_ x: ByteImage, rows: Range<Int>, into results: Results) {
    precondition(x.channels == inputs && x.scale == source)
    precondition(rows.lowerBound >= 0 && rows.upperBound <= x.height)
    if let bytes = results.bytes { precondition(bytes.channels == outputs) }
    let slices = (rows.count + Self.sliceRows - 1) / Self.sliceRows
    let scratch = withKernel(x, results) { Int(ck_byte_convolution_workspace($0)) } / 4 + 16
    Parallelism.forEachSlice(slices, scratch: scratch) { slice, workspace in
      let first = rows.lowerBound + slice * Self.sliceRows
      let last = min(first + Self.sliceRows, rows.upperBound)
      withKernel(x, results) {
        ck_byte_convolution(
          $0, x.base, first, last, UnsafeMutableRawPointer(workspace).assumingMemoryBound(to: UInt8.self))
      }
    }
  }

  private func withKernel<R>(
    _ x: ByteImage, _ results: Results, _ body: (UnsafePointer<CKByteConvolution>) -> R
  ) -> R {
    values.withUnsafeBufferPointer { values in
      scale.withUnsafeBufferPointer { scale in
        bias.withUnsafeBufferPointer { bias in
          var weights = CKIntegerWeights(
            outputs: scale.count, groups: columns * 3 * inputs / 4, panelStep: columns * 3 * inputs * 16,
            values: values.baseAddress, scale: scale.baseAddress, sum: nil)
          return withUnsafePointer(to: &weights) { weights in
            let (kind, slope) = activation.kernel
            var kernel = CKByteConvolution(
              height: x.height, width: x.width, channels: inputs, columns: columns, left: left,
              pixels: pixels, outputs: outputs, step: phase == nil ? 1 : 2, offsetY: phase?.y ?? 0,
              offsetX: phase?.x ?? 0, zero: source.zero, weights: weights, bias: bias.baseAddress,
              activation: kind, slope: slope,
              residual: results.residual.map { UnsafePointer($0.base) }, y: results.numbers?.base,
              q: results.bytes?.base, inverse: results.bytes.map { 1 / $0.scale.step } ?? 0,
              offset: results.bytes.map { $0.scale.centre + 0.5 } ?? 0)
            return withUnsafePointer(to: &kernel, body)
          }
        }
      }
    }
  }
}
