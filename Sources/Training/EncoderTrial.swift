import Detectors
import Diagnostics
public import Evaluation
public import Foundation
import ImageFormats
internal import NeuralNetworks
import Tensors

/// Whether training the encoder's last blocks finds more than a linear head on the frozen encoder.
///
/// Training pictures are judged after ``Laundering/web``, each by networks that never saw its fifth of the owners. For each
/// fifth a head is fitted to the frozen class tokens of all blocks, and then the last blocks and that head are trained on. The next fifth tells after
/// how many rounds either stops; the rest is what is learned from. What ships stays as it is.
///
/// Source: Kumar et al. 2022, arXiv:2202.10054 (the head first).
public struct EncoderTrial: Sendable {
  public struct Settings: Sendable {
    public var seed: UInt64 = 1
    /// Pictures to take, half of them generated, from all sources as evenly as these allow.
    public var pictures = 1500
    /// How many of the encoder's last blocks are trained.
    public var blocks = 1
    /// Times that about all pictures are gone through, at most.
    public var rounds = 4
    public var batch = 16
    public var rate: Float = 1e-5
    public var weightDecay: Float = 0.05
    /// The same of the head on the frozen encoder, whose steps take no time.
    public var headRounds = 40
    public var headBatch = 64
    public var headRate: Float = 1e-4
    /// Of the running average that is judged.
    public var averaging: Float = 0.98

    public init() {}
  }

  /// What a trial gives.
  public struct Outcome: Sendable, Codable {
    public var pictures: Int
    public var sources: Int
    public var owners: Int
    /// After how many rounds the training of the blocks stopped, of each fifth; 0 where the frozen encoder was best.
    public var rounds: [Int]
    public var comparison: PairedComparison
  }

  private let items: [PictureIndex.Item]
  private let folder: URL
  private let settings: Settings
  private let encoder: VisionTransformer
  private let report: @Sendable (String) -> Void

