/// `1 picture`, `2 pictures`.
public enum Plural {
  /// - Parameter plural: where it is not the word with an s.
  public static func of(_ count: Int, _ word: String, _ plural: String? = nil) -> String {
    "\(count) \(count == 1 ? word : plural ?? word + "s")"
  }
}
