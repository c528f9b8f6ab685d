/// What is read or measured from pixels.
extension Evidence.Detail {
  /// An open watermark.
  public struct Watermark: DetailObject {
    /// Hexadecimal digits.
    public var payloadHex: String?
    /// Length of the payload.
    public var bits: Int?
    public var pValue: Double?
    /// 0...1.
    public var bitAgreement: Double?
    public var geometry: Geometry?
    /// The best reading that was not taken.
    public var runnerUp: Reading?

    /// How the picture was turned and scaled since it was marked.
    public struct Geometry: DetailObject, DetailConvertible {
      public var scale = 1.0
      public var rotation = 0.0
      public var offsetX = 0.0
      public var offsetY = 0.0
      public var isMirrored = false

      public init() {}

      package mutating func exchange(with fields: inout DetailFields) {
        fields.exchange("scale", &scale)
        fields.exchange("rotation", &rotation)
        fields.exchange("offsetX", &offsetX)
        fields.exchange("offsetY", &offsetY)
        fields.exchange("mirrored", &isMirrored)
      }
    }

    public struct Reading: DetailObject, DetailConvertible {
      public var payloadHex = ""
      public var pValue = 1.0
      public var bitAgreement = 0.0

      public init() {}
      public init(payloadHex: String, pValue: Double, bitAgreement: Double) {
        self.payloadHex = payloadHex
        self.pValue = pValue
        self.bitAgreement = bitAgreement
      }

      package mutating func exchange(with fields: inout DetailFields) {
        fields.exchange("payloadHex", &payloadHex)
        fields.exchange("pValue", &pValue)
        fields.exchange("bitAgreement", &bitAgreement)
      }
    }

    public init() {}

    package mutating func exchange(with fields: inout DetailFields) {
      fields.exchange("payloadHex", &payloadHex)
      fields.exchange("bits", &bits)
      fields.exchange("pValue", &pValue)
      fields.exchange("bitAgreement", &bitAgreement)
      fields.exchange("geometry", &geometry)
      fields.exchange("runnerUp", &runnerUp)
    }
  }

  /// A sign that lies over the picture.
  public struct VisibleMark: DetailObject {
    public var statistic: Double?
    public var pValue: Double?
    public var opacity: Double?
    public var placement: String?

    public init() {}
    public init(statistic: Double, pValue: Double, opacity: Double, placement: String) {
      self.statistic = statistic
      self.pValue = pValue
      self.opacity = opacity
      self.placement = placement
    }

    package mutating func exchange(with fields: inout DetailFields) {
      fields.exchange("statistic", &statistic)
      fields.exchange("pValue", &pValue)
      fields.exchange("opacity", &opacity)
      fields.exchange("placement", &placement)
    }
  }

  /// A generator's fixed pattern, in the picture or in a part of it.
  public struct Fingerprint: DetailObject {
    /// In standard deviations, of the whole or of the part.
    public var statistic: Double?
    public var pValue: Double?
    public var log10PValue: Double?
    /// Comparisons that the p-value counts.
    public var trials: Double?
    /// How the picture was compared.
    public var geometry: String?
    /// Of the rest of the picture, where a part carries the pattern or lacks it.
    public var remainder: Double?
    public var contrast: Double?
    /// Whether the part carries the pattern, or lacks it.
    public var carries: Bool?
    /// Pictures that the pattern was estimated from, and of when.
    public var trainingPictures: Int?
    public var dates: String?

    public init() {}

    package mutating func exchange(with fields: inout DetailFields) {
      fields.exchange("statistic", &statistic)
      fields.exchange("pValue", &pValue)
      fields.exchange("log10PValue", &log10PValue)
      fields.exchange("trials", &trials)
      fields.exchange("geometry", &geometry)
      fields.exchange("remainder", &remainder)
      fields.exchange("contrast", &contrast)
      fields.exchange("carries", &carries)
      fields.exchange("trainingPictures", &trainingPictures)
      fields.exchange("dates", &dates)
    }
  }

  /// The answer of somebody else's network.
  public struct Model: DetailObject {
    public var model: String?
    public var version: String?
    /// Of its file.
    public var sha256: String?
    /// As the network gives it.
    public var score: Double?
    /// What is calibrated: higher is more like generated pictures.
    public var margin: Double?
    /// Calibrated, at even odds, 0...1, and from where on it indicates something; nil where nobody measured it.
    public var probability: Double?
    public var threshold: Double?

