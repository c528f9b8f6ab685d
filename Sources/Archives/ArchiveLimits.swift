/// What one archive may cost before it is left: small ones that unpack to without end are made to fill machines.
public struct ArchiveLimits: Sendable, Hashable {
  /// Times that the content may be larger than the archive, looked at from ``ratioStart`` bytes of content on. Pictures
  /// hardly shrink; flat drawings without compression of their own come to some hundred.
  public var maxRatio = 250
  public var ratioStart = 256 << 20
  /// Members of one archive, folders included.
  public var maxMembers = 2_000_000
  /// Archives within each other: 1 opens those that are named, 2 those in them too.
  public var maxDepth = 2
  /// Bytes of content of one named archive, that of archives in it included.
  public var maxTotal = 1 << 40
  /// Bytes of an archive within another, which is held in memory while it is read.
  public var maxNestedBytes = 512 << 20

  public init() {}

  public static let standard = ArchiveLimits()
}
