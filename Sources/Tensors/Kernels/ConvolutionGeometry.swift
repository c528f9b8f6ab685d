/// The extents of a two-dimensional convolution over [N, H, W, inC] with weights [kH, kW, inC/groups, outC].
///
/// Padding below and to the right is whatever the output's extents call for, so that TensorFlow's uneven
/// "same" padding needs nothing special.
public struct ConvolutionGeometry: Hashable, Sendable {
  public var batch: Int
  public var height: Int
  public var width: Int
  public var inputs: Int
  public var outputs: Int
  public var kernelHeight: Int
  public var kernelWidth: Int
  public var stride: Int
  public var padTop: Int
  public var padLeft: Int
  public var outHeight: Int
  public var outWidth: Int
  public var groups: Int

  /// How a convolution pads its input with zeros.
  public enum Padding: Hashable, Sendable {
    /// The same number on all four sides, as PyTorch does.
    case symmetric(Int)
    /// As many as make the output ⌈input / stride⌉, the odd one below and to the right, as TensorFlow does.
    case same
  }

  /// - Precondition: the shapes fit each other and the output is not empty.
  public init(input: Shape, weight: Shape, stride: Int, padding: Padding, groups: Int = 1) {
    precondition(input.rank == 4 && weight.rank == 4, "convolution of \(input) with \(weight)")
    batch = input[0]
    height = input[1]
    width = input[2]
    inputs = input[3]
    kernelHeight = weight[0]
    kernelWidth = weight[1]
    outputs = weight[3]
    self.stride = stride
    self.groups = groups
    precondition(
      weight[2] * groups == inputs && outputs % groups == 0,
      "convolution of \(input) with \(weight) in \(groups) groups")
    switch padding {
    case .symmetric(let pad):
      padTop = pad
      padLeft = pad
      outHeight = (height + 2 * pad - kernelHeight) / stride + 1
      outWidth = (width + 2 * pad - kernelWidth) / stride + 1
      precondition(
        height + 2 * pad >= kernelHeight && width + 2 * pad >= kernelWidth, "\(input) is too small")
    case .same:
      outHeight = (height + stride - 1) / stride
      outWidth = (width + stride - 1) / stride
      padTop = max(0, (outHeight - 1) * stride + kernelHeight - height) / 2
      padLeft = max(0, (outWidth - 1) * stride + kernelWidth - width) / 2
    }
  }

  /// The convolution whose backward pass over data is the transposed convolution of `input`.
  ///
  /// - Parameters:
  ///   - input: [N, H, W, inC] of the transposed convolution.
  ///   - weight: [kH, kW, outC, inC] of the transposed convolution.
  ///   - outputPadding: rows and columns added below and to the right.
  public init(transposedInput input: Shape, weight: Shape, stride: Int, padding: Int, outputPadding: Int) {
    precondition(
      input.rank == 4 && weight.rank == 4 && weight[3] == input[3],
      "transposed convolution of \(input) with \(weight)")
    batch = input[0]
    outHeight = input[1]
    outWidth = input[2]
    outputs = input[3]
    inputs = weight[2]
    kernelHeight = weight[0]
    kernelWidth = weight[1]
    self.stride = stride
    padTop = padding
    padLeft = padding
    height = (outHeight - 1) * stride - 2 * padding + kernelHeight + outputPadding
    width = (outWidth - 1) * stride - 2 * padding + kernelWidth + outputPadding
    precondition(height > 0 && width > 0, "\(input) is too small")
    groups = 1
  }

  public var inputShape: Shape { [batch, height, width, inputs] }
  public var outputShape: Shape { [batch, outHeight, outWidth, outputs] }
  public var weightShape: Shape { [kernelHeight, kernelWidth, inputs / groups, outputs] }

  /// Multiplications of one forward pass.
  public var multiplications: Int {
    batch * outHeight * outWidth * outputs * kernelHeight * kernelWidth * (inputs / groups)
  }

  /// Whether each channel is convolved alone.
  var isDepthwise: Bool { groups == inputs && groups == outputs }
}
