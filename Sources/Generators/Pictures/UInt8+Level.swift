extension UInt8 {
  /// The nearest of the 256 levels; 0 for what is no number, as weights of a stranger's model may give.
  init(level: Float) { self = level > 0 ? UInt8(Swift.min(level.rounded(), 255)) : 0 }
}
