import Synchronization

/// Search tables of the keys in use; making one takes longer than searching with it.
enum GeometrySearchCache {
  private struct Entry: Hashable {
    var key: MarkKey
    var side: Int
  }

  private static let cache = Mutex<[Entry: GeometrySearch]>([:])
  private static let limit = 8

  static func search(for demodulator: MarkDemodulator, side: Int) -> GeometrySearch {
    let entry = Entry(key: demodulator.key, side: side)
    return cache.withLock { searches in
      if let search = searches[entry] { return search }
      let search = GeometrySearch(pattern: demodulator.pattern, side: side)
      if searches.count >= limit { searches.removeAll() }
      searches[entry] = search
      return search
    }
  }
}
