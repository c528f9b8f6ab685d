import Evaluation
public import Fingerprints
import Foundation
import ImageFormats
import Images

/// What a fingerprint that ships is made from: which pictures of an index may carry it, and what its card says.
public struct FingerprintRecipe: Codable, Sendable {
  /// `openai.gpt-image-2.3x4`.
  public var name: String
  public var family: String
  /// Generators of the index; pictures of others are no candidates.
  public var generators: [String]
  /// Width over height of candidates, within a hundredth; nil for all.
  public var aspects: [Double]?
  /// Shapes of wholes that the search of crops tries; nil for ``aspects``.
  public var searched: [Double]?
  /// Repositories that are no candidates: of other generators under the same label.
  public var without: [String]?
  public var start: FingerprintTrainer.Start
  public var dates: String
  public var caveats: [String]?
}

/// Makes the fingerprints that ship, and tells how well each holds on repositories that it was not estimated from.
public struct FingerprintTraining {
  /// One repository's pictures against a template that was estimated without it.
  public struct Held: Codable, Sendable {
    public var repository: String
    public var candidates: Int
    public var members: Int
    /// Of the candidates, how many reach p ≤ 1e-8 with one fingerprint in three weightings; nil where too few others
    /// were left to estimate from.
    public var found: Int?
    /// Median T of the candidates.
    public var median: Double?
  }

  /// One fingerprint and how it came about.
  public struct Outcome: Sendable {
    public var fingerprint: Fingerprint
    public var held: [Held]
    /// By owner, the fingerprint without the owner's pictures.
    public var without: [String: Fingerprint]
  }

  /// T that p ≤ 1e-8 takes after three trials, times the deviation that T is divided by.
  static let foundFrom = 5.8 * 1.07

  private let pictures: LabelledPictures
  private var spectra: [String: (spectrum: PackedSpectrum, digest: String)] = [:]

  /// - Parameter index: an index.csv of whole pictures.
  public init(index: String) throws { pictures = try LabelledPictures(path: index) }

  /// The candidates of a recipe.
  public func candidates(of recipe: FingerprintRecipe) -> [LabelledPictures.Item] {
    pictures.items.filter { item in
      guard item.label == "ai", recipe.generators.contains(item.generator), item.height > 0,
        recipe.without?.contains(item.repository) != true
      else { return false }
      guard let aspects = recipe.aspects else { return true }
      let shape = Double(item.width) / Double(item.height)
      return aspects.contains { abs(shape / $0 - 1) < 0.01 }
    }
  }

  /// - Parameter progress: gets a sentence now and then.
  /// - Throws: `FingerprintError` where too few candidates share a pattern.
  public mutating func run(
    _ recipe: FingerprintRecipe, progress: (String) -> Void = { _ in }
  ) throws -> Outcome {
    var read: [(item: LabelledPictures.Item, spectrum: PackedSpectrum, digest: String)] = []
    for item in candidates(of: recipe) {
      guard let known = spectrum(of: item) else { continue }
      read.append((item, known.spectrum, known.digest))
    }
    progress("\(recipe.name): \(read.count) candidates")
    let trained = try train(read.map(\.spectrum), recipe)
    let inside = Set(trained.members)
    let members = trained.members.map { read[$0] }
    let shapes = Fingerprint.Card.shapes(of: members.map { ($0.item.width, $0.item.height) })
    let counts = Dictionary(grouping: members, by: \.item.repository).mapValues(\.count)
    var card = Fingerprint.Card(
      name: recipe.name, family: recipe.family, nativeSizes: shapes.sizes,
      aspects: recipe.searched ?? recipe.aspects ?? [], dates: recipe.dates,
      sources: counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" },
      picturesDigest: Fingerprint.Card.digest(ofPictures: members.map(\.digest)),
      trainingPictures: members.count, leftOut: read.count - members.count, caveats: recipe.caveats ?? [])
    var held: [Held] = []
    var without: [String: Fingerprint] = [:]
    let owners = Dictionary(grouping: read.indices) { read[$0].item.owner }
    for (owner, places) in owners.sorted(by: { $0.key < $1.key }) {
      let others = read.indices.filter { read[$0].item.owner != owner }
      let rest = try? train(others.map { read[$0].spectrum }, recipe)
      var values: [Int: Double] = [:]
      if let rest {
        var own = card
        own.trainingPictures = rest.members.count
        let fingerprint = Fingerprint(card: own, template: rest.template)
        without[owner] = fingerprint
        for place in places { values[place] = read[place].spectrum.spectrum.statistic(of: fingerprint) }
      }
      for (repository, own) in Dictionary(grouping: places, by: { read[$0].item.repository }).sorted(by: {
        $0.key < $1.key
      }) {
        let answers = own.compactMap { values[$0] }.sorted()
        held.append(
          Held(
            repository: repository, candidates: own.count, members: own.count { inside.contains($0) },
            found: answers.isEmpty ? nil : answers.count { $0 >= Self.foundFrom },
            median: answers.isEmpty ? nil : answers[answers.count / 2]))
      }
    }
    if let null = nulls[recipe.name] { card.null = null }
    progress("\(recipe.name): \(members.count) pictures carry it")
    return Outcome(
      fingerprint: Fingerprint(card: card, template: trained.template), held: held, without: without)
  }

  /// By name, what real pictures answered; goes into the cards.
  public var nulls: [String: Fingerprint.Card.Null] = [:]

  private func train(
    _ spectra: [PackedSpectrum], _ recipe: FingerprintRecipe
  ) throws(FingerprintError) -> FingerprintTrainer.Outcome {
    let outcome = try FingerprintTrainer(start: recipe.start).train(spectra)
    guard outcome.members.count >= FingerprintEstimator.leastPictures else {
      throw FingerprintError(
        "fingerprint.empty",
        "of \(spectra.count) candidates for \(recipe.name) \(outcome.members.count) share a pattern",
        remedy: "name other generators or shapes")
    }
    return outcome
  }

  /// Kept, for several recipes read the same pictures.
  private mutating func spectrum(
    of item: LabelledPictures.Item
  ) -> (spectrum: PackedSpectrum, digest: String)? {
    if let known = spectra[item.path] { return known }
    guard let file = try? ImageFile(path: pictures.file(of: item)),
      let plane = try? file.decode().image.luminance(),
      min(plane.width, plane.height) >= FingerprintReader.leastSide
    else { return nil }
    let made = (PackedSpectrum(WhitenedSpectrum(of: plane)), Fingerprint.Card.digest(of: file.bytes))
    spectra[item.path] = made
    return made
  }
}
