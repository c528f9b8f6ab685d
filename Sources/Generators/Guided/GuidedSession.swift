import Diagnostics
public import Images
import NeuralNetworks
import Tensors

/// A person and a model on the way to a picture, round by round; what each contributed is written down.
///
/// The person gives a guide, keeps and rejects candidates and locks regions; the model searches its latent space
/// from there. The session is a value that can be stored between rounds.
public struct GuidedSession: Sendable, Codable {
  /// A line of the creation log.
  public struct Step: Sendable, Hashable, Codable {
    public enum Actor: String, Sendable, Codable { case person, model }

    public var round: Int
    public var actor: Actor
    public var text: String
  }

  /// A place that later candidates are to keep as one candidate has it.
  struct Lock: Sendable, Hashable, Codable {
    var region: PixelRegion
    var style: [Float]

    /// Whether the region lies within the model's pictures.
    func lies(in model: PictureModel) -> Bool {
      let range = 0...model.side
      return region.width > 0 && region.height > 0 && range.contains(region.x) && range.contains(region.y)
        && region.width <= model.side - region.x && region.height <= model.side - region.y
    }
  }

  public private(set) var schema = "assay.guided/1"
  public let model: ModelIdentity
  public let seed: UInt64
  /// Candidates of a round.
  public let count: Int
  public let guide: Guide?
  public private(set) var round = 0
  /// Styles of the round's candidates.
  private(set) var candidates: [[Float]] = []
  private(set) var kept: [[Float]] = []
  private(set) var rejected: [[Float]] = []
  private(set) var locks: [Lock] = []
  public private(set) var log: [Step] = []

  /// Begins a session and finds its first candidates.
  ///
  /// - Parameter count: candidates of a round, 2...64.
  public init(_ model: PictureModel, seed: UInt64, count: Int, guide: Guide?) {
    self.model = model.identity
    self.seed = seed
    self.count = min(max(count, 2), 64)
    self.guide = guide
    note(.person, "chose the model \(model.identity.name) \(model.identity.version) and seed \(seed)")
    if let guide { note(.person, "gave \(guide.title) as \(guide.kind.rawValue) to approach") }
    search(model)
  }

  /// What a person decided of a round's candidates, numbered from 1.
  public struct Choice: Sendable {
    public var keep: [Int] = []
    public var reject: [Int] = []
    /// A region, and the candidate that is to be kept there.
    public var lock: (region: PixelRegion, candidate: Int)?

    public init() {}
  }

  /// Takes a choice and finds the next round's candidates.
  ///
  /// - Throws: ``GeneratorError``: `guided.candidate` for a number that no candidate has, `guided.region` for a
  ///   region outside of the picture, `guided.model` for another model than the session's.
  public mutating func advance(_ choice: Choice, with model: PictureModel) throws(GeneratorError) {
    try check(model)
    // All is checked before anything is taken.
    let keep = try styles(choice.keep)
    let reject = try styles(choice.reject)
    let lock = try choice.lock.map { lock throws(GeneratorError) in
      Lock(region: lock.region, style: try style(lock.candidate))
    }
    if let both = Set(choice.keep).intersection(choice.reject).min() {
      throw GeneratorError(
        code: "guided.candidate", message: "candidate \(both) is both kept and rejected",
        remedy: "name it once")
    }
    if let lock, !lock.lies(in: model) {
      throw GeneratorError(
        code: "guided.region",
        message: "the region to lock leaves the picture of \(model.side) pixels a side",
        remedy: "give x,y,width,height within it")
    }
    if !keep.isEmpty {
      kept = keep
      note(.person, "kept \(Self.list(choice.keep))")
    }
    if !reject.isEmpty {
      rejected += reject
      note(.person, "rejected \(Self.list(choice.reject))")
    }
    if let lock, let candidate = choice.lock?.candidate {
      locks.append(lock)
      let region = lock.region
      note(
        .person,
        "locked \(region.width) × \(region.height) pixels at (\(region.x), \(region.y)) of candidate \(candidate)"
      )
    }
    search(model)
  }

  /// The round's candidates on one sheet, in rows of four, each with its number below.
  public func sheet(of model: PictureModel) throws(GeneratorError) -> GeneratedImage {
    try check(model)
    let images = Image.images(model.pictures(Tensor.rows(candidates)))
    return GeneratedImage(
      Image.sheet(images, columns: 4, numberedFrom: 1), model: self.model,
      request: "candidates of round \(round), seed \(seed)",
      authorship: authorship)
  }

  /// A candidate as a picture; the choice goes into its authorship.
  ///
  /// - Parameter inputs: the guide's file, for the credentials.
  public mutating func pick(
    _ number: Int, of model: PictureModel, inputs: [GeneratedImage.Source] = []
  ) throws(GeneratorError) -> GeneratedImage {
    try check(model)
    let style = try style(number)
    note(.person, "chose candidate \(number) as the result")
    var authorship = self.authorship
    authorship.inputs = inputs
    return GeneratedImage(
      Image.images(model.pictures(Tensor.rows([style])))[0], model: self.model,
      request: "guided search, seed \(seed), round \(round), candidate \(number)", authorship: authorship)
  }

  /// What person and model did so far.
  public var authorship: Authorship { Authorship(steps: log) }

  private func styles(_ numbers: [Int]) throws(GeneratorError) -> [[Float]] {
    try numbers.map { number throws(GeneratorError) in try style(number) }
  }

  private func style(_ number: Int) throws(GeneratorError) -> [Float] {
    guard candidates.indices.contains(number - 1) else {
      throw GeneratorError(
        code: "guided.candidate", message: "there is no candidate \(number)",
        remedy: "candidates of this round are 1 to \(candidates.count), left to right, top to bottom")
    }
    return candidates[number - 1]
  }

  private func check(_ model: PictureModel) throws(GeneratorError) {
    guard model.identity == self.model else {
      throw GeneratorError(
        code: "guided.model", message: "the session was begun with \(self.model.name) \(self.model.version)",
        remedy: "go on with that model, or begin another session")
    }
    // A stored session may have been changed by anybody.
    let styles = candidates + kept + rejected + locks.map(\.style)
    guard styles.allSatisfy({ $0.count == model.network.plan.style }), candidates.count == count,
      (2...64).contains(count), (1...10_000).contains(round), locks.allSatisfy({ $0.lies(in: model) }),
      guide?.fits(side: model.side) ?? true
    else {
      throw GeneratorError(
        code: "guided.session", message: "the session does not fit its model",
        remedy: "begin a new session in another folder")
    }
  }

  private mutating func note(_ actor: Step.Actor, _ text: String) {
    log.append(Step(round: round, actor: actor, text: text))
  }

  private static func list(_ numbers: [Int]) -> String {
    (numbers.count == 1 ? "candidate " : "candidates ") + numbers.map(String.init).joined(separator: ", ")
  }

  private mutating func search(_ model: PictureModel) {
    round += 1
    let search = GuidedSearch(model: model, guide: guide, locks: locks, seed: seed, round: round)
    let found = search.candidates(count, kept: kept, rejected: rejected)
    candidates = found.styles
    note(.model, found.summary)
  }
}
