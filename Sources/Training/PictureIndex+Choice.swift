import Evaluation
import Tensors

extension PictureIndex {
  /// Training pictures for a trial: as many of each class, every source giving a picture in turn as long as it has any.
  /// Screenshots of programs are left out.
  func trainingPictures(_ count: Int, seed: UInt64) -> [Item] {
    let items = items.filter { !$0.isValidation && !$0.isInterface }
    return [false, true].flatMap { generated -> [Item] in
      let sources = Dictionary(grouping: items.filter { $0.isGenerated == generated }, by: \.source)
      let turns = sources.sorted { $0.key < $1.key }.enumerated().flatMap { place, source in
        var random = RandomStream(seed: seed, stream: UInt64(place) << 1 | (generated ? 1 : 0))
        let pictures = source.value.sorted { $0.path < $1.path }.map { ($0, random.uniform()) }
        return pictures.sorted { $0.1 < $1.1 }.enumerated().map { (turn: $0, item: $1.0) }
      }
      // Stable within a turn: sources by name.
      let ordered = turns.enumerated().sorted { ($0.element.turn, $0.offset) < ($1.element.turn, $1.offset) }
      return ordered.prefix(count / 2).map(\.element.item)
    }
  }
}
