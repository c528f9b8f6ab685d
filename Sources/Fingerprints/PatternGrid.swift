import Images

/// Brings a picture to the square grid.
enum PatternGrid {
  /// The plane at `side` × `side`, whatever its shape was.
  ///
  /// Rows are brought to their number first, which leaves the costlier pass across them the least to do.
  static func resample(_ plane: Plane, side: Int) -> Plane {
    plane.resized(width: plane.width, height: side, filter: .bicubic)
      .resized(width: side, height: side, filter: .bicubic)
  }
}
