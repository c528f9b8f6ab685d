extension Double {
  /// A probability in words, whole percent: no measurement makes anybody certain.
  package var percentWords: String {
    switch self {
    case 0.995...: "over 99 %"
    case ..<0.005: "under 1 %"
    default: "\(Int((self * 100).rounded())) %"
    }
  }
}
