extension Evidence {
  /// What a method found beside its sentence, typed by what it looks for; which keys of `assay.scan/1` hold it stands
  /// with each type.
  public indirect enum Detail: Sendable, Hashable {
    case none
    case statement(Statement)
    case aigcLabel(AIGCLabel)
    case credentials(Credentials)
    case watermark(Watermark)
    case visibleMark(VisibleMark)
    case fingerprint(Fingerprint)
    case detector(Detector)
    case model(Model)
    case standout(Standout)
    case similarity(Similarity)
    case spectrum(Spectrum)
    case fileSize(FileSize)
    case trailer(Trailer)
    case marks(Marks)
    case personalData(PersonalData)
    case label(Label)
    case perceptualHash(PerceptualHash)
  }
}

extension Evidence.Detail {
  /// Takes the fields that are the method's own out of a scan line's; those that stay are known to no type.
  init(taking values: inout [String: DetailValue], method: String) {
    func take<Object: DetailObject>(_ make: (Object) -> Self) -> Self {
      DetailFields.take(Object.self, from: &values).map(make) ?? .none
    }
    self =
      switch method {
      case "provenance.tc260.aigc": take(Self.aigcLabel)
      case "detector": take(Self.detector)
      case "detector.region": take(Self.standout)
      case "detector.similar": take(Self.similarity)
      case "container.extension": take(Self.fileSize)
      case "container.trailer": take(Self.trailer)
      case "marks.metadata": take(Self.marks)
      case "privacy.metadata": take(Self.personalData)
      case "label.recorded": take(Self.label)
      case "pixels.perceptualHash": take(Self.perceptualHash)
      default:
        switch method.prefix(while: { $0 != "." }) {
        case "detector" where method.hasPrefix("detector.onnx."): take(Self.model)
        case "provenance": take(Self.statement)
        case "credentials": take(Self.credentials)
        case "watermark": take(Self.watermark)
        case "visibleMark": take(Self.visibleMark)
        case "fingerprint": take(Self.fingerprint)
        case "spectra": take(Self.spectrum)
        default: .none
        }
      }
  }

  /// The fields of `assay.scan/1` that say it.
  package var fields: [String: DetailValue] {
    let object: any DetailObject
    switch self {
    case .none: return [:]
    case .statement(let known): object = known
    case .aigcLabel(let known): object = known
    case .credentials(let known): object = known
    case .watermark(let known): object = known
    case .visibleMark(let known): object = known
    case .fingerprint(let known): object = known
    case .detector(let known): object = known
    case .model(let known): object = known
    case .standout(let known): object = known
    case .similarity(let known): object = known
    case .spectrum(let known): object = known
    case .fileSize(let known): object = known
    case .trailer(let known): object = known
    case .marks(let known): object = known
    case .personalData(let known): object = known
    case .label(let known): object = known
    case .perceptualHash(let known): object = known
    }
    return DetailFields.written(object)
  }
}

/// What evidence of each kind says; nil for evidence of another.
extension Evidence {
  public var statement: Detail.Statement? { if case .statement(let known) = detail { known } else { nil } }
  public var aigcLabel: Detail.AIGCLabel? { if case .aigcLabel(let known) = detail { known } else { nil } }
  public var credentials: Detail.Credentials? {
    if case .credentials(let known) = detail { known } else { nil }
  }
  public var watermark: Detail.Watermark? { if case .watermark(let known) = detail { known } else { nil } }
  public var detector: Detail.Detector? { if case .detector(let known) = detail { known } else { nil } }
  public var fileSize: Int? { if case .fileSize(let known) = detail { known.bytes } else { nil } }
  public var trailerKind: String? { if case .trailer(let known) = detail { known.kind } else { nil } }
  public var marks: Detail.Marks? { if case .marks(let known) = detail { known } else { nil } }
  public var personalData: Detail.PersonalData? {
    if case .personalData(let known) = detail { known } else { nil }
  }
  public var label: Detail.Label? { if case .label(let known) = detail { known } else { nil } }
  public var perceptualHash: String? {
    if case .perceptualHash(let known) = detail { known.hash } else { nil }
  }
}
