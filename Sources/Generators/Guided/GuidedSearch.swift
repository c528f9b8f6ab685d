import NeuralNetworks
import Tensors

/// Finds a round's candidates: drawn near what was kept, away from what was rejected, then led by gradients to the
/// guide and to locked regions.
struct GuidedSearch {
  let model: PictureModel
  let guide: Guide?
  let locks: [GuidedSession.Lock]
  let seed: UInt64
  let round: Int

  /// Steps down the gradient.
  private static let steps = 24
  private static let rate: Float = 0.06
  private static let restraint: Float = 1e-5

  /// - Returns: styles, and what was done, for the log.
  func candidates(_ count: Int, kept: [[Float]], rejected: [[Float]]) -> (styles: [[Float]], summary: String)
  {
    var random = RandomStream(seed: seed, stream: 1 << 44 + UInt64(round))
    let spread = spread()
    // Rounds draw nearer and nearer to what was kept.
    let width = (1..<round).reduce(Float(0.9)) { width, _ in width * 0.75 }
    func drawn() -> [Float] {
      guard !kept.isEmpty else { return freshStyle(&random) }
      let (a, b) = (kept[random.integer(in: 0..<kept.count)], kept[random.integer(in: 0..<kept.count)])
      let share = random.uniform()
      let fresh = freshStyle(&random)
      return a.indices.map { i in
        let parent = a[i] * share + b[i] * (1 - share)
        return parent + (fresh[i] - parent) * width * 0.5
      }
    }
    func distance(_ a: [Float], _ b: [Float]) -> Float {
      zip(zip(a, b), spread).reduce(0) { sum, item in
        let step = (item.0.0 - item.0.1) / item.1
        return sum + step * step
      }
    }
    let pool = (0..<(guide == nil && locks.isEmpty ? count : 6 * count)).map { _ -> [Float] in
      var style = drawn()
      for _ in 0..<8 {
        let toRejected = rejected.map { distance(style, $0) }.min() ?? .infinity
        let toKept = kept.map { distance(style, $0) }.min() ?? .infinity
        guard toRejected < toKept, toRejected < Float(style.count) / 2 else { break }
        style = drawn()
      }
      return style
    }
    let origin =
      kept.isEmpty
      ? "drew \(pool.count) styles from all that it learned" : "drew \(pool.count) styles near the kept ones"
    guard guide != nil || !locks.isEmpty else { return (pool, origin) }
    let losses = self.losses(pool)
    let best = pool.indices.sorted { (losses[$0], $0) < (losses[$1], $1) }.prefix(count).map { pool[$0] }
    let led = descended(best, spread: spread)
    // Led all the way, all would look alike: each goes less far than the one before.
    let styles = best.indices.map { place -> [Float] in
      let share = 1 - 0.7 * Float(place) / Float(max(count - 1, 1))
      return zip(best[place], led[place]).map { $0 + ($1 - $0) * share }
    }
    let wanted = (guide == nil ? [] : ["the guide"]) + (locks.isEmpty ? [] : ["the locked regions"])
    return (
      styles,
      """
      \(origin), took the \(count) nearest to \(wanted.joined(separator: " and ")) and led them there in \
      \(Self.steps) steps, the first all the way and each less far than the one before
      """
    )
  }

  private func freshStyle(_ random: inout RandomStream) -> [Float] {
    let latent = Tensor(normal: [1, model.network.plan.latent], using: &random)
    return model.network.style(Tape.inference().constant(latent)).tensor.values
  }

  /// The deviation of each number of the style over the model's own styles.
  private func spread() -> [Float] {
    var random = RandomStream(seed: seed, stream: 1 << 45)
    let count = 256
    let latent = Tensor(normal: [count, model.network.plan.latent], using: &random)
    let styles = model.network.style(Tape.inference().constant(latent)).tensor
    let width = model.network.plan.style
    let mean = styles.sum(to: [1, width]) * (1 / Float(count))
    let square = (styles - mean).map { $0 * $0 }.sum(to: [1, width]) * (1 / Float(count))
    return square.values.map { max($0.squareRoot(), 1e-4) }
  }

  private func losses(_ styles: [[Float]]) -> [Float] {
    stride(from: 0, to: styles.count, by: 16).flatMap { start -> [Float] in
      let part = Array(styles[start..<min(start + 16, styles.count)])
      let tape = Tape.inference()
      return loss(tape.constant(Tensor.rows(part))).tensor.values
    }
  }

  /// [N] of styles [N, style].
  private func loss(_ styles: Variable) -> Variable {
    let tape = styles.tape
    let count = styles.shape[0]
    let pictures = model.network.pictures(coarse: styles, fine: styles, crossover: 0)
    var total = guide?.distance(pictures) ?? tape.constant(Tensor([count]))
    for lock in locks {
      let wanted = tape.constant(model.pictures(Tensor.rows([lock.style])))
      let apart = (pictures - wanted).squared() * tape.constant(mask(lock))
      let area = Float(3 * lock.region.width * lock.region.height)
      total = total + apart.sum(to: [count, 1, 1, 1]).reshaped(to: [count]) * (2 / area)
    }
    return total
  }

  /// 1 in the region and 0 elsewhere, [1, side, side, 1].
  private func mask(_ lock: GuidedSession.Lock) -> Tensor {
    let side = model.side
    var mask = Tensor([1, side, side, 1])
    mask.withMutableSpan { span in
      let region = lock.region
      for y in region.y..<region.y + region.height {
        for x in region.x..<region.x + region.width { span[y * side + x] = 1 }
      }
    }
    return mask
  }

  /// Follows the gradient on the styles, each number in units of its spread, not far from where it began.
  private func descended(_ start: [[Float]], spread: [Float]) -> [[Float]] {
    let origin = Tensor.rows(start)
    let unit = Tensor(spread, shape: [1, spread.count])
    var offsets = OptimisedTensor(Tensor(origin.shape))
    var optimiser = AdamW(rate: Self.rate, beta2: 0.99, weightDecay: 0)
    for _ in 0..<Self.steps {
      offsets.step(&optimiser) { offset in
        let styles = offset * offset.tape.constant(unit) + offset.tape.constant(origin)
        // What leads away from the model's own styles is held back.
        return loss(styles).sum() + offset.squared().sum() * Self.restraint
      }
    }
    let found = (origin + offsets.tensor * unit).values
    return start.indices.map { Array(found[$0 * spread.count..<($0 + 1) * spread.count]) }
  }
}

extension Tensor {
  /// Rows of one length as [N, length].
  static func rows(_ rows: [[Float]]) -> Tensor {
    Tensor(rows.flatMap { $0 }, shape: [rows.count, rows.first?.count ?? 0])
  }
}
