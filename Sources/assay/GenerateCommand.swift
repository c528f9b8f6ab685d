import ArgumentParser
import Console
import Diagnostics
import Foundation
import Generators
import Tensors

struct GenerateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Make pictures with a model; every one is marked.",
    subcommands: [GenerateGANCommand.self, GenerateGuidedCommand.self, GeneratePanoramaCommand.self])
}

struct GenerateGANCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gan", abstract: "Make pictures from seeds.",
    discussion: """
      The same seed gives the same pixels on any number of threads. Each file carries a watermark, XMP and signed \
      Content Credentials; there is no option without them. With --scale a second model enlarges what the first one \
      made, before it is marked; the credentials name both. Printed are each file and the identifier that its watermark \
      carries.

      EXAMPLES
        assay generate gan --model landscapes --seed 7 --count 20 -o out
        assay generate gan --model flowers --seed 7 --interpolate 8 --count 9 --grid -o out
        assay generate gan --model flowers --seed 7 --mix 8 --crossover 32 -o out
        assay generate gan --model flowers --seed 7 --scale 4 -o out
      """)

  @Option(help: "A model that ships with Assay, or a .safetensors file.")
  var model: String

  @Option(help: "The seed, a whole number from 0.")
  var seed: UInt64 = 1

  @Option(help: "How many pictures.")
  var count = 1

  @Option(help: "1 draws from all that was learned, less nearer to the average, 0...1.5.")
  var truncation: Float = 1

  @Option(help: ArgumentHelp("Go evenly from --seed to this one in --count pictures.", valueName: "seed"))
  var interpolate: UInt64?

  @Option(help: ArgumentHelp("Take the fine layers from this seed.", valueName: "seed"))
  var mix: UInt64?

  @Option(help: "The side of the first layer that counts as fine: a power of two from 4.")
  var crossover = 32

  @Option(help: "Enlarge 2 or 4 times.")
  var scale: UpsamplerModel.Scale?

  @Option(help: "The model of --scale: a shipped one, or a .safetensors file. (default: upsampler)")
  var upsampler: String?

  @Flag(help: "Write one sheet of all pictures in place of a file for each.")
  var grid = false

  @Option(help: "Format of the pictures: png, jpeg or webp.")
  var pictureFormat = OutputMarker.Format.png

  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String

  @OptionGroup var marking: MarkingOptions

  /// Of a sheet, in pixels without the gaps.
  private static let widestSheet = 2560

  func validate() throws {
    guard (1...100_000).contains(count) else { throw ValidationError("--count is 1...100000") }
    guard (0...1.5).contains(truncation) else { throw ValidationError("--truncation is 0...1.5") }
    guard upsampler == nil || scale != nil else {
      throw ValidationError("--upsampler is the model of --scale")
    }
    guard (4...512).contains(crossover), crossover.nonzeroBitCount == 1 else {
      throw ValidationError("--crossover is a power of two in 4...512")
    }
  }

  func run() async throws {
    let model = try PictureModel(model)
    let across = Self.widestSheet / (model.side * (scale?.rawValue ?? 1))
    guard !grid || count <= across * across else {
      throw ValidationError("--grid takes at most \(across * across) pictures of this model and --scale")
    }
    let enlargement = try scale.map { (scale: $0, model: try UpsamplerModel(upsampler ?? "upsampler")) }
    let marker = try marking.marker(pictureFormat)
    @Sendable func picture(_ request: PictureModel.Request) throws -> GeneratedImage {
      let picture = model.picture(request)
      return try enlargement.map { try $0.model.upscale(picture, by: $0.scale) } ?? picture
    }
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    Terminal.error("seed \(seed)\n")
    let requests = (0..<count).map(request)
    if grid {
      let pictures = try await Self.inOrder(count) { try picture(requests[$0]) }
      let sheet = PictureModel.sheet(
        pictures, columns: interpolate == nil ? Int(Double(count).squareRoot().rounded(.up)) : min(count, 10))
      try save(try marker.mark(sheet), as: "\(model.identity.name)-\(seed)-grid")
      return
    }
    let force = marking.force
    let folder = output
    _ = try await Self.inOrder(count) { index in
      let file = try marker.mark(picture(requests[index]))
      let path = "\(folder)/\(model.identity.name)-\(seed)-\(index).\(file.format.fileExtension)"
      try file.write(to: path, overwrite: force)
      return (path, file.identifier)
    } each: { result in
      try marking.report(result.0, result.1)
    }
  }

  private func request(_ index: Int) -> PictureModel.Request {
    var request = PictureModel.Request(seed: seed, index: interpolate == nil ? index : 0)
    request.truncation = truncation
    if let interpolate {
      request.toward = .init(seed: interpolate, place: count > 1 ? Float(index) / Float(count - 1) : 0)
    }
    if let mix { request.fine = .init(seed: mix, crossover: crossover) }
    return request
  }

  private func save(_ file: OutputMarker.MarkedFile, as name: String) throws {
    let path = "\(output)/\(name).\(file.format.fileExtension)"
    try file.write(to: path, overwrite: marking.force)
    try marking.report(path, file.identifier)
  }

  /// Makes results on as many threads as the engine uses, one thread each, and gives them in order.
  private static func inOrder<Result: Sendable>(
    _ count: Int, make: @escaping @Sendable (Int) throws -> Result, each: (Result) throws -> Void = { _ in }
  ) async throws -> [Result] {
    var indices = (0..<count).makeIterator()
    var results: [Result] = []
    Progress.begin("making", "pictures", of: count)
    try await OrderedTasks.run(
      workers: Parallelism.threads, next: { indices.next() },
      make: { index in try Parallelism.withThreads(1) { try make(index) } },
      emit: { result in
        try Task.checkCancellation()
        try each(result)
        results.append(result)
        Progress.advance()
      })
    try Task.checkCancellation()
    return results
  }
}
