/// A watermark that was found in a picture.
public struct Mark: Sendable, Hashable {
  /// The name of the ``WatermarkScheme`` that reads and writes it: `assay`, `dwtDct`, `dwtDctSvd`.
  public var scheme: String
  /// The bits it carries.
  public var payload: Payload
  /// Who uses this payload, where it is a published constant: `Stable Diffusion XL`.
  public var payloadName: String?
  /// The chance that a picture without a mark looks at least as marked, corrected for every trial
  /// (payloads, lengths, phases, geometries) that the reader made. 0...1.
  public var pValue: Double
  /// The share of the payload's bits that the picture shows, 0...1; 0.5 is chance. For a code with error
  /// correction: the share of coded bits that agreed with the corrected word.
  public var bitAgreement: Double
  /// The next likely payload, if another one was weighed.
  public var runnerUp: RunnerUp?
  /// Where the mark lies in the picture.
  public var geometry: Geometry

  public init(
    scheme: String, payload: Payload, payloadName: String? = nil, pValue: Double, bitAgreement: Double,
    runnerUp: RunnerUp? = nil, geometry: Geometry = .unchanged
  ) {
    self.scheme = scheme
    self.payload = payload
    self.payloadName = payloadName
    self.pValue = pValue
    self.bitAgreement = bitAgreement
    self.runnerUp = runnerUp
    self.geometry = geometry
  }

  /// The payload that came second, so that a near miss can be told from a hit.
  public struct RunnerUp: Sendable, Hashable {
    public var payload: Payload
    public var payloadName: String?
    public var pValue: Double
    public var bitAgreement: Double

    public init(payload: Payload, payloadName: String? = nil, pValue: Double, bitAgreement: Double) {
      self.payload = payload
      self.payloadName = payloadName
      self.pValue = pValue
      self.bitAgreement = bitAgreement
    }
  }

  /// How the picture at hand came out of the picture that was marked: mirrored first, then turned, then
  /// scaled, then moved.
  public struct Geometry: Sendable, Hashable {
    /// The size at hand over the size when marked.
    public var scale: Double
    /// Degrees counter-clockwise as seen, -180...180.
    public var rotation: Double
    /// Where the marked picture's upper left corner lies, in pixels of the picture at hand; after a crop
    /// at the left or top it is negative. A mark that repeats gives it modulo its period.
    public var offset: Offset
    /// Whether left and right were exchanged.
    public var mirrored: Bool

    public struct Offset: Sendable, Hashable {
      public var x: Double
      public var y: Double

      public init(x: Double, y: Double) {
        self.x = x
        self.y = y
      }
    }

    public init(
      scale: Double = 1, rotation: Double = 0, offset: Offset = .init(x: 0, y: 0), mirrored: Bool = false
    ) {
      self.scale = scale
      self.rotation = rotation
      self.offset = offset
      self.mirrored = mirrored
    }

    /// The picture is as it was when it was marked.
    public static let unchanged = Geometry()
  }
}
