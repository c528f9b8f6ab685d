public import Images

/// Reads every open mark that Assay knows, its own and others', in one picture.
public struct OpenMarkReader: Sendable {
  /// The largest corrected p-value at which another's mark counts beside Assay's own.
  ///
  /// Chances of the others' bits are reckoned as if these were independent. Assay's mark repeats, so that in a smooth
  /// picture it moves many of their bits together: ramps that carry it were read as `dwtDct` at 10⁻⁷. Marks that are
  /// there lie far below this bound.
  static let significanceBesideOwn = 1e-12

  private let ownMark: AssayMark
  private let foreignMarks = DWTReader()

  /// - Parameters:
  ///   - key: of Assay's own mark.
  ///   - effort: how far its geometry is searched.
  public init(key: MarkKey = .open, effort: AssayMark.Effort = .allMarks) {
    ownMark = AssayMark(key: key, effort: effort)
  }

  public func read(_ image: Image) -> (own: WatermarkReading, foreign: WatermarkReading) {
    let own = ownMark.read(image)
    var foreign = foreignMarks.read(image)
    if own.found { foreign.marks.removeAll { $0.pValue > Self.significanceBesideOwn } }
    return (own, foreign)
  }
}
