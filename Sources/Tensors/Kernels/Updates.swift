import CKernels
import Foundation

extension Kernels {
  /// The constants of one AdamW step.
  package struct Adam: Sendable {
    package var rate, beta1, beta2, epsilon, weightDecay, correction1, correction2, gradientScale: Float

    package init(
      rate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float, correction1: Float,
      correction2: Float, gradientScale: Float
    ) {
      self.rate = rate
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      self.correction1 = correction1
      self.correction2 = correction2
      self.gradientScale = gradientScale
    }
  }

  /// One step of AdamW on one parameter and its moments.
  package static func adam(
    _ weights: inout Tensor, _ gradient: Tensor, _ m: inout Tensor, _ v: inout Tensor, _ k: Adam
  ) {
    weights.withMutableBuffer { w in
      m.withMutableBuffer { m in
        v.withMutableBuffer { v in
          gradient.withBuffer { g in
            let (g, w) = (Raw(reading: g.baseAddress!), Raw(w.baseAddress!))
            let (m, v) = (Raw(m.baseAddress!), Raw(v.baseAddress!))
            let step = CKAdam(
              rate: k.rate, beta1: k.beta1, beta2: k.beta2, epsilon: k.epsilon, weightDecay: k.weightDecay,
              correction1: k.correction1, correction2: k.correction2, gradientScale: k.gradientScale)
            Parallelism.forEachRange(gradient.count, grain: elementGrain) { range in
              let i = range.lowerBound
              withUnsafePointer(to: step) {
                ck_adam_step(w.pointer + i, g.pointer + i, m.pointer + i, v.pointer + i, range.count, $0)
              }
            }
          }
        }
      }
    }
  }

  /// One step of gradient descent with momentum on one parameter.
  package static func sgd(
    _ weights: inout Tensor, _ gradient: Tensor, _ m: inout Tensor, rate: Float, momentum: Float,
    weightDecay: Float, isNesterov: Bool, gradientScale: Float
  ) {
    weights.withMutableBuffer { w in
      m.withMutableBuffer { m in
        gradient.withBuffer { g in
          let (g, w, m) = (Raw(reading: g.baseAddress!), Raw(w.baseAddress!), Raw(m.baseAddress!))
          Parallelism.forEachRange(gradient.count, grain: elementGrain) { range in
            let i = range.lowerBound
            ck_sgd_step(
              w.pointer + i, g.pointer + i, m.pointer + i, range.count, rate, momentum, weightDecay,
              isNesterov,
              gradientScale)
          }
        }
      }
    }
  }

  /// average = decay · average + (1 − decay) · weights.
  package static func average(_ average: inout Tensor, _ weights: Tensor, decay: Float) {
    average.withMutableBuffer { a in
      weights.withBuffer { w in
        ck_average_step(a.baseAddress!, w.baseAddress!, w.count, decay)
      }
    }
  }
}

extension Tensor {
  /// The logarithm of softmax over the last dimension.
  public func logSoftmax() -> Tensor {
    let width = shape.channels
    var result = self
    result.withMutableBuffer { buffer in
      for row in 0..<(width == 0 ? 0 : buffer.count / width) {
        let x = buffer.baseAddress! + row * width
        var peak = -Float.infinity
        for i in 0..<width { peak = Swift.max(peak, x[i]) }
        var total = 0.0
        for i in 0..<width { total += Double(Foundation.exp(x[i] - peak)) }
        let shift = peak + Float(Foundation.log(total))
        for i in 0..<width { x[i] -= shift }
      }
    }
    return result
  }

  /// Softmax over the last dimension.
  public func softmax() -> Tensor { logSoftmax().exponential() }
}
