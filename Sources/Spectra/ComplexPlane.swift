/// Complex samples, [height, width], row by row; real and imaginary parts lie side by side.
public struct ComplexPlane: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// `2 * width * height` numbers: re, im, re, im, …
  public var interleaved: [Float]

  /// - Precondition: both sides are positive and `interleaved.count == 2 * width * height`.
  public init(width: Int, height: Int, interleaved: [Float]) {
    precondition(width > 0 && height > 0 && interleaved.count == 2 * width * height)
    self.width = width
    self.height = height
    self.interleaved = interleaved
  }

  /// A plane of zeros.
  public init(width: Int, height: Int) {
    self.init(width: width, height: height, interleaved: [Float](repeating: 0, count: 2 * width * height))
  }

  public subscript(x: Int, y: Int) -> (re: Float, im: Float) {
    get {
      let index = 2 * (y * width + x)
      return (interleaved[index], interleaved[index + 1])
    }
    set {
      let index = 2 * (y * width + x)
      interleaved[index] = newValue.re
      interleaved[index + 1] = newValue.im
    }
  }
}
