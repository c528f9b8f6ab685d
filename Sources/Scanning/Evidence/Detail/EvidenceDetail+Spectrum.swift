extension Evidence.Detail {
  /// Measurements of the spectrum; NaN for what could not be measured.
  public struct Spectrum: DetailObject {
    public var tileSide: Int?
    public var tiles: Int?
    public var radialSlope: Double?
    public var highFrequencyExcess: Double?
    public var radialLogPower: [Double]?
    public var axisExcess: Double?
    /// By the lattice's period in pixels.
    public var latticeStrength: [String: Double]?
    public var peaks: [Peak]?
    public var blockGrid: BlockGrid?
    public var channelCorrelation: ChannelCorrelation?
    public var colorFilter: ColorFilter?
    public var doubleCompression: DoubleCompression?

    /// Frequencies in cycles a pixel.
    public struct Peak: DetailObject, DetailConvertible {
      public var frequencyX = 0.0
      public var frequencyY = 0.0
      public var height = 0.0
      public var significance = 0.0
      /// The period in pixels of the lattice that it lies on.
      public var lattice: Int?

      public init() {}

      package mutating func exchange(with fields: inout DetailFields) {
        fields.exchange("frequencyX", &frequencyX)
        fields.exchange("frequencyY", &frequencyY)
        fields.exchange("height", &height)
        fields.exchange("significance", &significance)
        fields.exchange(nullable: "lattice", &lattice)
      }
    }

    public struct BlockGrid: DetailObject, DetailConvertible {
      public var strength = 0.0
      public var x = 0
      public var y = 0

      public init() {}
      public init(strength: Double, x: Int, y: Int) {
        self.strength = strength
        self.x = x
        self.y = y
      }

      package mutating func exchange(with fields: inout DetailFields) {
        fields.exchange("strength", &strength)
        fields.exchange("x", &x)
        fields.exchange("y", &y)
      }
    }

    public struct ChannelCorrelation: DetailObject, DetailConvertible {
      public var redGreen = 0.0
      public var greenBlue = 0.0
      public var redBlue = 0.0

      public init() {}
      public init(redGreen: Double, greenBlue: Double, redBlue: Double) {
        self.redGreen = redGreen
        self.greenBlue = greenBlue
        self.redBlue = redBlue
      }

      package mutating func exchange(with fields: inout DetailFields) {
        fields.exchange("redGreen", &redGreen)
        fields.exchange("greenBlue", &greenBlue)
        fields.exchange("redBlue", &redBlue)
      }
    }

    public struct ColorFilter: DetailObject, DetailConvertible {
      public var green = 0.0
      public var red = 0.0
      public var blue = 0.0

      public init() {}
      public init(green: Double, red: Double, blue: Double) {
        self.green = green
        self.red = red
        self.blue = blue
      }

      package mutating func exchange(with fields: inout DetailFields) {
        fields.exchange("green", &green)
        fields.exchange("red", &red)
        fields.exchange("blue", &blue)
      }
    }

    public struct DoubleCompression: DetailObject, DetailConvertible {
      public var periodicity = 0.0
      public var period: Int?

      public init() {}
      public init(periodicity: Double, period: Int?) {
        self.periodicity = periodicity
        self.period = period
      }

      package mutating func exchange(with fields: inout DetailFields) {
        fields.exchange("periodicity", &periodicity)
        fields.exchange(nullable: "period", &period)
      }
    }

    public init() {}

    package mutating func exchange(with fields: inout DetailFields) {
      fields.exchange("tileSide", &tileSide)
      fields.exchange("tiles", &tiles)
      fields.exchange("radialSlope", &radialSlope)
      fields.exchange("highFrequencyExcess", &highFrequencyExcess)
      fields.exchange("radialLogPower", &radialLogPower)
      fields.exchange("axisExcess", &axisExcess)
      fields.exchange("latticeStrength", &latticeStrength)
      fields.exchange("peaks", &peaks)
      fields.exchange("blockGrid", &blockGrid)
      fields.exchange("channelCorrelation", &channelCorrelation)
      fields.exchange("colorFilter", &colorFilter)
      fields.exchange("doubleCompression", &doubleCompression)
    }
  }
}
