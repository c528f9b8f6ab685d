/// One channel of floating-point samples, [height, width], row by row.
///
/// The range is the producer's: luminance from ``Image`` is 0...255.
public struct Plane: Sendable, Hashable {
  public let width: Int
  public let height: Int
  public var values: [Float]

  /// - Precondition: both sides are positive and `values.count == width * height`.
  public init(width: Int, height: Int, values: [Float]) {
    precondition(width > 0 && height > 0 && values.count == width * height)
    self.width = width
    self.height = height
    self.values = values
  }

  /// A plane filled with one value.
  public init(width: Int, height: Int, repeating value: Float = 0) {
    self.init(width: width, height: height, values: [Float](repeating: value, count: width * height))
  }

  public subscript(x: Int, y: Int) -> Float {
    get { values[y * width + x] }
    set { values[y * width + x] = newValue }
  }
}
