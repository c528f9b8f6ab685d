import ArgumentParser
import Console
import Diagnostics
import Foundation
import Generators
import ImageFormats

/// What the commands that train generators have in common.
struct GeneratorTraining: ParsableArguments {
  @Option(help: "EfficientNet-Lite0's weights (safetensors).")
  var features: String

  @Option(name: .shortAndLong, help: "Where to write the weights.")
  var output: String

  @Option(help: "The model's version.")
  var modelVersion = "1.0"

  @Option(help: "Minutes after which training stops and keeps its checkpoint.")
  var minutes: Double?

  @Option(help: "Seed of weights, batches and augmentation.")
  var seed: UInt64 = 1

  @Flag(help: "Overwrite what exists.")
  var force = false

  @Flag(help: "Print one JSON object: file and bytes.")
  var json = false

  var limit: Duration? { minutes.map { .seconds($0 * 60) } }

  /// Trains, with a place for samples, and writes the weights.
  ///
  /// - Parameters:
  ///   - folder: of the run; samples go there, marked like everything else, with a key that nobody keeps.
  ///   - train: gives the weights' bytes.
  func write(
    to folder: String,
    _ train: (_ keep: @escaping (_ step: Int, _ sheet: GeneratedImage) throws -> Void) throws -> Data
  ) throws {
    Terminal.error("seed \(seed)\n")
    let marker = try OutputMarker(testKeyAt: Date())
    let bytes = try train { step, sheet in
      try marker.mark(sheet).write(to: "\(folder)/samples-\(step).png", overwrite: true)
    }
    try writeAtomically(Array(bytes), to: output, overwrite: force)
    try reportWeights(output, bytes: bytes.count, json: json)
  }
}

/// Prints where weights were written.
func reportWeights(_ path: String, bytes: Int, json: Bool) throws {
  struct Line: Encodable {
    var file: String
    var bytes: Int
  }
  Terminal.out(json ? try JSONLine.of(Line(file: path, bytes: bytes)) : "\(path): \(bytes) bytes\n")
}