  /// - Parameters:
  ///   - index: of which the training pictures are used.
  ///   - folder: where tokens, checkpoints and what was found are kept.
  ///   - report: told what was finished.
  /// - Throws: ``DetectorError`` where the program was installed without the encoder.
  public init(
    index: PictureIndex, folder: URL, settings: Settings,
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(DetectorError) {
    items = index.trainingPictures(settings.pictures, seed: settings.seed)
    (self.folder, self.settings, self.report) = (folder, settings, report)
    encoder = try PictureEncoder.installed.get().transformer
    precondition(
      (1..<encoder.configuration.blocks).contains(settings.blocks),
      "\(settings.blocks) blocks cannot be trained")
  }

  public func run() throws -> Outcome {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try RunFolder(folder).claim(for: ["\(settings)"] + items.map { "\($0.path)\t\($0.owner)" })
    let pictures = try fill()
    report("\(pictures.count) pictures have their tokens")
    let start = TunedEncoder(encoder.lastBlocks(settings.blocks), encoder.configuration)
    let frozen = try classTokens(pictures, start)
    report("the frozen encoder has seen them")
    var judged = [(frozen: Double, tuned: Double)?](repeating: nil, count: pictures.count)
    var rounds: [Int] = []
    for fold in 0..<PictureIndex.folds {
      let places = pictures.indices.filter { pictures[$0].fold == fold }
      let found = try judge(fold, pictures, features: frozen, start: start)
      rounds.append(found.round)
      for (place, scores) in zip(places, zip(found.frozen, found.tuned)) { judged[place] = scores }
      report("fifth \(fold) of the owners: judged without it, after \(found.round) rounds")
    }
    return Outcome(
      pictures: pictures.count, sources: Set(pictures.map(\.source)).count,
      owners: Set(pictures.map(\.owner)).count, rounds: rounds,
      comparison: PairedComparison(
        zip(pictures, judged).compactMap { picture, scores in
          scores.map {
            PairedComparison.Picture(
              isGenerated: picture.isGenerated, source: picture.source, owner: picture.owner,
              before: $0.frozen,
              after: $0.tuned)
          }
        }))
  }

  // MARK: - Tokens

  private func file(_ item: PictureIndex.Item) -> URL {
    let name = URL(filePath: item.path).lastPathComponent
    return folder.appending(path: "tokens/\(item.source)/\(name).tokens")
  }

  /// Computes the tokens that are missing.
  ///
  /// - Returns: the pictures that could be decoded.
  private func fill() throws -> [PictureIndex.Item] {
    let c = encoder.configuration
    let known = c.blocks - settings.blocks
    let filled = try items.mapConcurrently { item, number -> PictureIndex.Item? in
      let file = file(item)
      if number % 100 == 99 { report("\(number + 1) of \(items.count) pictures") }
      if FileManager.default.fileExists(atPath: file.path) { return item }
      guard let decoded = try? ImageFile(path: item.path).decode() else { return nil }
      let view = encoder.view(of: try Laundering.web.apply(to: decoded.image))
      guard let encoding = encoder.encode(view, tokensAfter: [known - 1]).first,
        let tokens = encoding.tokens[known - 1]
      else { return nil }
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      let all = Tensor.stacked([encoding.classTokens.rows(0..<known), tokens])
      try Safetensors(tensors: ["tokens": all]).write(to: file.path, as: .half)
      return item
    }
    return filled.compactMap { $0 }
  }

  /// What ``TunedEncoder`` takes, of several pictures.
  private func inputs(_ items: [PictureIndex.Item]) throws -> Tensor {
    let parts = try items.map { item -> Tensor in
      let path = file(item).path
      guard let tokens = try Safetensors(path: path).tensors["tokens"], tokens.shape.rank == 2 else {
        throw DetectorError(
          code: "detector.features", location: .init(file: path), message: "the file holds no tokens",
          remedy: "remove it, and they are computed again")
      }
      return tokens.reshaped(to: [1, tokens.shape[0], tokens.shape[1]])
    }
    return Tensor.stacked(parts)
  }

  // MARK: - Training

  /// The class tokens of all blocks, [N, blocks · width].
  private func classTokens(_ pictures: [PictureIndex.Item], _ network: TunedEncoder) throws -> Tensor {
    try Tensor.stacked(
      chunks(pictures).map { network.classTokens(Tape.inference().constant(try inputs($0))).tensor })
  }

  private func chunks(_ pictures: [PictureIndex.Item]) -> [[PictureIndex.Item]] {
    stride(from: 0, to: pictures.count, by: settings.batch).map {
      Array(pictures[$0..<min(pictures.count, $0 + settings.batch)])
    }
  }

  /// What was found of a fifth.
  private struct Judgement: Codable {
    var round: Int
    var frozen: [Double]
    var tuned: [Double]
  }

  private func judge(
    _ fold: Int, _ pictures: [PictureIndex.Item], features: Tensor, start: TunedEncoder
  ) throws -> Judgement {
    let done = folder.appending(path: "fold-\(fold).json")
    if let known = try? JSONDecoder().decode(Judgement.self, from: Data(contentsOf: done)) { return known }
    let next = (fold + 1) % PictureIndex.folds
    func places(_ isWanted: (Int) -> Bool) -> [Int] {
      pictures.indices.filter { isWanted(pictures[$0].fold) }
    }
    let (tested, stopping) = (places { $0 == fold }, places { $0 == next })
    let learned = places { $0 != fold && $0 != next }
    for part in [stopping, learned] where Set(part.map { pictures[$0].isGenerated }).count < 2 {
      throw DetectorError(
        code: "detector.classes", message: "without a fifth of the owners a class has no picture",
        remedy: "give real and generated pictures by at least five owners each")
    }
    var network = start
    network.standardise(by: features, of: learned)
    let labels = pictures.map { $0.isGenerated ? 1 : 0 as Float }
    let rows = network.standardised(Tape.inference().constant(features)).tensor
    network.head = try fitHead(rows, labels, learned: learned, stopping: stopping)
    let frozen = network.head.infer(rows).values
    var best = (round: 0, loss: loss(stopping.map { frozen[$0] }, stopping.map { labels[$0] }))
    report("fifth \(fold), frozen: loss \(best.loss) of the fifth that stops it")
    var tuned = tested.map { Double(frozen[$0]) }

    var run = SupervisedRun(
      network: network, optimiser: AdamW(weightDecay: settings.weightDecay),
      schedule: .cosine(
        peak: settings.rate, warmUp: 20, steps: settings.rounds * steps(learned.count, settings.batch),
        floor: 0),
      averageDecay: settings.averaging
    ) { network, batch, tape in network(tape.constant(batch.images)).binaryCrossEntropy(batch.targets) }
    let place = folder.appending(path: "fold-\(fold)")
    for round in 1...max(1, settings.rounds) {
      let trainer = Trainer(
        folder: place.path, seed: settings.seed, steps: round * steps(learned.count, settings.batch),
        checkpointInterval: .max, logInterval: 10)
      try trainer.train(&run, batchSize: settings.batch) { step in
        let drawn = draw(learned, labels, settings.batch, step: step)
        return LabelledBatch(
          images: try inputs(drawn.map { pictures[$0] }),
          targets: Tensor(drawn.map { labels[$0] }, shape: [drawn.count]))
      }
      let now = run.average.network
      func logits(_ places: [Int]) throws -> [Float] {
        try chunks(places.map { pictures[$0] }).flatMap { now.infer(try inputs($0)).values }
      }
      let loss = loss(try logits(stopping), stopping.map { labels[$0] })
      report("fifth \(fold), round \(round): loss \(loss) of the fifth that stops it")
      if loss < best.loss {
        best = (round, loss)
        tuned = try logits(tested).map(Double.init)
      }
    }
    let found = Judgement(round: best.round, frozen: tested.map { Double(frozen[$0]) }, tuned: tuned)
    try JSONEncoder().encode(found).write(to: done, options: .atomic)
    try? FileManager.default.removeItem(atPath: place.appending(path: "checkpoint.safetensors").path)
    return found
  }

  /// The head on the frozen encoder, after the round in which the fifth that stops it was told best.
  private func fitHead(_ rows: Tensor, _ labels: [Float], learned: [Int], stopping: [Int]) throws -> Linear {
    func gathered(_ places: [Int]) -> Tensor { Tensor.stacked(places.map { rows.rows($0..<$0 + 1) }) }
    let held = gathered(stopping)
    let truth = stopping.map { labels[$0] }
    var run = SupervisedRun(
      network: Linear(unset: rows.shape.channels, 1), optimiser: AdamW(weightDecay: settings.weightDecay),
      schedule: .constant(settings.headRate), averageDecay: settings.averaging
    ) { network, batch, tape in network(tape.constant(batch.images)).binaryCrossEntropy(batch.targets) }
    var best: (head: Linear, loss: Double)?
    let round = steps(learned.count, settings.headBatch)
    for step in 0..<settings.headRounds * round {
      let drawn = draw(learned, labels, settings.headBatch, step: step)
      let batch = LabelledBatch(
        images: gathered(drawn), targets: Tensor(drawn.map { labels[$0] }, shape: [drawn.count]))
      _ = try run.step(batch, number: step, random: RandomStream(seed: settings.seed, stream: UInt64(step)))
      guard step % round == round - 1 else { continue }
      let head = run.average.network
      let loss = loss(head.infer(held).values, truth)
      if loss < best?.loss ?? .infinity { best = (head, loss) }
    }
    return best?.head ?? run.average.network
  }

  private func steps(_ count: Int, _ batch: Int) -> Int { max(1, count / batch) }

  /// Places of a step, every other one of a generated picture.
  private func draw(_ places: [Int], _ labels: [Float], _ count: Int, step: Int) -> [Int] {
    var random = RandomStream(seed: settings.seed, stream: 1 << 54 + UInt64(step))
    let classes = [places.filter { labels[$0] == 0 }, places.filter { labels[$0] == 1 }]
    return (0..<count).map { number in
      let kind = classes[number % 2]
      return kind[random.integer(in: 0..<kind.count)]
    }
  }

  /// The mean of the classes' mean cross entropies.
  private func loss(_ logits: [Float], _ labels: [Float]) -> Double {
    let parts = [Float(0), 1].map { label in
      let costs = zip(logits, labels).filter { $0.1 == label }.map { logit, _ in
        log1p(exp(Double(label == 1 ? -logit : logit)))
      }
      return costs.reduce(0, +) / Double(max(1, costs.count))
    }
    return (parts[0] + parts[1]) / 2
  }
}

/// The encoder's last blocks and a linear head on the class tokens of all blocks.
struct TunedEncoder: Layer {
  var blocks: [TransformerBlock]
  var head: Linear
  /// What the class tokens are taken from and divided by, [1, blocks · width].
  private var means: Tensor
  private var spreads: Tensor
  /// The blocks before, whose class tokens are given.
  private let known: Int

