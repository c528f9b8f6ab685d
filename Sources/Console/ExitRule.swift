/// Which code a command that looks at files ends with.
///
/// A gate that was met wins over a file that could not be read: whoever stops at AI must not let a picture pass because
/// another one was damaged. An interrupt wins over both, as not everything was looked at.
public struct ExitRule: Sendable, Hashable {
  /// The user stopped it.
  public var wasInterrupted = false
  /// A condition of a gate (`--fail-on` and its kin) was met.
  public var isMet = false
  /// Something could not be read, or there was nothing to read.
  public var hasFailed = false

  public init(wasInterrupted: Bool = false, isMet: Bool = false, hasFailed: Bool = false) {
    self.wasInterrupted = wasInterrupted
    self.isMet = isMet
    self.hasFailed = hasFailed
  }

  public var code: Int32 { wasInterrupted ? 130 : isMet ? 2 : hasFailed ? 1 : 0 }

  /// The table of `--help` and of the README: code and meaning.
  public static let table: [(code: Int32, meaning: String)] = [
    (0, "done, whatever the verdicts"),
    (1, "something could not be read, there was nothing to read, or what was to be verified does not hold"),
    (
      2,
      "a condition of --fail-on, --fail-on-severity, --fail-on-gap or --fail-on-lost was met, also where 1 would apply"
    ),
    (64, "wrong arguments"),
    (130, "interrupted"),
  ]
}
