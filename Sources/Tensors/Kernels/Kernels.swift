import Foundation

/// The operations that layers are made of, on the back end in force.
package enum Kernels {
  /// Whether `ASSAY_KERNELS=reference` chose im2col with OpenBLAS and plain loops over the vector kernels.
  package static let usesReference = ProcessInfo.processInfo.environment["ASSAY_KERNELS"] == "reference"

  /// x * w + bias, then the activation; [N, outH, outW, outC].
  ///
  /// - Parameters:
  ///   - w: [kH, kW, inC/groups, outC].
  ///   - bias: [outC], or nil.
  package static func convolve(
    _ x: Tensor, _ w: Tensor, bias: Tensor? = nil, activation: Activation = .identity,
    _ geometry: ConvolutionGeometry
  ) -> Tensor {
    var y =
      geometry.isDepthwise
      ? ReferenceDepthwise.forward(x, w, geometry) : ReferenceConvolution.forward(x, w, geometry)
    if bias != nil || activation != .identity { finish(&y, bias: bias, activation: activation) }
    return y
  }

  /// The gradient of a convolution with respect to its input; also the transposed convolution of `dy`.
  package static func convolveBackwardData(
    _ dy: Tensor, _ w: Tensor, _ geometry: ConvolutionGeometry
  ) -> Tensor {
    geometry.isDepthwise
      ? ReferenceDepthwise.backwardData(dy, w, geometry) : ReferenceConvolution.backwardData(dy, w, geometry)
  }

  /// The gradient of a convolution with respect to its weights.
  package static func convolveBackwardWeights(
    _ x: Tensor, _ dy: Tensor, _ geometry: ConvolutionGeometry
  ) -> Tensor {
    geometry.isDepthwise
      ? ReferenceDepthwise.backwardWeights(x, dy, geometry)
      : ReferenceConvolution.backwardWeights(x, dy, geometry)
  }

  /// Adds a bias per channel and applies the activation, in place.
  package static func finish(_ y: inout Tensor, bias: Tensor?, activation: Activation) {
    let channels = y.shape.channels
    let rows = y.count / max(1, channels)
    y.withMutableBuffer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = Raw(base)
      Parallelism.forEachRange(rows, grain: max(1, elementGrain / channels)) { range in
        for row in range {
          let z = target.pointer + row * channels
          if let bias {
            let b = bias.pointer
            activation.specialised { f in for c in 0..<channels { z[c] = f(z[c] + b[c]) } }
          } else {
            activation.specialised { f in for c in 0..<channels { z[c] = f(z[c]) } }
          }
        }
      }
    }
  }

  /// The activation of each element.
  package static func activate(_ x: Tensor, _ activation: Activation) -> Tensor {
    let result = Tensor(uninitialized: x.shape)
    Parallelism.forEachRange(x.count, grain: elementGrain) { [x, result] range in
      let source = x.pointer
      let target = result.freshPointer
      activation.specialised { f in for i in range { target[i] = f(source[i]) } }
    }
    return result
  }

  /// Multiplies `dy` by the activation's derivative at `x`, in place.
  package static func activateBackward(_ dy: inout Tensor, at x: Tensor, _ activation: Activation) {
    dy.withMutableBuffer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = Raw(base)
      Parallelism.forEachRange(x.count, grain: elementGrain) { [x] range in
        let source = x.pointer
        let g = target.pointer
        activation.specialisedDerivative { f in for i in range { g[i] *= f(source[i]) } }
      }
    }
  }
}