  init(_ blocks: [TransformerBlock], _ c: VisionTransformer.Configuration) {
    self.blocks = blocks
    known = c.blocks - blocks.count
    let inputs = c.blocks * c.width
    head = Linear(unset: inputs, 1)
    means = Tensor([1, inputs])
    spreads = Tensor([1, inputs], repeating: 1)
  }

  /// Takes each number in units of its spread over some of the rows of `features`, [N, blocks · width].
  mutating func standardise(by features: Tensor, of places: [Int]) {
    let rows = Tensor.stacked(places.map { features.rows($0..<$0 + 1) })
    let one: Shape = [1, features.shape[1]]
    means = rows.sum(to: one) / Float(places.count)
    spreads = ((rows - means).squared().sum(to: one) / Float(places.count) + 1e-8).squareRoot()
  }

  /// - Parameter x: [N, known + tokens, width]: the class tokens after the blocks before, then the tokens after the last of
  ///   these.
  /// - Returns: the class tokens after all blocks, [N, blocks · width].
  func classTokens(_ x: Variable) -> Variable {
    let samples = x.shape[0]
    var found = [x.tokens(0..<known)]
    var tokens = x.tokens(known..<x.shape[1])
    for (place, block) in blocks.enumerated() {
      tokens = block(tokens, queries: place + 1 == blocks.count ? 1 : tokens.shape[1])
      found.append(tokens.tokens(0..<1))
    }
    return Variable.joinedChannels(
      found.map { $0.reshaped(to: [samples, $0.shape[1] * $0.shape[2]]) })
  }

  /// In units of their spread, and within the bound of the detector's heads.
  func standardised(_ features: Variable) -> Variable {
    let tape = features.tape
    return ((features - tape.constant(means)) / tape.constant(spreads))
      .clamped(to: -DetectorHead.bound...DetectorHead.bound)
  }

  /// Logits [N, 1].
  func callAsFunction(_ x: Variable) -> Variable { head(standardised(classTokens(x))) }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    for place in blocks.indices { blocks[place].visitParameters(visitor["blocks"][place]) }
    head.visitParameters(visitor["head"])
  }
}
