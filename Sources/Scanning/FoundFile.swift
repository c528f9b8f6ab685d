public import ImageFormats

/// What a walk found: a file on the disk, a member of an archive with its bytes, or one of either that cannot be had.
public struct FoundFile: Sendable {
  /// The name in results; of a member `shard.tar!/a/b.jpg`.
  public let path: FilePath
  /// The bytes of what is no file of its own.
  public let member: ImageFile?
  /// Why there are no bytes, or not all.
  public let fault: ImageFormatError?
  /// What is odd about its place.
  public let warnings: [String]

  /// A file on the disk, which is read when it is examined.
  public init(_ path: FilePath) {
    self.init(path: path, member: nil, fault: nil)
  }

  public init(path: FilePath, member: ImageFile?, fault: ImageFormatError?, warnings: [String] = []) {
    (self.path, self.member, self.fault, self.warnings) = (path, member, fault, warnings)
  }

  /// The content.
  ///
  /// - Throws: `ImageFormatError` where it cannot be had whole.
  public func open(limits: ReadLimits) throws(ImageFormatError) -> ImageFile {
    if let fault { throw fault }
    if let member { return member }
    return try ImageFile(path: path, limits: limits)
  }
}

extension FileScanner {
  /// As ``examine(_:)``, for what is no file of its own too.
  public func examine(_ found: FoundFile) -> (scan: Scan, examination: Examination?) {
    guard let member = found.member else {
      guard let fault = found.fault else { return examine(found.path) }
      let failure = ScanResult.Failure(fault)
      return (Scan(result: ScanResult(file: found.path.display, outcome: .unreadable, error: failure)), nil)
    }
    return examine(member, found, digest: nil)
  }

  /// As ``examine(_:digest:)``, with what is to be said of the file's place.
  public func examine(
    _ file: ImageFile, _ found: FoundFile, digest: String?
  ) -> (scan: Scan, examination: Examination?) {
    var (scan, examination) = examine(file, digest: digest)
    scan.result.warnings += found.warnings
    if let fault = found.fault {
      // What the bytes that came say of AI still counts, as with a file that is cut.
      scan.result.error = ScanResult.Failure(fault)
      if [.noIndication, .inconclusive].contains(scan.result.outcome) { scan.result.outcome = .unreadable }
    }
    return (scan, examination)
  }
}
