import CKernels
import Foundation

/// The operations that layers are made of, on the back end in force.
package enum Kernels {
  /// Whether im2col with OpenBLAS and plain loops stand in for the vector kernels; `ASSAY_KERNELS=reference`
  /// chooses them.
  @TaskLocal static var usesReference =
    ProcessInfo.processInfo.environment["ASSAY_KERNELS"] == "reference"

  /// Runs `body` on the reference back end, to compare with.
  package static func withReference<R>(_ body: () throws -> R) rethrows -> R {
    try $usesReference.withValue(true, operation: body)
  }

  private static func isNative(_ geometry: ConvolutionGeometry) -> Bool {
    !usesReference && NativeConvolution.supports(geometry)
  }

  /// activation(scale · (x * w) + shift + residual); [N, outH, outW, outC].
  ///
  /// - Parameters:
  ///   - w: [kH, kW, inC/groups, outC].
  ///   - scale: [outC], or nil for 1.
  ///   - shift: [outC], a bias, or nil for 0.
  ///   - residual: of the result's shape, or nil for 0.
  package static func convolve(
    _ x: Tensor, _ w: Tensor, scale: Tensor? = nil, shift: Tensor? = nil, residual: Tensor? = nil,
    activation: Activation = .identity, _ geometry: ConvolutionGeometry
  ) -> Tensor {
    if isNative(geometry) {
      return NativeConvolution.forward(
        x, w, geometry, scale: scale, shift: shift, residual: residual, activation: activation)
    }
    var y =
      geometry.isDepthwise
      ? ReferenceDepthwise.forward(x, w, geometry) : ReferenceConvolution.forward(x, w, geometry)
    finish(&y, scale: scale, shift: shift, residual: residual, activation: activation)
    return y
  }

  /// The gradient of a convolution with respect to its input; also the transposed convolution of `dy`, for which
  /// `shift` is a bias.
  package static func convolveBackwardData(
    _ dy: Tensor, _ w: Tensor, shift: Tensor? = nil, activation: Activation = .identity,
    _ geometry: ConvolutionGeometry
  ) -> Tensor {
    if isNative(geometry) {
      return NativeConvolution.backwardData(dy, w, geometry, shift: shift, activation: activation)
    }
    var dx =
      geometry.isDepthwise
      ? ReferenceDepthwise.backwardData(dy, w, geometry) : ReferenceConvolution.backwardData(dy, w, geometry)
    finish(&dx, scale: nil, shift: shift, residual: nil, activation: activation)
    return dx
  }

  /// The gradient of a convolution with respect to its weights.
  package static func convolveBackwardWeights(
    _ x: Tensor, _ dy: Tensor, _ geometry: ConvolutionGeometry
  ) -> Tensor {
    if isNative(geometry) { return NativeConvolution.backwardWeights(x, dy, geometry) }
    return geometry.isDepthwise
      ? ReferenceDepthwise.backwardWeights(x, dy, geometry)
      : ReferenceConvolution.backwardWeights(x, dy, geometry)
  }

  /// Replaces y by activation(scale · y + shift + residual).
  static func finish(
    _ y: inout Tensor, scale: Tensor?, shift: Tensor?, residual: Tensor?, activation: Activation
  ) {
    if scale == nil && shift == nil && residual == nil && activation == .identity { return }
    let channels = y.shape.channels
    let scale = scale ?? Tensor([channels], repeating: 1)
    let shift = shift ?? Tensor([channels])
    let rows = y.count / max(1, channels)
    y.withMutableBuffer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = Raw(base)
      Parallelism.forEachRange(rows, grain: max(1, elementGrain / channels)) { range in
        let (a, b) = (scale.pointer, shift.pointer)
        for row in range {
          let z = target.pointer + row * channels
          if let r = residual.map({ $0.pointer + row * channels }) {
            activation.specialised { f in for c in 0..<channels { z[c] = f(z[c] * a[c] + b[c] + r[c]) } }
          } else {
            activation.specialised { f in for c in 0..<channels { z[c] = f(z[c] * a[c] + b[c]) } }
          }
        }
      }
    }
    withExtendedLifetime((scale, shift, residual)) {}
  }

  /// The activation of each element.
  package static func activate(_ x: Tensor, _ activation: Activation) -> Tensor {
    let result = Tensor(uninitialized: x.shape)
    let isNative = !usesReference
    let (kind, slope) = activation.kernel
    Parallelism.forEachRange(x.count, grain: elementGrain) { [x, result] range in
      let source = x.pointer
      let target = result.freshPointer
      if isNative {
        let first = range.lowerBound
        ck_activation_forward(kind, slope, source + first, target + first, range.count)
        return
      }
      activation.specialised { f in for i in range { target[i] = f(source[i]) } }
    }
    return result
  }

  /// Multiplies `dy` by the activation's derivative, in place.
  ///
  /// - Parameter saved: the activation's result, or its input where the derivative does not follow from that.
  package static func activateBackward(_ dy: inout Tensor, saved: Tensor, _ activation: Activation) {
    let isNative = !usesReference
    let (kind, slope) = activation.kernel
    dy.withMutableBuffer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = Raw(base)
      Parallelism.forEachRange(saved.count, grain: elementGrain) { [saved] range in
        let source = saved.pointer
        let g = target.pointer
        if isNative {
          let first = range.lowerBound
          ck_activation_backward(kind, slope, source + first, g + first, g + first, range.count)
          return
        }
        for i in range { g[i] *= activation.derivative(saved: source[i]) }
      }
    }
  }

  /// log(1 + eˣ) of each element, without overflow.
  package static func softplus(_ x: Tensor) -> Tensor {
    if usesReference { return x.map { max($0, 0) + log1p(exp(-abs($0))) } }
    return x.mapped { ck_softplus($0, $1, $2) }
  }
}
