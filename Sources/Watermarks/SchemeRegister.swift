/// The schemes that marks are written with: the one list of them.
public enum SchemeRegister: String, Sendable, Hashable, CaseIterable {
  case assay, dwtDct, dwtDctSvd

  /// - Parameters:
  ///   - key: of an assay mark; the others have none.
  ///   - strength: of an assay mark; the others have only one.
  public func writer(key: MarkKey, strength: Double?) -> any WatermarkScheme {
    switch self {
    case .assay: AssayMark(key: key, strength: strength)
    case .dwtDct: DWTScheme(.dwtDct)
    case .dwtDctSvd: DWTScheme(.dwtDctSvd)
    }
  }
}
