import Synchronization

/// How many bytes of requests are held at once; what is above that is refused, not swapped out.
final class HeldBudget: Sendable {
  let limit: Int
  private let held = Atomic<Int>(0)

  init(limit: Int) { self.limit = limit }

  var count: Int { held.load(ordering: .relaxed) }

  /// Whether so many more are allowed; they are then counted.
  fileprivate func take(_ count: Int) -> Bool {
    let now = held.wrappingAdd(count, ordering: .relaxed).newValue
    guard now > limit else { return true }
    give(count)
    return false
  }

  fileprivate func give(_ count: Int) { held.wrappingSubtract(count, ordering: .relaxed) }
}

/// The part of the budget that one request has; given back when nobody holds it any more.
final class HeldShare: Sendable {
  private let budget: HeldBudget
  private let count = Atomic<Int>(0)

  init(_ budget: HeldBudget) { self.budget = budget }

  deinit { budget.give(count.load(ordering: .relaxed)) }

  /// Whether so many more are allowed.
  func grow(by more: Int) -> Bool {
    guard budget.take(more) else { return false }
    count.wrappingAdd(more, ordering: .relaxed)
    return true
  }

  /// Gives a part back before the rest.
  func shrink(by less: Int) {
    count.wrappingSubtract(less, ordering: .relaxed)
    budget.give(less)
  }
}
