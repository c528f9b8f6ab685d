import ImageFormats

/// Stores in places that a format does not give them, where a converter left them.
///
/// They are read so that what they say is not lost; they cannot be bound to the file, since it is another one.
extension AssetLayout {
  /// Takes the first such store, if the file has none in its own place.
  ///
  /// - Returns: what holds the store, such as `Raw profile type app11`; nil when none was taken.
  mutating func takeCarriedStore(of file: [UInt8]) -> String? {
    guard stores.isEmpty, faults.isEmpty, let metadata = try? ImageFile(bytes: file).metadata(),
      let carried = metadata.carriedStores.first
    else { return nil }
    stores = [LocatedStore(bytes: carried.content[...], container: carried.byteRange)]
    return carried.source
  }
}

extension CredentialsReport {
  /// Notes that the store was found in `carrier`, and what follows of that.
  mutating func note(carrier: String) {
    self.carrier = carrier
    isBound = false
    guard state != .malformed else { return }
    state = .invalid
    reason = "the store stands in \(carrier), where a converter left it: it was bound to another file"
  }
}