    public init() {}

    package mutating func exchange(with fields: inout DetailFields) {
      fields.exchange("model", &model)
      fields.exchange("version", &version)
      fields.exchange("sha256", &sha256)
      fields.exchange("score", &score)
      fields.exchange("margin", &margin)
      fields.exchange("probability", &probability)
      fields.exchange("threshold", &threshold)
    }
  }

  /// The trained detector's answer.
  public struct Detector: DetailObject {
    /// Identity of the weights.
    public var model: String?
    /// Calibrated, at even odds, 0...1.
    public var probability: Double?
    public var likelihoodRatio: Double?
    /// The parts' logits.
    public var network: Double?
    public var spectral: Double?
    /// What weighed most.
    public var reasons: [Reason]?
    /// Share of calibration's real pictures above the threshold.
    public var falseAlarmRate: Double?
    public var thresholds: Thresholds?
    /// Share of generated pictures of this size that would be found.
    public var foundOfThisSize: Double?

    public struct Reason: DetailObject, DetailConvertible {
      public var feature = ""
      public var logit = 0.0

      public init() {}
      public init(feature: String, logit: Double) {
        self.feature = feature
        self.logit = logit
      }

      package mutating func exchange(with fields: inout DetailFields) {
        fields.exchange("feature", &feature)
        fields.exchange("logit", &logit)
      }
    }

    /// Probabilities at which the detector speaks.
    public struct Thresholds: DetailObject, DetailConvertible {
      public var indicated: Double?
      public var quiet: Double?

      public init() {}
      public init(indicated: Double, quiet: Double) {
        self.indicated = indicated
        self.quiet = quiet
      }

      package mutating func exchange(with fields: inout DetailFields) {
        fields.exchange("indicated", &indicated)
        fields.exchange("quiet", &quiet)
      }
    }

    public init() {}

    package mutating func exchange(with fields: inout DetailFields) {
      fields.exchange("model", &model)
      fields.exchange("probability", &probability)
      fields.exchange("likelihoodRatio", &likelihoodRatio)
      fields.exchange("network", &network)
      fields.exchange("spectral", &spectral)
      fields.exchange("reasons", &reasons)
      fields.exchange("falseAlarmRate", &falseAlarmRate)
      fields.exchange("thresholds", &thresholds)
      fields.exchange("foundOfThisSize", &foundOfThisSize)
    }
  }

  /// A region that looks more generated than the rest.
  public struct Standout: DetailObject {
    public var inside: Double?
    public var outside: Double?
    public var contrast: Double?

    public init() {}
    public init(inside: Double, outside: Double, contrast: Double) {
      self.inside = inside
      self.outside = outside
      self.contrast = contrast
    }

    package mutating func exchange(with fields: inout DetailFields) {
      fields.exchange("inside", &inside)
      fields.exchange("outside", &outside)
      fields.exchange("contrast", &contrast)
    }
  }

  /// The detector's training sources that the picture is most like.
  public struct Similarity: DetailObject {
    public var sources: [Source]?

    public struct Source: DetailObject, DetailConvertible {
      public var name = ""
      public var kind = ""
      public var isGenerated = false
      public var similarity = 0.0

      public init() {}
      public init(name: String, kind: String, isGenerated: Bool, similarity: Double) {
        self.name = name
        self.kind = kind
        self.isGenerated = isGenerated
        self.similarity = similarity
      }

      package mutating func exchange(with fields: inout DetailFields) {
        fields.exchange("name", &name)
        fields.exchange("kind", &kind)
        fields.exchange("generated", &isGenerated)
        fields.exchange("similarity", &similarity)
      }
    }

    public init() {}
    public init(sources: [Source]) { self.sources = sources }

    package mutating func exchange(with fields: inout DetailFields) { fields.exchange("sources", &sources) }
  }

  /// The picture's perceptual hash, in hexadecimal digits.
  public struct PerceptualHash: DetailObject {
    public var hash: String?

    public init() {}
    public init(hash: String) { self.hash = hash }

    package mutating func exchange(with fields: inout DetailFields) { fields.exchange("hash", &hash) }
  }
}
