public import Images

/// How often three steps between neighbouring samples follow on one another: straight, diagonal, and straight
/// in the difference of green and red.
///
/// A sensor's noise, its demosaicing and its encoder give neighbouring samples a dependence that decoders of
/// generative models don't copy. Steps are cut to −3...3; a triple counts with its mirror image and its negative,
/// for neither direction nor sign tells anything of origin.
///
/// Source: the SPAM features of Pevny et al. 2010, doi:10.1109/TIFS.2010.2045842, as joint frequencies instead
/// of transition probabilities
public struct CoOccurrences: Sendable, Hashable {
  /// Square roots of frequencies, ``classes`` each: their squares add up to 1.
  public let straight: [Float]
  public let diagonal: [Float]
  /// Of green − red.
  public let chroma: [Float]

  /// The number of triples that are told apart.
  public static let classes = 100

  private static let limit = 3
  private static let base = 2 * limit + 1

  /// The class of each triple, [7, 7, 7].
  private static let classOf: [Int] = {
    var classes = [Int](repeating: -1, count: base * base * base)
    var next = 0
    for index in classes.indices where classes[index] < 0 {
      let (a, b, c) = (index / (base * base), index / base % base, index % base)
      func place(_ a: Int, _ b: Int, _ c: Int) -> Int { (a * base + b) * base + c }
      let top = base - 1
      // Reversing the walk turns (a, b, c) into (−c, −b, −a); in indices, −a is top − a.
      for twin in [
        place(a, b, c), place(top - a, top - b, top - c), place(top - c, top - b, top - a), place(c, b, a),
      ] { classes[twin] = next }
      next += 1
    }
    return classes
  }()

  /// The triple, −3...3 each, that stands for a class, for reports.
  public static func triple(ofClass number: Int) -> [Int] {
    let index = classOf.firstIndex(of: number) ?? 0
    return [index / (base * base), index / base % base, index % base].map { $0 - limit }
  }

  /// - Precondition: the image has three channels or more and at least 4 pixels a side.
  public init(of image: Image, luminance: Plane) {
    precondition(image.channels >= 3 && luminance.width >= 4 && luminance.height >= 4)
    let (width, height) = (luminance.width, luminance.height)
    let levels = luminance.values.map { Int16($0.rounded()) }
    straight = Self.frequencies(levels, width, height, steps: [(1, 0), (0, 1)])
    diagonal = Self.frequencies(levels, width, height, steps: [(1, 1), (-1, 1)])
    let (pixels, channels) = (image.pixels8, image.channels)
    let difference = (0..<width * height).map {
      Int16(pixels[$0 * channels + 1]) - Int16(pixels[$0 * channels])
    }
    chroma = Self.frequencies(difference, width, height, steps: [(1, 0), (0, 1)])
  }

  /// - Parameter levels: [height, width].
  private static func frequencies(
    _ levels: [Int16], _ width: Int, _ height: Int, steps: [(x: Int, y: Int)]
  ) -> [Float] {
    let triples = base * base * base
    // Two tables in turn: a triple like the one before would wait for its count to be written.
    var counts = [UInt32](repeating: 0, count: 2 * triples)
    for step in steps {
      // A walk to the left begins three columns in.
      let first = step.x < 0 ? 3 : 0
      let columns = width - 3 * abs(step.x)
      let walks = walks(levels, offset: step.y * width + step.x)
      walks.withUnsafeBufferPointer { walks in
        counts.withUnsafeMutableBufferPointer { counts in
          for y in 0..<height - 3 * step.y {
            let row = walks.baseAddress! + y * width + first
            for x in 0..<columns { counts[(x & 1) * triples + Int(row[x])] &+= 1 }
          }
        }
      }
    }
    var sums = [Float](repeating: 0, count: classes)
    var total: Float = 0
    for (index, name) in classOf.enumerated() {
      let count = Float(counts[index] + counts[triples + index])
      sums[name] += count
      total += count
    }
    return sums.map { ($0 / total).squareRoot() }
  }

  /// The triple that begins at each sample, `offset` being from one of its samples to the next; those that would
  /// pass the end are left out.
  private static func walks(_ levels: [Int16], offset: Int) -> [UInt16] {
    let count = max(0, levels.count - 3 * offset)
    let (base, limit) = (UInt16(base), Int16(limit))
    let steps = [UInt16](unsafeUninitializedCapacity: levels.count - offset) { out, used in
      levels.withUnsafeBufferPointer { levels in
        for place in 0..<levels.count - offset {
          let step = min(max(levels[place + offset] &- levels[place], -limit), limit)
          out[place] = UInt16(truncatingIfNeeded: step &+ limit)
        }
      }
      used = levels.count - offset
    }
    return [UInt16](unsafeUninitializedCapacity: count) { out, used in
      steps.withUnsafeBufferPointer { steps in
        for place in 0..<count {
          out[place] =
            (steps[place] &* base &+ steps[place + offset]) &* base &+ steps[place + 2 * offset]
        }
      }
      used = count
    }
  }
}
