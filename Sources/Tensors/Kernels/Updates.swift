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
            let (g, w, m, v) = (g.baseAddress!, w.baseAddress!, m.baseAddress!, v.baseAddress!)
            let root = k.correction2.squareRoot()
            let rate = k.rate / k.correction1
            let keep = 1 - k.rate * k.weightDecay
            for i in 0..<gradient.count {
              let d = g[i] * k.gradientScale
              m[i] += (d - m[i]) * (1 - k.beta1)
              v[i] = v[i] * k.beta2 + d * d * (1 - k.beta2)
              w[i] = w[i] * keep - rate * m[i] / (v[i].squareRoot() / root + k.epsilon)
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
          let (g, w, m) = (g.baseAddress!, w.baseAddress!, m.baseAddress!)
          for i in 0..<gradient.count {
            let d = g[i] * gradientScale + weightDecay * w[i]
            m[i] = momentum * m[i] + d
            w[i] -= rate * (isNesterov ? d + momentum * m[i] : m[i])
          }
        }
      }
    }
  }

  /// average = decay · average + (1 − decay) · weights.
  package static func average(_ average: inout Tensor, _ weights: Tensor, decay: Float) {
    average.withMutableBuffer { a in
      weights.withBuffer { w in
        for i in 0..<w.count { a[i] = decay * a[i] + (1 - decay) * w[i] }
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
